// An int8 network held against other runtimes of it, image by image.
import { readFileSync } from 'node:fs';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { decodeModel, type Model } from '../../src/formats/model.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { infer } from '../../src/jobs/evaluate.ts';
import { logitRangeOf, quantiseModel } from '../../src/jobs/quantise.ts';
import { int8Parameters, type QuantisedLayer, quantisedPixel } from '../../src/network/quantisation.ts';

export const IMAGES = 500;
const PIXELS = 784;

/** Roundings to float32 between a sum and what is rounded to an integer, or a logit: at most so many, of 2⁻²⁴. */
const ROUNDING = 6 * 2 ** -24;

export interface Int8Sample {
  readonly model: Model;
  readonly quantised: readonly QuantisedLayer[];
  readonly logitRange: number;
  /** float32 [IMAGES, 784], pixels / 255 */
  readonly pixels: Float32Array;
  /** Of this project's engine. */
  readonly logits: Float32Array;
  /** Images of which no hidden activation is so close to a tie, or beyond 127, that it may be another integer there. */
  readonly clear: readonly number[];
  /** How far the roundings of another order may take a logit. */
  readonly bound: (at: number) => number;
}

/** The recipe quick's network on test images of MNIST. */
export async function int8Sample(): Promise<Int8Sample> {
  const mnist = await loadMnistNode();
  const images = slice(mnist.test, 0, IMAGES);
  const file = decodeModel(readFileSync('models/quick.safetensors'), 'quick');
  const model = await quantiseModel(file, mnist, nodeHost());
  const quantised = model.quantised!;
  const { logits } = await infer({ backend: 'wasm', threads: 1 }, model, images, nodeHost());
  const { kernel0, bias0, scale0, bias1, scale1 } = int8Parameters(quantised);
  const isClear = (image: number) => {
    const x = Array.from(images.images.subarray(image * PIXELS, (image + 1) * PIXELS), quantisedPixel);
    return Array.from(bias0, (bias, unit) => {
      const sum = x.reduce((total, value, i) => total + value * kernel0[unit * PIXELS + i], bias);
      return sum * scale0[unit];
    }).every((value) => {
      const tie = Math.abs(value - Math.floor(value) - 0.5);
      return value <= 127 && tie > ROUNDING * Math.abs(value);
    });
  };
  return {
    model,
    quantised,
    logitRange: logitRangeOf(model, mnist),
    pixels: Float32Array.from(images.images, (pixel) => pixel / 255),
    logits,
    clear: Array.from({ length: IMAGES }, (_, image) => image).filter(isClear),
    bound: (at) => ROUNDING * (Math.abs(logits[at]) + Math.abs(bias1[at % 10] * scale1[at % 10])),
  };
}
