// The units of a network's first layer: which matter most, and the weights that say what each looks for.
import type { Parameters } from '../network/initialisation.ts';
import { layersOf, type NetworkSpec } from '../network/spec.ts';
import { argmax } from './evaluation.ts';

export interface FirstLayerUnit {
  readonly index: number;
  /** Length of the weights into the unit times length of the weights out of it. */
  readonly importance: number;
  /** The class that it speaks for most; undefined where further layers lie between. */
  readonly favours: number | undefined;
}

export interface Trained {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
}

/**
 * The most important first, equals by index. Neither length alone says anything: a ReLU unit whose weights in
 * are doubled and whose weights out are halved computes the same, and their product stays the same too
 * (Neyshabur et al., Path-SGD, arXiv:1506.02617, section 2). Without a hidden layer the units are the
 * classes, and stay in their order.
 */
export function rankFirstLayer({ network, parameters }: Trained): FirstLayerUnit[] {
  const [first, next, ...further] = layersOf(network);
  const into = columnLengths(parameters.kernel0, first.units);
  if (!next) return Array.from(into, (importance, index) => ({ index, importance, favours: index }));
  return Array.from(into, (length, index) => {
    const out = parameters.kernel1.subarray(index * next.units, (index + 1) * next.units);
    return {
      index,
      importance: length * Math.sqrt(out.reduce((sum, weight) => sum + weight ** 2, 0)),
      favours: further.length === 0 ? argmax(out) : undefined,
    };
  }).sort((a, b) => b.importance - a.importance || a.index - b.index);
}

/**
 * The weights from every input to one unit.
 * @param kernel float32 [inputs, units] row-major
 * @returns float32 [inputs]
 */
export function weightsInto(kernel: Float32Array, units: number, unit: number): Float32Array {
  return Float32Array.from({ length: kernel.length / units }, (_, input) => kernel[input * units + unit]);
}

/** A colour of the palette: red, green and blue from 0 to 255. */
export type Colour = readonly number[];

/**
 * The weights as a picture, whose opacity tells their size: the largest of either sign is drawn in full.
 * @returns RGBA, uint8 [inputs, 4]
 */
export function weightPixels(
  weights: Float32Array,
  positive: Colour,
  negative: Colour,
): Uint8ClampedArray<ArrayBuffer> {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) || 1;
  const pixels = new Uint8ClampedArray(4 * weights.length);
  for (const [i, weight] of weights.entries()) {
    pixels.set(weight > 0 ? positive : negative, 4 * i);
    pixels[4 * i + 3] = (255 * Math.abs(weight)) / largest;
  }
  return pixels;
}

/** @returns float64 [units]: the Euclidean length of each column */
function columnLengths(kernel: Float32Array, units: number): Float64Array {
  const squares = new Float64Array(units);
  for (let i = 0; i < kernel.length; i++) squares[i % units] += kernel[i] ** 2;
  return squares.map(Math.sqrt);
}
