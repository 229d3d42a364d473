// A job is one run from options to report. The same job runs in Node, in a browser driven from the terminal,
// and in the page's worker; options and reports are plain data so that they can travel between them.
import type { Dataset, Selection } from '../data/dataset.ts';
import type { EngineInfo, PassedOver, TuningRow } from '../engine/engine.ts';
import type { BackendChoice } from '../engine/open.ts';
import type { KernelTime } from '../engine/profile.ts';
import type { TfjsOptions } from '../engine/tfjs/engine.ts';
import type { WasmOptions } from '../engine/wasm/choose.ts';
import type { WebgpuOptions } from '../engine/webgpu/engine.ts';
import type { WgslSources } from '../engine/webgpu/shaders.ts';
import type { Summary, Trace } from '../evaluation/comparison.ts';
import type { Evaluation } from '../evaluation/evaluation.ts';
import type { Model } from '../formats/model.ts';
import type { Parameters } from '../network/initialisation.ts';
import type { Recipe } from '../network/recipe.ts';
import type { DataShape } from '../network/spec.ts';
import type { EpochReport, Progress } from '../training/events.ts';
import type { Checkpoint, Environment, TrainReport } from '../training/report.ts';
import type { TrainOptions } from '../training/trainer.ts';
import type { KernelResult } from '../validation/check_kernel.ts';
import type { TrajectoryResult } from '../validation/trajectories.ts';

/** What `open` takes, with the choice made. */
export interface EngineOptions extends WasmOptions, WebgpuOptions, TfjsOptions {
  readonly backend: BackendChoice;
}

export interface TrainJob extends EngineOptions, Selection {
  /** "784-128-10" */
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Time each kernel of a step at the end. */
  readonly profile?: boolean;
  /** To begin with, in place of fresh ones. */
  readonly parameters?: Parameters;
  /** Goes on from here. */
  readonly resume?: Checkpoint;
  /** Snapshots are events, after epochs and no more often; left out, there are none. */
  readonly snapshotSeconds?: number;
}

export interface TrainOutcome {
  /**
   * The kernels' times in the first training step, if it was asked for and the engine can tell its kernels
   * apart.
   */
  readonly profile?: readonly KernelTime[];
  readonly report: TrainReport;
  readonly evaluation: Evaluation;
  /** The data set that it was trained on. */
  readonly dataset: DataShape;
  readonly parameters: Parameters;
}

/** One engine of a comparison. */
export interface Entrant {
  readonly name: string;
  readonly engine: EngineOptions;
}

export interface CompareJob extends Selection {
  readonly entrants: readonly Entrant[];
  /** "784-128-10" */
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
}

/** How an entrant's training ended. */
export interface EntrantEnd {
  /** Why it did not run, or not to its end. */
  readonly failure?: string;
  /** Before its last epoch, because that was asked for. */
  readonly stopped: boolean;
}

export interface EntrantReport extends Trace, Summary, EntrantEnd {
  readonly name: string;
  /** What it ran on; left out if it did not start. */
  readonly engine?: EngineInfo;
}

/** The JSON of a comparison. */
export interface CompareReport {
  readonly schema: 'mnist-kernels/compare@1';
  readonly environment: Pick<Environment, 'runtime' | 'userAgent'>;
  readonly network: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly dataset: { readonly name: string; readonly train: number; readonly test: number };
  /** The reference is the first without a failure. */
  readonly entrants: readonly EntrantReport[];
}

/** `entrant` is the index in the job's list. */
export type CompareEvent = { readonly entrant: number } & (
  | { readonly kind: 'opened'; readonly info: EngineInfo }
  /**
   * After each run of steps: their losses, the seconds of training so far, and the share of all steps that is
   * done.
   */
  | {
      readonly kind: 'steps';
      readonly losses: readonly number[];
      readonly seconds: number;
      readonly share: number;
    }
  | {
      readonly kind: 'epoch';
      readonly report: EpochReport;
      /**
       * By entrant: the largest difference of a parameter to those of one that was there before; null where
       * it was not taken.
       */
      readonly parameterDifferences: readonly (number | null)[];
    }
  | { readonly kind: 'ended'; readonly end: EntrantEnd }
);

export interface EvaluateJob extends EngineOptions {
  readonly model: Model;
}

/** The JSON of `evaluate`. */
export interface EvaluateReport {
  readonly schema: 'mnist-kernels/evaluate@1';
  readonly environment: Environment;
  readonly network: string;
  readonly dataset: {
    readonly name: string;
    readonly test: number;
    /** By label: the data set's, or else those that the model was trained with. */
    readonly classNames?: readonly string[];
  };
  /** Seconds for the test set on the device. */
  readonly seconds: number;
  readonly test: Evaluation;
}

export interface ValidateJob {
  /** `auto` validates every backend that can run here. */
  readonly backend: BackendChoice;
  /** Each kernel on its largest shape alone, and no trainings. */
  readonly quick?: boolean;
  /** Own texts in place of files of shaders/, by name without `.wgsl`: only what they run is validated. */
  readonly shaders?: WgslSources;
}

/** The JSON of `validate`. */
export interface ValidateReport {
  readonly schema: 'mnist-kernels/validate@1';
  /**
   * All engines together: their backends, adapters and instructions joined by commas, and the most threads of
   * any.
   */
  readonly environment: Omit<Environment, 'backend'> & { readonly backend: string };
  readonly kernels: readonly KernelResult[];
  readonly trajectories: readonly TrajectoryResult[];
  /** Backends and builds that could not run here. */
  readonly passedOver: readonly PassedOver[];
  /** It ended before all was checked: what was not cannot be said to pass. */
  readonly stopped: boolean;
  readonly pass: boolean;
}

export type ValidateEvent =
  | { readonly kind: 'validating'; readonly what: string }
  | { readonly kind: 'kernel'; readonly result: KernelResult }
  | { readonly kind: 'trajectory'; readonly result: TrajectoryResult };

export type TrainEvent =
  | { readonly kind: 'engine'; readonly info: EngineInfo; readonly passedOver: readonly PassedOver[] }
  /**
   * The training goes on with another build than it was computed on so far: its bits will be others than
   * without a break.
   */
  | { readonly kind: 'moved'; readonly from: readonly string[]; readonly to: string }
  | { readonly kind: 'tuned'; readonly rows: readonly TuningRow[] }
  /**
   * The device failed after the last epoch reported; whether WASM takes over or only evaluates what there is.
   */
  | { readonly kind: 'lost'; readonly message: string; readonly goesOn: boolean }
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'epoch'; readonly report: EpochReport }
  | { readonly kind: 'snapshot'; readonly snapshot: Checkpoint };

/** How a caller follows and steers a job. */
export interface JobControl<Event> {
  readonly onEvent?: (event: Event) => void;
  /** Ends the job early, with what it has by then. */
  readonly signal?: AbortSignal;
  /** Awaited now and then; a promise that stays open pauses the job. */
  readonly gate?: () => Promise<void> | undefined;
}

/** How a caller steers a training, which may also be paused for single steps, and be looked into. */
export interface TrainControl extends JobControl<TrainEvent>, Pick<TrainOptions, 'paused' | 'watch'> {
  /**
   * The data set as the engine holds it, unless it has only a selection. Whoever keeps this in place of the
   * one that he gave holds it once.
   */
  readonly onHeld?: (dataset: Dataset) => void;
}
