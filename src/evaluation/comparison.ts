// Trainings of one plan on several engines, side by side: how fast each went, and how far it is from the
// first.
import type { Parameters } from '../network/initialisation.ts';
import type { EpochReport } from '../training/events.ts';
import { stepsPerEpoch } from '../training/schedule.ts';

/** What a comparison records of one training. */
export interface Trace {
  /** Mean loss of each step's batch. */
  readonly stepLosses: readonly number[];
  /**
   * Training time when each step had ended, evaluations and pauses left out. The steps of one run share its
   * time evenly.
   */
  readonly stepSeconds: readonly number[];
  readonly epochs: readonly EpochReport[];
  /**
   * After each epoch, the largest difference of a parameter to the reference's; null where it was not taken.
   */
  readonly parameterDifferences: readonly (number | null)[];
}

export class TraceRecorder implements Trace {
  readonly stepLosses: number[] = [];
  readonly stepSeconds: number[] = [];
  readonly epochs: EpochReport[] = [];
  readonly parameterDifferences: (number | null)[] = [];

  /** @param seconds of training, when the last of these steps had ended */
  addSteps(losses: readonly number[], seconds: number): void {
    const before = this.stepSeconds.at(-1) ?? 0;
    for (const [i, loss] of losses.entries()) {
      this.stepLosses.push(loss);
      this.stepSeconds.push(before + ((seconds - before) * (i + 1)) / losses.length);
    }
  }

  addEpoch(report: EpochReport, parameterDifference: number | null): void {
    this.epochs.push(report);
    this.parameterDifferences.push(parameterDifference);
  }
}

/** How far a training is from the reference, over the steps that both have done. */
export interface Difference {
  /** The largest of any step's loss. */
  readonly loss: number;
  /** The largest of any parameter after any epoch; null before the first. */
  readonly parameter: number | null;
  /** The first step, from 1, whose loss differs by more than {@link orderBound}; null if none does. */
  readonly firstStep: number | null;
  readonly epochs: readonly EpochDifference[];
}

export interface EpochDifference {
  /** From 1. */
  readonly epoch: number;
  /** The largest of this epoch's step losses. */
  readonly loss: number;
  /** At its end; null where it was not taken. */
  readonly parameter: number | null;
}

/** What a trace comes to. */
export interface Summary {
  readonly steps: number;
  /** Seconds of training, without evaluations and pauses. */
  readonly seconds: number;
  /** Null before the first step, like the following. */
  readonly millisecondsPerStep: number | null;
  readonly imagesPerSecond: number | null;
  /** Time of a step over the reference's. */
  readonly ratio: number | null;
  /** After the last finished epoch. */
  readonly testAccuracy: number | null;
  /** Null for the reference, and before there is a step to compare. */
  readonly difference: Difference | null;
}

/** The sizes of the plan that all were trained on. */
export interface Extent {
  readonly batch: number;
  /** Training images. */
  readonly samples: number;
}

/** @param reference the trace that others are held against; its own summary is without a difference */
export function summarise(trace: Trace, reference: Trace | undefined, extent: Extent): Summary {
  const steps = trace.stepLosses.length;
  const time = secondsPerStep(trace);
  const referenceTime = reference && secondsPerStep(reference);
  const seconds = trace.stepSeconds.at(-1) ?? 0;
  return {
    steps,
    seconds,
    millisecondsPerStep: time === null ? null : 1000 * time,
    imagesPerSecond: time === null ? null : imagesOf(steps, extent) / seconds,
    ratio: time === null || !referenceTime ? null : time / referenceTime,
    testAccuracy: trace.epochs.at(-1)?.testAccuracy ?? null,
    difference: reference && reference !== trace ? differenceOf(trace, reference, extent) : null,
  };
}

function secondsPerStep({ stepSeconds }: Trace): number | null {
  return stepSeconds.length === 0 ? null : stepSeconds.at(-1)! / stepSeconds.length;
}

/** An epoch's last step has the images that remain. */
function imagesOf(steps: number, extent: Extent): number {
  const perEpoch = stepsPerEpoch(extent, extent.samples);
  return Math.floor(steps / perEpoch) * extent.samples + (steps % perEpoch) * extent.batch;
}

function differenceOf(trace: Trace, reference: Trace, extent: Extent): Difference | null {
  const losses = lossDifferences(trace, reference);
  if (losses.length === 0) return null;
  const perEpoch = stepsPerEpoch(extent, extent.samples);
  const bound = orderBound(extent.batch);
  const first = losses.findIndex((difference, step) => difference > bound * reference.stepLosses[step]);
  const parameters = trace.parameterDifferences.filter((difference) => difference !== null);
  return {
    loss: largest(losses),
    parameter: parameters.length === 0 ? null : largest(parameters),
    firstStep: first < 0 ? null : first + 1,
    epochs: trace.parameterDifferences.map((parameter, epoch) => ({
      epoch: epoch + 1,
      loss: largest(losses.slice(epoch * perEpoch, (epoch + 1) * perEpoch)),
      parameter,
    })),
  };
}

/**
 * Steps whose losses are the answer of a training. A velocity that is left out shows from the second on, a
 * bias that is not updated a little later, and each grows from step to step; so does rounding, which would
 * hide them later.
 */
export const ANSWER_STEPS = 8;

/**
 * In float32 losses agree to some 1e-6; biases that are never updated put the losses of ANSWER_STEPS steps
 * 1e-4 and more off, velocities that are left out ten times as much.
 */
export const MAX_LOSS_DIFFERENCE = 3e-5;

/** Whether both compute the same, by the losses of the first steps. */
export interface Agreement {
  readonly same: boolean;
  /** The largest difference of these losses. */
  readonly difference: number;
}

/** @returns undefined before there is a step that both have done */
export function agreementOf(trace: Trace, reference: Trace): Agreement | undefined {
  const differences = lossDifferences(trace, reference).slice(0, ANSWER_STEPS);
  if (differences.length === 0) return undefined;
  const difference = largest(differences);
  return { same: difference <= MAX_LOSS_DIFFERENCE, difference };
}

/** The difference at each step that both have done. */
export function lossDifferences(trace: Trace, reference: Trace): number[] {
  const common = Math.min(trace.stepLosses.length, reference.stepLosses.length);
  return trace.stepLosses.slice(0, common).map((loss, step) => Math.abs(loss - reference.stepLosses[step]));
}

/**
 * How far two correct float32 sums of `terms` positive numbers, added in different orders, may be apart, as a
 * share of the sum: each is within terms·2⁻²⁴ (Higham, Accuracy and Stability of Numerical Algorithms,
 * section 4.2).
 */
export function orderBound(terms: number): number {
  return 2 * terms * 2 ** -24;
}

export function largestParameterDifference(a: Parameters, b: Parameters): number {
  return largest(
    Object.entries(a).map(([name, values]) => {
      const others = b[name];
      return values.reduce((most, value, i) => worse(most, Math.abs(value - others[i])), 0);
    }),
  );
}

const largest = (values: readonly number[]) => values.reduce(worse, 0);

/** The larger; NaN, of a training that diverged, comes through. */
function worse(a: number, b: number): number {
  return Math.max(a, b);
}
