// What a training leaves behind, as the JSON that tools read.
import type { EngineInfo } from '../engine/engine.ts';
import type { Recipe } from '../network/recipe.ts';
import type { EpochReport } from './trainer.ts';

export interface Environment {
  readonly runtime: string;
  readonly userAgent: string;
  readonly backend: EngineInfo['backend'];
  readonly adapter: string;
  readonly threads: number;
  readonly simd: string;
}

/** The JSON of `train`. */
export interface TrainReport {
  readonly schema: 'mnist-kernels/train@1';
  readonly environment: Environment;
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly batch: number;
  readonly dataset: { readonly name: string; readonly train: number; readonly test: number };
  readonly epochs: readonly EpochReport[];
  /** From the first step to the last evaluation. */
  readonly seconds: number;
  /** Ended before its last epoch; the model is then that of `keptEpoch`. */
  readonly stopped: boolean;
  /** What the device said that failed on the way. */
  readonly deviceLost?: string;
  readonly keptEpoch: number;
  /** Mean loss of each step's batch. */
  readonly stepLosses: readonly number[];
  readonly test: {
    readonly accuracy: number;
    readonly loss: number;
    readonly confusion: readonly (readonly number[])[];
  };
  /** SHA-256 of all kernels and biases in the plan's order, little-endian; null where the browser has no crypto. */
  readonly parameters: { readonly count: number; readonly sha256: string | null };
}
