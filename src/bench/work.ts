// The work of a case, the same for every contestant: a network, the parameters and velocities that it begins
// with, and batches of MNIST.
import type { Dataset, Samples } from '../data/dataset.ts';
import { slice } from '../data/dataset.ts';
import type { Distortion } from '../network/distortion.ts';
import { initialParameters, type Parameters } from '../network/initialisation.ts';
import { int8Plan } from '../network/int8_plan.ts';
import { lower } from '../network/lower.ts';
import { buffersOf, type Plan, sizeOf, type TypedArray } from '../network/plan.ts';
import { int8Parameters, type QuantisedLayer, quantise } from '../network/quantisation.ts';
import { hash, naturalOrder, toUnit } from '../network/random.ts';
import type { Recipe } from '../network/recipe.ts';
import { layersOf, type NetworkSpec, parseNetwork, trainingOperations } from '../network/spec.ts';
import { activationRanges } from '../oracle/calibration.ts';
import { Oracle } from '../oracle/oracle.ts';
import { evaluationRuns } from '../training/schedule.ts';
import { answerSteps } from './answer_steps.ts';

export const LEARNING_RATE = 0.05;
export const MOMENTUM = 0.9;
export const SEED = 1;

/**
 * Batches that a training goes through again and again; why each turn begins anew is told in bench/RULES.md.
 */
const BATCHES = 16;

export interface Work {
  readonly network: string;
  readonly batch: number;
  readonly plan: Plan;
  /** What every contestant begins with, none of its biases zero. */
  readonly parameters: Parameters;
  /** The optimizer's, by the plan's names of the role `state`: zeros, unless the network has trained. */
  readonly state: Parameters;
  /** Visited in their order. */
  readonly train: Samples;
  readonly test: Samples;
  /** Inference is of these integers. */
  readonly quantised?: readonly QuantisedLayer[];
  /** What their logits reach, for peers that have integers for them as well. */
  readonly logitRange?: number;
}

interface WorkOptions {
  /** Images of the training set; left out, BATCHES batches. */
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
  const parameters = biasedParameters(spec, recipe.initialisation);
  const state = Object.fromEntries(
    buffersOf(plan, 'state').map((name) => [name, new Float32Array(sizeOf(plan.buffers[name]))]),
  );
  return { network, batch: recipe.batch, plan, parameters, state, train, test };
}

/** The same network in integers, calibrated on the training images. */
export function quantisedWork(work: Work): Work {
  const { plan, parameters, train } = work;
  const { hidden, logits } = activationRanges(plan.network, plan.recipe, parameters, train);
  // So wide that none is cut off, which runtimes with 8 bits do elsewhere.
  const wide = hidden.map((range) => 1.5 * range);
  return { ...work, quantised: quantise(plan.network, parameters, wide), logitRange: 1.5 * logits };
}

/** What inference of so many images runs, and what it computes with. */
export function inferenceOf(
  { plan: { network, recipe, seed }, parameters, quantised }: Work,
  images: number,
  evaluationBatch?: number,
): { readonly plan: Plan; readonly parameters: { readonly [buffer: string]: TypedArray } } {
  const plan = lower({ network, recipe, seed, samples: { train: 0, test: images }, evaluationBatch });
  return quantised ? { plan: int8Plan(plan), parameters: int8Parameters(quantised) } : { plan, parameters };
}

/** Beside those of src/network/random.ts. */
const BIAS_STREAM = 0x500;
/** Far above MAX_DIFFERENCE: whoever leaves a bias out is wrong in each logit and loss. */
const BIAS_LIMIT = 0.5;

/** As a training begins, but with biases uniform in [−BIAS_LIMIT, BIAS_LIMIT). */
function biasedParameters(spec: NetworkSpec, initialisation: Recipe['initialisation']): Parameters {
  const parameters = initialParameters(spec, initialisation, SEED);
  for (const { index, units } of layersOf(spec)) {
    const random = (unit: number) => 2 * toUnit(hash(SEED, BIAS_STREAM + index, unit)) - 1;
    parameters[`bias${index}`] = Float32Array.from({ length: units }, (_, unit) => BIAS_LIMIT * random(unit));
  }
  return parameters;
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
export function oracleLosses(work: Work): Float64Array {
  const { plan, parameters, state, train } = work;
  const oracle = new Oracle({ ...plan, buffers: withoutTest(plan) });
  oracle.write('trainImages', train.images);
  oracle.write('trainLabels', train.labels);
  oracle.write('trainOrder', naturalOrder(train.count));
  for (const [name, data] of Object.entries({ ...parameters, ...state })) oracle.write(name, data);
  const steps = answerSteps(work);
  const metrics = oracle.run('train', steps);
  return Float64Array.from(steps, ({ slot, rows }) => metrics[2 * slot] / rows);
}

/** The logits of the first test images, in float64, or in the integers that they are to be computed in. @returns [rows, classes] */
export function oracleLogits(work: Work, rows: number): ArrayLike<number> {
  const { test } = work;
  const { plan, parameters } = inferenceOf(work, rows);
  const oracle = new Oracle(plan);
  const inputs = test.images.length / test.count;
  oracle.write('testImages', test.images.subarray(0, rows * inputs));
  oracle.write('testLabels', test.labels.subarray(0, rows));
  oracle.write('testOrder', naturalOrder(rows));
  for (const [name, data] of Object.entries(parameters)) oracle.write(name, data);
  oracle.run('evaluate', evaluationRuns(rows, plan.batch.evaluate)[0].slice(0, 1));
  return oracle.read(`activation${plan.network.widths.length - 1}`);
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
