// Initial parameters, the same bits for every engine and browser: uniform, because its only rounding is one
// multiplication (a normal distribution would need logarithms, which differ between browsers).
import { hash, STREAM, toUnit } from './random.ts';
import { layersOf, type NetworkSpec } from './spec.ts';

export const INITIALISATIONS = ['he', 'glorot'] as const;
export type Initialisation = 'he' | 'glorot';

/**
 * Kernels and biases of one network by buffer name: `kernel0` [inputs, units] row-major, `bias0` [units], …
 */
export type Parameters = Record<string, Float32Array>;

/**
 * Kernels uniform in [−limit, limit), biases zero.
 * `he`: limit √(6/inputs) (He et al., arXiv:1502.01852, section 2.2);
 * `glorot`: limit √(6/(inputs+units)) (Glorot and Bengio, AISTATS 2010, equation 16).
 */
export function initialParameters(
  network: NetworkSpec,
  initialisation: Initialisation,
  seed: number,
): Parameters {
  const parameters: Parameters = {};
  for (const { index, inputs, units } of layersOf(network)) {
    const limit = Math.fround(Math.sqrt(6 / (initialisation === 'he' ? inputs : inputs + units)));
    const kernel = new Float32Array(inputs * units);
    for (let i = 0; i < kernel.length; i++) {
      kernel[i] = (2 * toUnit(hash(seed, STREAM.weights + index, i)) - 1) * limit;
    }
    parameters[`kernel${index}`] = kernel;
    parameters[`bias${index}`] = new Float32Array(units);
  }
  return parameters;
}
