// The same training, step by step, on an engine and on the float64 oracle: how far do the losses drift apart?

import type { Samples } from '../data/dataset.ts';
import { slice } from '../data/dataset.ts';
import type { Engine } from '../engine/engine.ts';
import { initialParameters } from '../network/initialisation.ts';
import { lower } from '../network/lower.ts';
import { buffersOf, MAX_STEPS_PER_RUN, type Plan } from '../network/plan.ts';
import { shuffledOrder } from '../network/random.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../network/recipe.ts';
import { parseNetwork } from '../network/spec.ts';
import type { Step } from '../network/step.ts';
import { Oracle } from '../oracle/oracle.ts';
import { stepsPerEpoch, trainingSteps } from '../training/schedule.ts';

const STEPS = 200;
const BATCH = 64;
const EPOCHS = 2;
/** 100 steps an epoch, the last of them with fewer rows than the others. */
const SAMPLES = (STEPS / EPOCHS) * BATCH - 21;
const SEED = 1;

/**
 * One random draw is not the worst one, and tfjs rounds more often: its Adam takes 1 − β₂ᵗ in float32, for
 * one.
 */
const SAFETY = 4;

/** The simplest recipe of a training that is compared. */
export const PLAIN: Recipe = {
  name: 'trajectory',
  epochs: EPOCHS,
  batch: BATCH,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.05,
  schedule: { kind: 'one-cycle', warmup: 0.2 },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

/** What is trained for a comparison. */
export interface ComparedTraining {
  readonly network: string;
  readonly recipe: Recipe;
}

/** Between them they use every kernel and every option of a recipe but the activations. */
const TRAININGS: readonly ComparedTraining[] = [
  { network: '784-128-10', recipe: PLAIN },
  {
    network: '784-64-32-10',
    recipe: {
      ...PLAIN,
      optimizer: DEFAULT_OPTIMIZERS.adamw,
      learningRate: 0.002,
      initialisation: 'glorot',
      dropout: 0.1,
      labelSmoothing: 0.1,
    },
  },
];

/** What the oracle found, and how far float32 rounding may lead away from it. */
export interface Reference {
  readonly network: string;
  readonly plan: Plan;
  readonly samples: Samples;
  readonly losses: Float64Array;
  readonly parameters: Float64Array;
  readonly lossBound: number;
  readonly parameterBound: number;
}

/** A row of `validate`. */
export interface TrajectoryResult {
  readonly backend: string;
  readonly reference: 'oracle';
  readonly network: string;
  readonly steps: number;
  /** Largest difference of a step's mean loss. */
  readonly maxLossDifference: number;
  readonly lossBound: number;
  readonly maxParameterDifference: number;
  readonly parameterBound: number;
  readonly pass: boolean;
}

/**
 * Runs the trainings on the oracle, exactly and perturbed.
 *
 * The bound: each kernel of a correct engine is within its float32 bound of the exact result (which
 * `checkKernel` shows); the perturbed oracle moves every element by what such errors likely are. It therefore
 * shows how far such errors, once they have gone through 200 updates, separate two trainings. The bound is
 * SAFETY times the largest separation seen.
 * @param train at least 6400 samples of 784 pixels in 10 classes
 */
export function makeReferences(train: Samples, trainings = TRAININGS): Reference[] {
  const samples = slice(train, 0, SAMPLES);
  return trainings.map(({ network, recipe }) => {
    const plan = lower({
      network: parseNetwork(network),
      recipe,
      seed: SEED,
      samples: { train: SAMPLES, test: 0 },
    });
    const exact = trainOracle(new Oracle(plan), samples);
    const perturbed = trainOracle(new Oracle(plan, { perturb: SEED }), samples);
    return {
      network,
      plan,
      samples,
      ...exact,
      lossBound: SAFETY * maxDifference(exact.losses, perturbed.losses),
      parameterBound: SAFETY * maxDifference(exact.parameters, perturbed.parameters),
    };
  });
}

/** Trains on the engine as the oracle did and compares. */
export async function checkTrajectory(
  engine: Engine,
  backend: string,
  reference: Reference,
): Promise<TrajectoryResult> {
  const { network, plan, samples, lossBound, parameterBound } = reference;
  const executor = await engine.prepare(plan);
  try {
    const losses = new Float64Array(STEPS);
    for (const [name, data] of initialData(plan, samples)) await executor.write(name, data);
    for (const { epoch, steps } of runs(plan.recipe)) {
      await executor.write('trainOrder', shuffledOrder(SEED, epoch, SAMPLES));
      storeLosses(losses, steps, await executor.run('train', steps));
    }
    const parameters = new Float64Array(reference.parameters.length);
    let offset = 0;
    for (const name of buffersOf(plan, 'parameter')) {
      const values = await executor.read(name);
      parameters.set(values, offset);
      offset += values.length;
    }
    const maxLossDifference = maxDifference(losses, reference.losses);
    const maxParameterDifference = maxDifference(parameters, reference.parameters);
    const pass = maxLossDifference <= lossBound && maxParameterDifference <= parameterBound;
    return {
      backend,
      reference: 'oracle',
      network,
      steps: STEPS,
      maxLossDifference,
      lossBound,
      maxParameterDifference,
      parameterBound,
      pass,
    };
  } finally {
    executor.dispose();
  }
}

function trainOracle(oracle: Oracle, samples: Samples): Pick<Reference, 'losses' | 'parameters'> {
  const { plan } = oracle;
  const losses = new Float64Array(STEPS);
  for (const [name, data] of initialData(plan, samples)) oracle.write(name, data);
  for (const { epoch, steps } of runs(plan.recipe)) {
    oracle.write('trainOrder', shuffledOrder(SEED, epoch, SAMPLES));
    storeLosses(losses, steps, oracle.run('train', steps));
  }
  return {
    losses,
    parameters: Float64Array.from(buffersOf(plan, 'parameter').flatMap((name) => [...oracle.read(name)])),
  };
}

function initialData(plan: Plan, samples: Samples): [string, Float32Array | Uint8Array][] {
  return [
    ['trainImages', samples.images],
    ['trainLabels', samples.labels],
    ...Object.entries(initialParameters(plan.network, plan.recipe.initialisation, plan.seed)),
  ];
}

/** One run of steps an epoch. */
function runs(recipe: Recipe): { epoch: number; steps: Step[] }[] {
  const perEpoch = stepsPerEpoch(recipe, SAMPLES);
  if (perEpoch > MAX_STEPS_PER_RUN) throw new Error('an epoch of a trajectory must fit one run');
  return Array.from({ length: EPOCHS }, (_, epoch) => ({
    epoch,
    steps: trainingSteps(recipe, SAMPLES, epoch, 0, perEpoch),
  }));
}

function storeLosses(
  losses: Float64Array,
  steps: readonly Step[],
  metrics: Float32Array | Float64Array,
): void {
  for (const { number, slot, rows } of steps) losses[number] = metrics[2 * slot] / rows;
}

/** NaN, of a training that diverged, comes through. */
function maxDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i])), 0);
}
