// What a training tells while it runs.
import type { CurvePoint } from './curve.ts';

/**
 * After each run of steps. How many steps a run has follows the clock; what is said of the training follows
 * the steps alone.
 */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in all, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Mean over the epoch's samples so far, on the training batches as they came. */
  readonly loss: number;
  readonly accuracy: number;
  /** The points of the training's curve that this run completed. */
  readonly points: readonly CurvePoint[];
  /** Mean loss of each of this run's steps. */
  readonly stepLosses: readonly number[];
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Seconds of training so far: evaluations and pauses left out. */
  readonly seconds: number;
  readonly secondsLeft: number;
}

/** After each epoch. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch, on the training batches as they came (with dropout and smoothing). */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Training of this epoch, without its evaluation. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

/** A training after a finished epoch: all that it takes to go on, on any engine. */
export interface Snapshot {
  readonly epochs: readonly EpochReport[];
  readonly stepLosses: readonly number[];
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** Parameters and the optimizer's state by their names in the plan. */
  readonly buffers: { readonly [name: string]: Float32Array };
}
