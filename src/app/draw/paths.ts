// The strongest ways through a network from an image to its answer: which products of a unit's output and a
// weight speak most for the class that was predicted.
import type { Parameters } from '../../network/initialisation.ts';
import { layersOf, type NetworkSpec } from '../../network/spec.ts';

/** What one unit adds to the sum of another in the next layer. */
export interface Connection {
  /** The layer that it leads to; 0 is the first behind the image. */
  readonly layer: number;
  readonly from: number;
  readonly to: number;
  /** Output times weight, above 0. */
  readonly strength: number;
}

/** Connections into each layer. */
const MOST = 12;

/**
 * From the answer backwards: into each layer the strongest connections to the units that the ones behind it
 * begin at.
 * @param outputs of the image from 0 to 1 and of each hidden layer
 */
export function strongestPaths(
  { network, parameters }: { readonly network: NetworkSpec; readonly parameters: Parameters },
  outputs: readonly Float32Array[],
  predicted: number,
): Connection[] {
  const paths: Connection[] = [];
  let targets: readonly number[] = [predicted];
  for (const { index, units } of layersOf(network).toReversed()) {
    const kernel = parameters[`kernel${index}`];
    const output = outputs[index];
    const active = [...output.keys()].filter((unit) => output[unit] !== 0);
    const strongest = targets
      .flatMap((to) =>
        active.map((from) => ({
          layer: index,
          from,
          to,
          strength: output[from] * kernel[from * units + to],
        })),
      )
      .filter(({ strength }) => strength > 0)
      .sort((a, b) => b.strength - a.strength)
      .slice(0, MOST);
    paths.push(...strongest);
    targets = [...new Set(strongest.map(({ from }) => from))];
  }
  return paths;
}
