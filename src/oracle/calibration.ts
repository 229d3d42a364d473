// How large a network's hidden activations become on images: what scales their integers (quantisation.ts). In float64,
// so that a network has the same int8 form wherever it is made.
import { type Samples, slice } from '../data/dataset.ts';
import type { Parameters } from '../network/initialisation.ts';
import { lower } from '../network/lower.ts';
import { naturalOrder } from '../network/random.ts';
import type { Recipe } from '../network/recipe.ts';
import type { NetworkSpec } from '../network/spec.ts';
import { evaluationRuns } from '../training/schedule.ts';
import { Oracle } from './oracle.ts';

/** Images that are looked at, from all over the set. */
const IMAGES = 2000;

export interface Ranges {
  /** The largest activation of each hidden layer: what cutting off less of them is worth is in bench/NOTES.md. */
  readonly hidden: readonly number[];
  /** The largest magnitude of a logit: what runtimes whose logits are integers need. */
  readonly logits: number;
}

export function activationRanges(
  network: NetworkSpec,
  recipe: Recipe,
  parameters: Parameters,
  samples: Samples,
): Ranges {
  const seen = spread(samples);
  const plan = lower({ network, recipe, seed: 0, samples: { train: 0, test: seen.count } });
  const oracle = new Oracle(plan);
  oracle.write('testImages', seen.images);
  oracle.write('testLabels', seen.labels);
  oracle.write('testOrder', naturalOrder(seen.count));
  for (const [name, values] of Object.entries(parameters)) oracle.write(name, values);
  const outputs = network.widths.slice(1);
  const activations = outputs.map((units) => new Float64Array(seen.count * units));
  for (const step of evaluationRuns(seen.count, plan.batch.evaluate).flat()) {
    oracle.run('evaluate', [{ ...step, slot: 0 }]);
    for (const [layer, units] of outputs.entries()) {
      const batch = oracle.read(`activation${layer + 1}`).subarray(0, step.rows * units);
      activations[layer].set(batch, step.first * units);
    }
  }
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { hidden: activations.slice(0, -1).map(largest), logits: largest(activations.at(-1)!) };
}

/** As many as are looked at, at equal distances: some data sets are ordered by class. */
function spread(samples: Samples): Samples {
  if (samples.count <= IMAGES) return samples;
  const pixels = samples.images.length / samples.count;
  const images = new Uint8Array(IMAGES * pixels);
  const labels = new Uint8Array(IMAGES);
  for (let index = 0; index < IMAGES; index++) {
    const from = Math.floor((index * samples.count) / IMAGES);
    const one = slice(samples, from, from + 1);
    images.set(one.images, index * pixels);
    labels.set(one.labels, index);
  }
  return { count: IMAGES, images, labels };
}
