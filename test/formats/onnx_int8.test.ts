// int8 networks as ONNX, run by another implementation of it.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { infer } from '../../src/jobs/evaluate.ts';
import { quantiseModel } from '../../src/jobs/quantise.ts';
import { int8Parameters, quantisedPixel } from '../../src/network/quantisation.ts';
import { onnxSession, ort } from './onnxruntime.ts';

const IMAGES = 500;
/** Roundings to float32 between a sum and what is rounded to an integer, or a logit: at most so many. */
const ROUNDINGS = 6;
const u = 2 ** -24;

it('onnxruntime computes the same logits, but for activations between two integers', async () => {
  const mnist = await loadMnistNode();
  const images = slice(mnist.test, 0, IMAGES);
  const file = decodeModel(readFileSync('models/quick.safetensors'), 'quick');
  const model = await quantiseModel(file, mnist, nodeHost());
  const { network, parameters, quantised } = model;
  const session = await onnxSession(encodeOnnx(network, parameters, { quantised }));
  const pixels = Float32Array.from(images.images, (pixel) => pixel / 255);
  const input = new ort.Tensor('float32', pixels, [IMAGES, 784]);
  const found = (await session.run({ pixels: input })).logits.data as Float32Array;
  const { logits } = await infer({ backend: 'wasm', threads: 1 }, model, images, nodeHost());

  const { kernel0, bias0, scale0, bias1, scale1 } = int8Parameters(quantised!);
  let compared = 0;
  for (let image = 0; image < IMAGES; image++) {
    const row = images.images.subarray(image * 784, (image + 1) * 784);
    const x = Array.from(row, quantisedPixel);
    const values = Array.from(bias0, (bias, unit) => {
      const sum = x.reduce((total, value, i) => total + value * kernel0[unit * 784 + i], bias);
      return sum * scale0[unit];
    });
    const open = values.some((value) => {
      const tie = Math.abs(value - Math.floor(value) - 0.5);
      return tie <= ROUNDINGS * u * Math.abs(value) || value > 127;
    });
    if (open) continue;
    compared++;
    for (let c = 0; c < 10; c++) {
      const at = image * 10 + c;
      const bound = ROUNDINGS * u * (Math.abs(logits[at]) + Math.abs(bias1[c] * scale1[c]));
      expect(Math.abs(found[at] - logits[at])).toBeLessThanOrEqual(bound);
    }
  }
  expect(compared).toBeGreaterThan(0.9 * IMAGES);
});
