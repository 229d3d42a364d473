// The strongest ways through a network, on one small enough to follow by hand.
import { expect, it } from 'vitest';
import { strongestPaths } from '../../src/app/draw/paths.ts';

const NETWORK = {
  network: { widths: [3, 2, 2] },
  parameters: {
    // [inputs, units]
    kernel0: Float32Array.of(1, -1, 2, 3, 0.5, 4),
    bias0: new Float32Array(2),
    kernel1: Float32Array.of(1, -2, 3, 1),
    bias1: new Float32Array(2),
  },
};

it('leads from the answer back to the ink that spoke for it', () => {
  const image = Float32Array.of(1, 0, 0.5);
  // 1·1 + 0.5·0.5 and 1·(−1) + 0.5·4
  const hidden = Float32Array.of(1.25, 1);
  expect(strongestPaths(NETWORK, [image, hidden], 0)).toEqual([
    { layer: 1, from: 1, to: 0, strength: 3 },
    { layer: 1, from: 0, to: 0, strength: 1.25 },
    { layer: 0, from: 2, to: 1, strength: 2 },
    { layer: 0, from: 0, to: 0, strength: 1 },
    { layer: 0, from: 2, to: 0, strength: 0.25 },
  ]);
  // Unit 0 speaks against class 1, so nothing that excites it is shown.
  expect(strongestPaths(NETWORK, [image, hidden], 1)).toEqual([
    { layer: 1, from: 1, to: 1, strength: 1 },
    { layer: 0, from: 2, to: 1, strength: 2 },
  ]);
});

it('shows none where nothing speaks for the answer but its bias, and the strongest where there are many', () => {
  expect(strongestPaths(NETWORK, [new Float32Array(3), new Float32Array(2)], 0)).toEqual([]);
  const wide = {
    network: { widths: [100, 1] },
    parameters: { kernel0: Float32Array.from({ length: 100 }, (_, i) => i), bias0: new Float32Array(1) },
  };
  const paths = strongestPaths(wide, [new Float32Array(100).fill(1)], 0);
  expect(paths.map(({ from }) => from)).toEqual([99, 98, 97, 96, 95, 94, 93, 92, 91, 90, 89, 88]);
});
