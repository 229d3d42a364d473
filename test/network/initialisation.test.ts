// Initial parameters: the limits of He and Glorot, and the same bits everywhere.
import { describe, expect, it } from 'vitest';
import { initialParameters } from '../../src/network/initialisation.ts';
import { STREAM } from '../../src/network/random.ts';
import { pcg3d } from './pcg3d.ts';

const network = { widths: [784, 128, 10] };

describe.each([
  ['he', [Math.sqrt(6 / 784), Math.sqrt(6 / 128)]],
  ['glorot', [Math.sqrt(6 / (784 + 128)), Math.sqrt(6 / (128 + 10))]],
] as const)('%s', (initialisation, limits) => {
  const parameters = initialParameters(network, initialisation, 1);

  it('is uniform within its limit', () => {
    for (const [index, limit] of limits.entries()) {
      const kernel = parameters[`kernel${index}`];
      const greatest = kernel.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      expect(greatest).toBeLessThanOrEqual(Math.fround(limit));
      expect(greatest).toBeGreaterThan(0.99 * limit);
      const mean = kernel.reduce((a, b) => a + b, 0) / kernel.length;
      const variance = kernel.reduce((sum, weight) => sum + weight * weight, 0) / kernel.length;
      // Four standard errors of the mean, and of a uniform distribution's variance limit²/3.
      expect(Math.abs(mean)).toBeLessThan((4 * limit) / Math.sqrt(3 * kernel.length));
      expect(Math.abs(variance / (limit ** 2 / 3) - 1)).toBeLessThan(4 * Math.sqrt(0.8 / kernel.length));
    }
  });

  it('is the hash of seed, layer and index, rounded once', () => {
    for (const [index, limit] of limits.entries()) {
      const kernel = parameters[`kernel${index}`];
      for (const i of [0, 1, 9, 10, 127, 128, kernel.length - 1]) {
        const unit = Math.floor(pcg3d(1, STREAM.weights + index, i) / 256) / 2 ** 24;
        expect(kernel[i]).toBe(Math.fround((2 * unit - 1) * Math.fround(limit)));
      }
    }
  });
});

describe('initialParameters', () => {
  it('has a kernel and a zero bias for each layer', () => {
    const { kernel0, bias0, kernel1, bias1, ...rest } = initialParameters(network, 'he', 1);
    expect([kernel0.length, kernel1.length]).toEqual([784 * 128, 128 * 10]);
    expect(bias0).toEqual(new Float32Array(128));
    expect(bias1).toEqual(new Float32Array(10));
    expect(rest).toEqual({});
  });

  it('depends on the seed and nothing else', () => {
    expect(initialParameters(network, 'he', 4)).toEqual(initialParameters(network, 'he', 4));
    const { kernel0 } = initialParameters(network, 'he', 4);
    expect(initialParameters(network, 'he', 5).kernel0).not.toEqual(kernel0);
  });

  it('draws other weights for a second layer of the same shape', () => {
    const { kernel0, kernel1 } = initialParameters({ widths: [16, 16, 16] }, 'he', 1);
    expect(kernel1).not.toEqual(kernel0);
  });
});
