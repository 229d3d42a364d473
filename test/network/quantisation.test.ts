// A network's parameters in integers, and back.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { int8Plan } from '../../src/network/int8_plan.ts';
import { lower } from '../../src/network/lower.ts';
import {
  dequantise,
  int8Parameters,
  QUANTISED_PIXEL_SCALE,
  quantise,
  quantisedPixel,
} from '../../src/network/quantisation.ts';
import { NO_TRAINING } from '../../src/network/recipe.ts';
import { layersOf, parseNetwork } from '../../src/network/spec.ts';
import { sampleOf } from '../formats/sample.ts';

describe('quantise', () => {
  it('keeps each weight and bias within half a step', () => {
    const { network, parameters } = sampleOf('20-8-5-4');
    const quantised = quantise(network, parameters, [3, 4]);
    const back = dequantise(network, quantised);
    for (const { index, inputs, units } of layersOf(network)) {
      const { kernelScale, inputScale } = quantised[index];
      for (let unit = 0; unit < units; unit++) {
        const steps = [kernelScale[unit], kernelScale[unit] * inputScale];
        for (let i = 0; i < inputs; i++) {
          const at = i * units + unit;
          const off = Math.abs(back[`kernel${index}`][at] - parameters[`kernel${index}`][at]);
          // Half a step, and what float32 makes of it.
          expect(off).toBeLessThanOrEqual(0.5001 * steps[0]);
        }
        const off = Math.abs(back[`bias${index}`][unit] - parameters[`bias${index}`][unit]);
        expect(off).toBeLessThanOrEqual(0.5001 * steps[1]);
      }
    }
  });

  it('uses all of ±127 for each unit, and 127 for the range of each hidden layer', () => {
    const { network, parameters } = sampleOf('20-8-5-4');
    const quantised = quantise(network, parameters, [3, 4]);
    for (const { index, inputs, units } of layersOf(network)) {
      const { kernel } = quantised[index];
      for (let unit = 0; unit < units; unit++) {
        const row = kernel.subarray(unit * inputs, (unit + 1) * inputs);
        expect(Math.max(...row.map(Math.abs))).toBe(127);
      }
    }
    const scales = quantised.map(({ inputScale }) => inputScale);
    expect(scales).toEqual([QUANTISED_PIXEL_SCALE, Math.fround(3 / 127), Math.fround(4 / 127)]);
  });

  it('leads from sums to the next integers by one scale a unit', () => {
    const { network, parameters } = sampleOf('20-8-4');
    const quantised = quantise(network, parameters, [3]);
    const { scale0, scale1 } = int8Parameters(quantised);
    const [first, second] = quantised;
    expect(scale0[2]).toBe(Math.fround((first.inputScale * first.kernelScale[2]) / second.inputScale));
    expect(scale1[3]).toBe(Math.fround(second.inputScale * second.kernelScale[3]));
  });

  it('takes a larger scale where sums would not be exact in float32', () => {
    const network = parseNetwork('5000-2');
    const parameters = { kernel0: new Float32Array(10_000).fill(1), bias0: new Float32Array(2) };
    const [{ kernel, kernelScale }] = quantise(network, parameters, []);
    const sum = 127 * kernel.subarray(0, 5000).reduce((total, weight) => total + weight, 0);
    expect(sum).toBeLessThanOrEqual(2 ** 24);
    // 2²⁴ / 127 / 5000 is 26.4.
    expect(kernel[0]).toBe(26);
    expect(kernel[0] * kernelScale[0]).toBeCloseTo(1, 1);
  });

  it('keeps the bias of a unit whose weights are all zero', () => {
    const network = parseNetwork('4-2');
    const parameters = { kernel0: new Float32Array(8), bias0: Float32Array.of(0.75, 0) };
    const { bias0 } = dequantise(network, quantise(network, parameters, []));
    expect(bias0[0]).toBeCloseTo(0.75, 6);
    expect(bias0[1]).toBe(0);
  });

  it('refuses what is too large', () => {
    const network = parseNetwork('1-2');
    const parameters = { kernel0: Float32Array.of(1e30, 1), bias0: new Float32Array(2) };
    expect(() => quantise(network, parameters, [])).toThrow(InputError);
    expect(() => quantise(network, parameters, [])).toThrow('too large for int8');
  });
});

it('rounds pixels as a division by their scale does', () => {
  for (let pixel = 0; pixel < 256; pixel++)
    expect(quantisedPixel(pixel)).toBe(Math.round(Math.fround(pixel / 255) / QUANTISED_PIXEL_SCALE));
});

it('plans are in integers between pixels and logits', () => {
  const recipe = { ...NO_TRAINING, name: 'test' };
  const network = parseNetwork('20-8-5-4');
  const plan = int8Plan(lower({ network, recipe, seed: 0, samples: { train: 0, test: 3 } }));
  expect(plan.calls.evaluate.map(({ kernel }) => kernel)).toEqual([
    'gather_batch_int8',
    'dense_forward_int8',
    'dense_forward_int8',
    'dense_output_int8',
    'softmax_cross_entropy',
    'confusion',
  ]);
  const types = [0, 1, 2, 3].map((layer) => plan.buffers[`activation${layer}`].type);
  expect(types).toEqual(['uint8', 'uint8', 'uint8', 'float32']);
  expect(plan.buffers.kernel1).toEqual({ type: 'int8', shape: [5, 8], role: 'parameter' });
});

it('plans of other activations than relu are refused, unless there is no hidden layer', () => {
  const recipe = { ...NO_TRAINING, name: 'test', activation: 'tanh' } as const;
  const planOf = (text: string) =>
    int8Plan(lower({ network: parseNetwork(text), recipe, seed: 0, samples: { train: 0, test: 3 } }));
  expect(() => planOf('20-8-4')).toThrow(
    'network 20-8-4 with tanh: int8 is for networks whose hidden units are relu',
  );
  expect(planOf('20-4').calls.evaluate[1].kernel).toBe('dense_output_int8');
});
