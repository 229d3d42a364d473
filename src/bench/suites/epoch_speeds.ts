// A part of the suite `epoch`: whether a training is still as fast in its last epoch as in its first, when
// the optimizer's state has decayed and other units are active.
import { median } from 'simple-statistics';
import { type Dataset, slice } from '../../data/dataset.ts';
import type { Executor } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import { type OpenOptions, open } from '../../engine/open.ts';
import { lower } from '../../network/lower.ts';
import type { Recipe } from '../../network/recipe.ts';
import { parseNetwork } from '../../network/spec.ts';
import { findRecipe } from '../../training/recipes.ts';
import { train } from '../../training/trainer.ts';
import { writeDataset } from '../../training/transfer.ts';
import type { BenchCase, BenchJob, EpochSpeeds, OnTiming } from '../report.ts';
import { SEED } from '../work.ts';
import { variants } from './variants.ts';

const EPOCHS = 10;
/**
 * The peak of the recipe `standard`: that of `quick`, for two epochs of a small network, is too high for
 * larger ones.
 */
const LEARNING_RATE = findRecipe('standard').recipe.learningRate;

/** The cases of our variants, each with a whole training of its network. */
export async function withEpochs(
  cases: readonly BenchCase[],
  job: BenchJob,
  dataset: Dataset,
  host: Host,
  onTiming: OnTiming,
): Promise<BenchCase[]> {
  const found: BenchCase[] = [];
  for (const each of cases) {
    const { name, network, batch } = each;
    const variant = variants(host, job).find((one) => name === `${network} ${one.name}`)!;
    const recipe: Recipe = {
      ...findRecipe('quick').recipe,
      name: 'ten epochs',
      epochs: EPOCHS,
      batch,
      learningRate: LEARNING_RATE,
    };
    const onEpoch = (epoch: number) =>
      onTiming(`${variant.name}, epoch ${epoch} of ${EPOCHS}`, epoch / EPOCHS);
    const epochs = await speedsOf(network, recipe, variant.options, job.seconds, dataset, host, onEpoch);
    found.push({ ...each, epochs });
  }
  return found;
}

/** Medians over as many trainings as there is time for, one at least. */
async function speedsOf(
  network: string,
  recipe: Recipe,
  options: OpenOptions,
  seconds: number,
  dataset: Dataset,
  host: Host,
  onEpoch: (epoch: number) => void,
): Promise<EpochSpeeds> {
  // A training evaluates after each epoch, outside of what is timed: one image will do.
  const data = { ...dataset, test: slice(dataset.test, 0, 1) };
  const samples = { train: data.train.count, test: 1 };
  const plan = lower({ network: parseNetwork(network), recipe, seed: SEED, samples });
  const { engine } = await open(host, options);
  try {
    const executor = await engine.prepare(plan);
    await writeDataset(executor, data);
    await warmUp(executor);
    const trainings: number[][] = [];
    const begin = performance.now();
    do {
      const { epochs } = await train(executor, { onEpoch: ({ epoch }) => onEpoch(epoch) });
      trainings.push(epochs.map((each) => each.imagesPerSecond));
    } while (performance.now() - begin < 1000 * seconds);
    const imagesPerSecond = trainings[0].map((_, epoch) => median(trainings.map((each) => each[epoch])));
    return { imagesPerSecond, lastToFirst: imagesPerSecond.at(-1)! / imagesPerSecond[0] };
  } finally {
    engine.dispose();
  }
}

/** One epoch: a first one that also compiles would make the last one look good. */
async function warmUp(executor: Executor): Promise<void> {
  const first = new AbortController();
  await train(executor, { signal: first.signal, onEpoch: () => first.abort() });
}
