// The fields of `mnist-kernels/train@1` that tools rely on, wherever the training ran.
import { expect } from 'vitest';

const text = expect.stringMatching(/\S/);
const count = expect.any(Number);

/** @param report as it was read from JSON */
export function expectTrainReport(report: unknown, epochs: number, classes: number): void {
  expect(report).toMatchObject({
    schema: 'mnist-kernels/train@1',
    environment: {
      runtime: text,
      userAgent: text,
      backend: expect.stringMatching(/^(webgpu|wasm|tfjs)$/),
      adapter: text,
      threads: count,
      simd: text,
    },
    network: expect.stringMatching(/^\d+(-\d+)+$/),
    recipe: { name: text, epochs, batch: count, learningRate: count },
    seed: count,
    batch: count,
    epochs: Array.from({ length: epochs }, (_, index) => ({
      epoch: index + 1,
      trainLoss: count,
      testAccuracy: count,
      seconds: count,
      imagesPerSecond: count,
    })),
    seconds: count,
    test: { accuracy: count, loss: count, confusion: squareOf(classes) },
    parameters: { count, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
}

function squareOf(classes: number) {
  return Array.from({ length: classes }, () => Array.from({ length: classes }, () => count));
}
