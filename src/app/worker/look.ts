// What a network answers for a few images, with what its first units do and look for, computed beside the
// engine that trains it.
import { ACTIVATION_CODES, type Activation, activate } from '../../network/activation.ts';
import type { Parameters } from '../../network/initialisation.ts';
import { PIXEL_SCALE } from '../../network/lower.ts';
import { type Layer, layersOf, type NetworkSpec } from '../../network/spec.ts';
import type { LayerPeek, Peek } from '../model/peek.ts';

/** Units of a layer that are shown. */
const SHOWN = 16;

/** @param images uint8 pixels of each */
export function lookInto(
  network: NetworkSpec,
  activation: Activation,
  parameters: Parameters,
  images: readonly Uint8Array[],
): Peek {
  const layers = layersOf(network);
  let inputs = images.map((pixels) => Float32Array.from(pixels, (pixel) => pixel * PIXEL_SCALE));
  const peeks = layers.map((layer): LayerPeek => {
    const isLast = layer.index === layers.length - 1;
    const code = ACTIVATION_CODES[isLast ? 'linear' : activation];
    inputs = inputs.map((x) => forward(x, layer, parameters, code));
    if (isLast) inputs.forEach(softmax);
    const shown = Math.min(SHOWN, layer.units);
    return {
      units: layer.units,
      shown,
      weights: weightsOf(layer, parameters[`kernel${layer.index}`], shown),
      activity: joined(inputs.map((outputs) => outputs.subarray(0, shown))),
    };
  });
  return { probabilities: joined(inputs), layers: peeks };
}

/** What of a message with it needs no copy. */
export function buffersOfPeek({ probabilities, layers }: Peek): ArrayBuffer[] {
  const arrays = [probabilities, ...layers.flatMap(({ weights, activity }) => [weights, activity])];
  return arrays.map(({ buffer }) => buffer as ArrayBuffer);
}

/** @param x [inputs] @returns [units] */
function forward(x: Float32Array, { index, units }: Layer, parameters: Parameters, code: number) {
  const kernel = parameters[`kernel${index}`];
  const y = parameters[`bias${index}`].slice();
  for (let i = 0; i < x.length; i++) {
    const value = x[i];
    if (value === 0) continue;
    for (let u = 0, at = i * units; u < units; u++, at++) y[u] += value * kernel[at];
  }
  for (let u = 0; u < units; u++) y[u] = activate(code, y[u]);
  return y;
}

function softmax(logits: Float32Array): void {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += logits[i] = Math.exp(logits[i] - largest);
  for (let i = 0; i < logits.length; i++) logits[i] /= sum;
}

/** Of the first units, as `LayerPeek` has them. @param kernel [inputs, units] */
function weightsOf({ index, inputs, units }: Layer, kernel: Float32Array, shown: number) {
  if (index > 0) {
    const before = Math.min(SHOWN, inputs);
    const weights = new Float32Array(before * shown);
    for (let i = 0; i < before; i++) weights.set(kernel.subarray(i * units, i * units + shown), i * shown);
    return weights;
  }
  const images = new Int8Array(shown * inputs);
  for (let u = 0; u < shown; u++) {
    let largest = 1e-30;
    for (let i = 0; i < inputs; i++) largest = Math.max(largest, Math.abs(kernel[i * units + u]));
    for (let i = 0; i < inputs; i++)
      images[u * inputs + i] = Math.round((127 * kernel[i * units + u]) / largest);
  }
  return images;
}

function joined(rows: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(rows.length * rows[0].length);
  for (const [n, row] of rows.entries()) all.set(row, n * row.length);
  return all;
}
