// What the tests of training share: a small training on real MNIST, ready on any engine.
import { type Dataset, slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import type { Engine, Executor } from '../../src/engine/engine.ts';
import { lower } from '../../src/network/lower.ts';
import type { Plan } from '../../src/network/plan.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { writeDataset } from '../../src/training/transfer.ts';

export const RECIPE: Recipe = {
  name: 'test',
  epochs: 3,
  batch: 64,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.05,
  schedule: { kind: 'constant' },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

/** 31 batches of 64 and one of 16; 10 evaluation batches of 192 and one of 80. */
export const SAMPLES = 2000;

let mnist: Promise<Dataset> | undefined;

/** The first {@link SAMPLES} training and test images. */
export async function smallMnist(): Promise<Dataset> {
  mnist ??= loadMnistNode();
  const { train, test, ...rest } = await mnist;
  return { ...rest, train: slice(train, 0, SAMPLES), test: slice(test, 0, SAMPLES) };
}

export function planOf(
  { train, test }: Dataset,
  network: string,
  change: Partial<Recipe> = {},
  seed = 1,
): Plan {
  return lower({
    network: parseNetwork(network),
    recipe: { ...RECIPE, ...change },
    seed,
    samples: { train: train.count, test: test.count },
  });
}

/** A plan on an engine with its data set. */
export async function prepared(engine: Engine, plan: Plan, dataset: Dataset): Promise<Executor> {
  const executor = await engine.prepare(plan);
  await writeDataset(executor, dataset);
  return executor;
}
