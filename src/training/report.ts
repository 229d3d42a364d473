// What a training leaves behind: the JSON that tools read, what a model's file keeps of it, and what it takes
// to go on.
import type { EngineInfo } from '../engine/engine.ts';
import type { Recipe } from '../network/recipe.ts';
import type { EpochReport, Snapshot } from './events.ts';

export interface Environment {
  readonly runtime: string;
  readonly userAgent: string;
  readonly backend: EngineInfo['backend'];
  readonly adapter: string;
  readonly threads: number;
  readonly simd: string;
}

/** What the same training on the same build of an engine gives again to the bit: no times, and no machine. */
export interface TrainingRecord {
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly batch: number;
  readonly dataset: {
    readonly name: string;
    readonly train: number;
    readonly test: number;
    /** By label; left out where classes are called by their numbers. */
    readonly classNames?: readonly string[];
  };
  /**
   * Builds that it was computed on, as `buildOf` names them: more than one if it went on elsewhere. Older
   * reports have none.
   */
  readonly builds?: readonly string[];
  readonly epochs: readonly EpochRecord[];
  /** Ended before its last epoch; the model is then that of `keptEpoch`. */
  readonly stopped: boolean;
  readonly keptEpoch: number;
  readonly test: {
    readonly accuracy: number;
    readonly loss: number;
    readonly confusion: readonly (readonly number[])[];
  };
  /**
   * SHA-256 of all kernels and biases in the plan's order, little-endian; null where the browser has no
   * crypto.
   */
  readonly parameters: { readonly count: number; readonly sha256: string | null };
}

export type EpochRecord = Omit<EpochReport, 'seconds' | 'imagesPerSecond'>;

/** The JSON of `train`. */
export interface TrainReport extends TrainingRecord {
  readonly schema: 'mnist-kernels/train@1';
  readonly environment: Environment;
  readonly epochs: readonly EpochReport[];
  /** From the first step to the last evaluation. */
  readonly seconds: number;
  /** What the device said that failed on the way. */
  readonly deviceLost?: string;
  /** Mean loss of each step's batch. */
  readonly stepLosses: readonly number[];
}

/** A report without what differs from run to run. */
export function recordOf(report: TrainingRecord): TrainingRecord {
  const { network, recipe, seed, batch, dataset, builds, epochs, stopped, keptEpoch, test, parameters } =
    report;
  return {
    network,
    recipe,
    seed,
    batch,
    dataset,
    ...(builds && { builds }),
    epochs: epochs.map(({ epoch, trainLoss, trainAccuracy, testLoss, testAccuracy }) => ({
      epoch,
      trainLoss,
      trainAccuracy,
      testLoss,
      testAccuracy,
    })),
    stopped,
    keptEpoch,
    test,
    parameters,
  };
}

/**
 * A training that was cut short: all that it takes to go on, and the builds that it was computed on so far.
 */
export interface Checkpoint extends Snapshot {
  readonly builds: readonly string[];
}
