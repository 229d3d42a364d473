// The learning rate of each step, and the step records that carry it to the device.

import { MAX_STEPS_PER_RUN } from '../network/plan.ts';
import type { Optimizer, Recipe, Schedule } from '../network/recipe.ts';
import { STILL_STEP, type Step } from '../network/step.ts';

/**
 * The factor on the peak learning rate at step `number` (from 0) of `total`.
 * Cosine: ½(1 + cos πt) (Loshchilov and Hutter, arXiv:1608.03983, equation 5, without restarts).
 */
export function scheduleFactor(schedule: Schedule, number: number, total: number): number {
  const cosine = (t: number) => (1 + Math.cos(Math.PI * t)) / 2;
  switch (schedule.kind) {
    case 'constant':
      return 1;
    case 'cosine':
      return cosine(number / total);
    case 'one-cycle': {
      const warmup = Math.round(schedule.warmup * total);
      return number < warmup ? (number + 1) / (warmup + 1) : cosine((number - warmup) / (total - warmup));
    }
  }
}

/**
 * AdamW's bias corrections for step `number` (from 0); 1 for sgd. Kingma and Ba, arXiv:1412.6980, section 3.
 */
function biasCorrections(optimizer: Optimizer, number: number): Pick<Step, 'correction1' | 'correction2'> {
  if (optimizer.kind === 'sgd') return { correction1: 1, correction2: 1 };
  return {
    correction1: 1 / (1 - optimizer.beta1 ** (number + 1)),
    correction2: 1 / (1 - optimizer.beta2 ** (number + 1)),
  };
}

/** The strength of the distortion, which rests at the end of a training. */
function strengthOf({ distortion }: Recipe, number: number, total: number): number {
  return distortion && number < Math.round((1 - distortion.rest) * total) ? 1 : 0;
}

export function stepsPerEpoch({ batch }: Pick<Recipe, 'batch'>, samples: number): number {
  return Math.ceil(samples / batch);
}

/**
 * Training steps `from` … `from + count − 1` of one epoch; the epoch's last step takes the samples that
 * remain.
 * @param epoch from 0
 */
export function trainingSteps(
  recipe: Recipe,
  samples: number,
  epoch: number,
  from: number,
  count: number,
): Step[] {
  const perEpoch = stepsPerEpoch(recipe, samples);
  return Array.from({ length: count }, (_, slot) => {
    const first = (from + slot) * recipe.batch;
    const number = epoch * perEpoch + from + slot;
    return {
      rows: Math.min(recipe.batch, samples - first),
      first,
      number,
      slot,
      learningRate: recipe.learningRate * scheduleFactor(recipe.schedule, number, perEpoch * recipe.epochs),
      ...biasCorrections(recipe.optimizer, number),
      distortion: strengthOf(recipe, number, perEpoch * recipe.epochs),
    };
  });
}

/** Steps that visit `samples` samples in batches, in runs of at most MAX_STEPS_PER_RUN. */
export function evaluationRuns(samples: number, batch: number): Step[][] {
  const runs: Step[][] = [];
  for (let first = 0; first < samples; first += batch) {
    if (runs.length === 0 || runs.at(-1)!.length === MAX_STEPS_PER_RUN) runs.push([]);
    const run = runs.at(-1)!;
    run.push({ ...STILL_STEP, rows: Math.min(batch, samples - first), first, slot: run.length });
  }
  return runs;
}

/**
 * Runs of steps last about this long: short enough to answer to stop, long enough to make their overhead
 * small.
 */
const RUN_SECONDS = 0.1;

/** Aims at RUN_SECONDS, at most doubling from one run to the next. */
export function nextRunLength(length: number, seconds: number): number {
  const fitting = Math.floor((length * RUN_SECONDS) / Math.max(seconds, 1e-6));
  return Math.max(1, Math.min(2 * length, fitting, MAX_STEPS_PER_RUN));
}
