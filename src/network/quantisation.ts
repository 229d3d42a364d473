// A trained ReLU network in integers, for inference: weights signed in 8 bits with a scale for each unit,
// activations unsigned in 7 bits with a scale for each layer (as processors multiply them, two products to 16
// bits), sums in 32 bits. One product in float32, correctly rounded, leads from a layer's sums to the next layer's
// integers, so that every engine computes the same bits.
import { InputError } from '../errors.ts';
import type { Parameters } from './initialisation.ts';
import type { TypedArray } from './plan.ts';
import { type Layer, layersOf, type NetworkSpec } from './spec.ts';

/** The largest activation, and the largest magnitude of a weight. */
const MOST = 127;

/** Of {@link quantisedPixel}. */
export const QUANTISED_PIXEL_SCALE = Math.fround(1 / MOST);

/** A pixel in 7 bits: pixel / 255 · 127, rounded, of which none lies halfway between two integers. */
export function quantisedPixel(pixel: number): number {
  return pixel >> 1;
}

/** Sums up to here are exact in float32. */
const MAX_SUM = 2 ** 24;

/** Scales within these keep products of two of them normal numbers of float32. */
const MIN_SCALE = 2 ** -40;
const MAX_SCALE = 2 ** 40;

/** A layer in integers: input ≈ q·inputScale, weight ≈ q·kernelScale[unit], bias ≈ q·inputScale·kernelScale[unit]. */
export interface QuantisedLayer {
  /** [units, inputs] row-major, within ±127 */
  readonly kernel: Int8Array;
  /** [units], of float32 */
  readonly kernelScale: Float32Array;
  /** [units] */
  readonly bias: Int32Array;
  /** Of float32. */
  readonly inputScale: number;
}

/**
 * @param ranges what the activations of each hidden layer are taken to reach: larger ones become as large
 * @throws InputError if a parameter or a range is too large
 */
export function quantise(
  network: NetworkSpec,
  parameters: Parameters,
  ranges: readonly number[],
): QuantisedLayer[] {
  return layersOf(network).map((layer) => {
    const { index } = layer;
    const inputScale = index === 0 ? QUANTISED_PIXEL_SCALE : scaleFor(ranges[index - 1], MOST);
    return quantiseLayer(layer, parameters[`kernel${index}`], parameters[`bias${index}`], inputScale);
  });
}

/** @throws InputError if there is none */
function scaleFor(range: number, integers: number): number {
  const scale = Math.fround(Math.max(range / integers, MIN_SCALE));
  if (scale <= MAX_SCALE) return scale;
  throw new InputError(`numbers as large as ${range}: too large for int8`);
}

function quantiseLayer(
  { inputs, units }: Layer,
  kernel: Float32Array,
  bias: Float32Array,
  inputScale: number,
): QuantisedLayer {
  const layer = {
    kernel: new Int8Array(units * inputs),
    kernelScale: new Float32Array(units),
    bias: new Int32Array(units),
    inputScale,
  };
  for (let unit = 0; unit < units; unit++) {
    const weights = Float32Array.from({ length: inputs }, (_, i) => kernel[i * units + unit]);
    const row = layer.kernel.subarray(unit * inputs, (unit + 1) * inputs);
    let range = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    // A larger scale where sums could be too large for float32.
    for (;;) {
      const scale = scaleFor(range, MOST);
      row.set(weights.map((weight) => Math.round(weight / scale)));
      const quantisedBias = Math.round(bias[unit] / (inputScale * scale));
      layer.kernelScale[unit] = scale;
      layer.bias[unit] = quantisedBias;
      const excess = largestSum(row, quantisedBias) / MAX_SUM;
      if (excess <= 1) break;
      range = scale * MOST * Math.max(excess, 1.01);
    }
  }
  return layer;
}

/** @throws InputError naming the first number that quantise() would not have made */
export function checkQuantised(network: NetworkSpec, quantised: readonly QuantisedLayer[]): void {
  for (const { index, inputs, units } of layersOf(network)) {
    const { kernel, kernelScale, bias, inputScale } = quantised[index];
    const refuse = (what: string) => new InputError(`layer ${index}: ${what}`);
    const scale = [inputScale, ...kernelScale].find((each) => !(each >= MIN_SCALE && each <= MAX_SCALE));
    if (scale !== undefined) throw refuse(`a scale of ${scale}, expected ${MIN_SCALE} to ${MAX_SCALE}`);
    if (index === 0 && inputScale !== QUANTISED_PIXEL_SCALE)
      throw refuse(`pixels with a scale of ${inputScale}, expected ${QUANTISED_PIXEL_SCALE}`);
    if (kernel.includes(-128)) throw refuse('a weight of -128, expected -127 to 127');
    for (let unit = 0; unit < units; unit++) {
      const most = largestSum(kernel.subarray(unit * inputs, (unit + 1) * inputs), bias[unit]);
      if (most > MAX_SUM) throw refuse(`sums of unit ${unit} up to ${most}, expected at most ${MAX_SUM}`);
    }
  }
}

function largestSum(weights: Int8Array, bias: number): number {
  return weights.reduce((sum, weight) => sum + Math.abs(weight), 0) * MOST + Math.abs(bias);
}

/** The float32 parameters that the integers stand for. */
export function dequantise(network: NetworkSpec, quantised: readonly QuantisedLayer[]): Parameters {
  const parameters: Parameters = {};
  for (const { index, inputs, units } of layersOf(network)) {
    const { kernel, kernelScale, bias, inputScale } = quantised[index];
    parameters[`kernel${index}`] = Float32Array.from({ length: inputs * units }, (_, at) => {
      const unit = at % units;
      return kernel[unit * inputs + (at - unit) / units] * kernelScale[unit];
    });
    parameters[`bias${index}`] = Float32Array.from(
      bias,
      (value, unit) => value * inputScale * kernelScale[unit],
    );
  }
  return parameters;
}

/** What a plan of int8Plan() has for parameters. */
export function int8Parameters(quantised: readonly QuantisedLayer[]): {
  readonly [buffer: string]: TypedArray;
} {
  return Object.fromEntries(
    quantised.flatMap(({ kernel, kernelScale, bias, inputScale }, index) => {
      const outputScale = quantised[index + 1]?.inputScale ?? 1;
      const scale = kernelScale.map((each) => (inputScale * each) / outputScale);
      return [
        [`kernel${index}`, kernel],
        [`bias${index}`, bias],
        [`scale${index}`, scale],
      ];
    }),
  );
}
