// The logits of a model that was read, by this project's own engine, on images of MNIST's test set.
import { expect } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import type { Model } from '../../src/formats/model.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { infer } from '../../src/jobs/evaluate.ts';

export const IMAGES = 1000;

const mnist = loadMnistNode();

/** Pixels / 255, float32 [1000, 784]. */
export async function pixelsOfMnist(): Promise<Float32Array> {
  const { test } = await mnist;
  return Float32Array.from(test.images.subarray(0, IMAGES * 784), (pixel) => pixel / 255);
}

/** float32 [1000, classes] */
export async function logitsOf(model: Model): Promise<Float32Array> {
  const { test } = await mnist;
  const samples = {
    count: IMAGES,
    images: test.images.subarray(0, IMAGES * 784),
    labels: test.labels.subarray(0, IMAGES),
  };
  const { logits } = await infer({ backend: 'wasm', threads: 1 }, model, samples, nodeHost());
  return logits;
}

/** Each differs by at most 10⁻⁵ of the largest: sums of 784 products, added in another order. */
export function expectSameLogits(found: Float32Array, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  const size = found.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const off = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(size).toBeGreaterThan(0.1);
  expect(off / size).toBeLessThan(1e-5);
}
