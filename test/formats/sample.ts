// A network with parameters, some pixels, and the logits that follow: what an exported model is held against.
import { ACTIVATION_CODES, type Activation, activate } from '../../src/network/activation.ts';
import { initialParameters, type Parameters } from '../../src/network/initialisation.ts';
import { hash, toUnit } from '../../src/network/random.ts';
import { layersOf, type NetworkSpec, parseNetwork } from '../../src/network/spec.ts';

export interface Sample {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  readonly rows: number;
  /** [rows, inputs] */
  readonly pixels: Float32Array;
  /** [rows, classes], worked out in float64. */
  readonly logits: readonly (readonly number[])[];
}

/** Its pixels and biases are random, so that none can be left out unnoticed. */
export function sampleOf(text: string, rows = 3, activation: Activation = 'relu'): Sample {
  const network = parseNetwork(text);
  const parameters = initialParameters(network, 'he', 4);
  for (const { index, units } of layersOf(network)) {
    parameters[`bias${index}`] = Float32Array.from(
      { length: units },
      (_, u) => toUnit(hash(1, index, u)) - 0.5,
    );
  }
  const [inputs] = network.widths;
  const pixels = Float32Array.from({ length: rows * inputs }, (_, i) => toUnit(hash(2, 0, i)));
  const logits = layersOf(network).reduce<number[][]>(
    (batch, { index, units }) =>
      batch.map((row) =>
        Array.from({ length: units }, (_, u) => {
          const kernel = parameters[`kernel${index}`];
          const sum = row.reduce(
            (total, x, i) => total + x * kernel[i * units + u],
            parameters[`bias${index}`][u],
          );
          return index < network.widths.length - 2 ? activate(ACTIVATION_CODES[activation], sum) : sum;
        }),
      ),
    Array.from({ length: rows }, (_, r) => [...pixels.subarray(r * inputs, (r + 1) * inputs)]),
  );
  return { network, parameters, rows, pixels, logits };
}
