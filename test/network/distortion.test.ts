// The field's Gaussian, as the kernel `distort` gets it.
import { describe, expect, it } from 'vitest';
import { nodesOf, smoothing } from '../../src/network/distortion_field.ts';

const EXTENT = 56;

describe.each([1, 1.2, 2, 5, 28])('smoothing over %d pixels', (smoothness) => {
  const weights = smoothing(EXTENT, smoothness);
  const nodes = nodesOf(EXTENT);
  const rows = Array.from({ length: nodes }, (_, row) => weights.subarray(row * nodes, (row + 1) * nodes));

  it('keeps the variance: each row has the length 1', () => {
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 6);
  });

  it('has no weight whose products would be subnormal', () => {
    const least = Math.min(...weights.filter((weight) => weight !== 0));
    expect(least).toBeGreaterThanOrEqual(2 ** -40);
  });
});
