// The way to an accuracy, as bench/RULES.md has it, for peers: the same batches, learning rates and initial
// weights as ours, in the peer's own operations.
import { initialParameters, type Parameters } from '../../network/initialisation.ts';
import { shuffledOrder } from '../../network/random.ts';
import type { Optimizer } from '../../network/recipe.ts';
import type { Step } from '../../network/step.ts';
import { stepsPerEpoch, trainingSteps } from '../../training/schedule.ts';
import type { Contestant } from '../contestant.ts';
import type { Lap, Racer } from '../race.ts';
import { pixels, type Work } from '../work.ts';

export type AdamW = Extract<Optimizer, { kind: 'adamw' }>;

/** What a peer does in its own operations. */
export interface Trainee {
  /** From these parameters and a fresh optimizer. */
  begin(parameters: Parameters): void;
  /**
   * One step; it may settle before the device has done it.
   * @param x float32 [rows, inputs] in [0, 1]
   * @param targets float32 [rows, classes], one-hot and smoothed
   */
  step(x: Float32Array, targets: Float32Array, step: Step): void | Promise<void>;
  /** Computes the logits of all test images. @returns float32 [images, classes], in pieces */
  logits(): Promise<Float32Array[]>;
}

/** @throws Error if the recipe's optimizer is not AdamW with Nesterov's momentum, which is what peers have here */
export function adamwOf({ plan }: Work): AdamW {
  const { optimizer } = plan.recipe;
  if (optimizer.kind !== 'adamw' || !optimizer.nesterov)
    throw new Error('races are trained with AdamW and Nesterov’s momentum');
  return optimizer;
}

export async function racer(
  about: Pick<Contestant, 'name' | 'version' | 'threads' | 'dispose'>,
  work: Work,
  trainee: Trainee,
): Promise<Racer> {
  const { plan, train, test } = work;
  const { recipe, network } = plan;
  const [inputs, classes] = [network.widths[0], network.widths.at(-1)!];
  // Made before the clock runs, so that a batch is copied together and nothing more.
  const allPixels = pixels(train, 0, train.count);
  const allTargets = new Float32Array(train.count * classes).fill(recipe.labelSmoothing / classes);
  for (const [sample, label] of train.labels.entries())
    allTargets[sample * classes + label] += 1 - recipe.labelSmoothing;

  const step = (order: Uint32Array, each: Step) => {
    const x = new Float32Array(each.rows * inputs);
    const targets = new Float32Array(each.rows * classes);
    for (let r = 0; r < each.rows; r++) {
      const sample = order[each.first + r];
      x.set(allPixels.subarray(sample * inputs, (sample + 1) * inputs), r * inputs);
      targets.set(allTargets.subarray(sample * classes, (sample + 1) * classes), r * classes);
    }
    return trainee.step(x, targets, each);
  };
  const accuracy = async () => {
    const pieces = await trainee.logits();
    let correct = 0;
    let image = 0;
    for (const logits of pieces) {
      for (let at = 0; at < logits.length; at += classes) {
        const row = logits.subarray(at, at + classes);
        correct += Number(row.indexOf(Math.max(...row)) === test.labels[image++]);
      }
    }
    return correct / test.count;
  };
  const stepsOf = (epoch: number) =>
    trainingSteps(recipe, train.count, epoch, 0, stepsPerEpoch(recipe, train.count));
  const parametersOf = (seed: number) => initialParameters(network, recipe.initialisation, seed);

  // Whatever compiles when it is first used, for the full batch and the last one.
  trainee.begin(parametersOf(0));
  const steps = stepsOf(0);
  for (const each of [steps[0], steps.at(-1)!]) await step(shuffledOrder(0, 0, train.count), each);
  await accuracy();

  return {
    ...about,
    async train(seed) {
      const laps: Lap[] = [];
      const parameters = parametersOf(seed);
      const begin = performance.now();
      trainee.begin(parameters);
      for (let epoch = 0; epoch < recipe.epochs; epoch++) {
        const order = shuffledOrder(seed, epoch, train.count);
        for (const each of stepsOf(epoch)) await step(order, each);
        const testAccuracy = await accuracy();
        laps.push({ milliseconds: performance.now() - begin, testAccuracy });
      }
      return laps;
    },
  };
}
