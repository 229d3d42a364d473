// The work of a case, the same for every contestant: a network, its initial parameters, and batches of MNIST.
import type { Dataset, Samples } from '../src/data/dataset.ts';
import { slice } from '../src/data/dataset.ts';
import type { Distortion } from '../src/network/distortion.ts';
import { initialParameters, type Parameters } from '../src/network/initialisation.ts';
import { lower, type Plan } from '../src/network/plan.ts';
import { naturalOrder } from '../src/network/random.ts';
import type { Recipe } from '../src/network/recipe.ts';
import { layersOf, parseNetwork, trainingOperations } from '../src/network/spec.ts';
import { evaluationRuns, trainingSteps } from '../src/training/schedule.ts';
import { Oracle } from '../test/oracle/oracle.ts';

export const LEARNING_RATE = 0.05;
export const MOMENTUM = 0.9;
const SEED = 1;

/** Steps whose losses are the answer of a training. */
export const ANSWER_STEPS = 3;

/** Batches that a training goes through again and again. */
const BATCHES = 16;

export interface Work {
  readonly network: string;
  readonly batch: number;
  readonly plan: Plan;
  readonly parameters: Parameters;
  /** Visited in their order. */
  readonly train: Samples;
  readonly test: Samples;
}

interface WorkOptions {
  /** Of the training set; left out, BATCHES batches. */
  readonly images?: number;
  /** Left out, the images are as they are. */
  readonly distortion?: Distortion;
}

export function makeWork(
  network: string,
  batch: number,
  dataset: Dataset,
  { images = Math.min(BATCHES * batch, dataset.train.count), distortion }: WorkOptions = {},
): Work {
  const recipe: Recipe = {
    name: 'bench',
    epochs: 1,
    batch,
    optimizer: { kind: 'sgd', momentum: MOMENTUM, weightDecay: 0 },
    learningRate: LEARNING_RATE,
    schedule: { kind: 'constant' },
    initialisation: 'he',
    dropout: 0,
    labelSmoothing: 0,
    ...(distortion && { distortion }),
  };
  return workWith(network, recipe, { ...dataset, train: slice(dataset.train, 0, images) });
}

/** With a recipe of its own. */
export function workWith(
  network: string,
  recipe: Recipe,
  dataset: Pick<Dataset, 'train' | 'test' | 'width' | 'height'>,
): Work {
  const { train, test } = dataset;
  const samples = { train: train.count, test: test.count };
  const spec = parseNetwork(network);
  const plan = lower({ network: spec, recipe, seed: SEED, samples, image: dataset });
  const parameters = initialParameters(spec, recipe.initialisation, SEED);
  return { network, batch: recipe.batch, plan, parameters, train, test };
}

/** Floating-point operations of a training step. */
export function stepOperations({ plan, batch }: Work): number {
  return batch * trainingOperations(plan.network);
}

/** Floating-point operations of inference on so many images. */
export function inferenceOperations({ plan }: Work, images: number): number {
  return 2 * images * layersOf(plan.network).reduce((sum, { inputs, units }) => sum + inputs * units, 0);
}

/** Mean losses of the first steps, in float64. */
export function oracleLosses({ plan, parameters, train }: Work): Float64Array {
  const oracle = new Oracle({ ...plan, buffers: withoutTest(plan) });
  oracle.write('trainImages', train.images);
  oracle.write('trainLabels', train.labels);
  oracle.write('trainOrder', naturalOrder(train.count));
  for (const [name, data] of Object.entries(parameters)) oracle.write(name, data);
  const steps = trainingSteps(plan.recipe, train.count, 0, 0, ANSWER_STEPS);
  const metrics = oracle.run('train', steps);
  return Float64Array.from(steps, ({ slot, rows }) => metrics[2 * slot] / rows);
}

/** Of the first test images, in float64. @returns [rows, classes] */
export function oracleLogits({ plan, parameters, test }: Work, rows: number): ArrayLike<number> {
  const { network, recipe, seed } = plan;
  const small = lower({ network, recipe, seed, samples: { train: 0, test: rows } });
  const oracle = new Oracle(small);
  const inputs = test.images.length / test.count;
  oracle.write('testImages', test.images.subarray(0, rows * inputs));
  oracle.write('testLabels', test.labels.subarray(0, rows));
  oracle.write('testOrder', naturalOrder(rows));
  for (const [name, data] of Object.entries(parameters)) oracle.write(name, data);
  oracle.run('evaluate', evaluationRuns(rows, small.batch.evaluate)[0].slice(0, 1));
  return oracle.read(`activation${network.widths.length - 1}`);
}

/** The test images take room that only inference needs. */
function withoutTest(plan: Plan): Plan['buffers'] {
  return Object.fromEntries(Object.entries(plan.buffers).filter(([name]) => !name.startsWith('test')));
}

/** The pixels of rows `from` … `from + rows − 1` as float32 in [0, 1]. */
export function pixels({ images, count }: Samples, from: number, rows: number): Float32Array {
  const inputs = images.length / count;
  return Float32Array.from(images.subarray(from * inputs, (from + rows) * inputs), (pixel) => pixel / 255);
}
