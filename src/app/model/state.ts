// What the views share.
import type { EngineInfo } from '../../engine/engine.ts';
import type { Availability } from '../../engine/open.ts';
import type { TrainJob } from '../../jobs/job.ts';
import type { EpochReport, Progress } from '../../training/events.ts';
import type { Digit } from '../parts/digit_image.ts';
import * as format from '../parts/format.ts';
import type { KeptRun } from '../storage/kept_runs.ts';
import type { Unfinished } from '../storage/unfinished.ts';
import type { Curves } from './curves.ts';
import type { DatasetShape, Field, FormValues } from './form.ts';
import { judged } from './judge.ts';

export type Phase = 'idle' | 'starting' | 'training' | 'paused' | 'stopping';

/** One training of several. */
export interface Part {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

export interface SessionState {
  readonly values: FormValues;
  /** What is wrong, next to the form; `field` if one of its fields is, and `fields` all that are. */
  readonly problem?: {
    readonly message: string;
    readonly field?: Field | 'dataset';
    readonly fields?: readonly Field[];
  };
  readonly engines?: readonly Availability[];
  readonly shape: DatasetShape;
  readonly preview: readonly Digit[];
  readonly loading: boolean;
  readonly phase: Phase;
  /** Read out by screen readers when it changes. */
  readonly status: string;
  readonly engine?: EngineInfo;
  /** Products whose fastest kernels were found in this visit. */
  readonly tuned: number;
  readonly progress?: Progress;
  /** Which training of a sweep it is. */
  readonly part?: Part;
  readonly epochs: readonly EpochReport[];
  readonly curves?: { readonly loss: Curves; readonly accuracy: Curves };
  /** The last training of this visit. */
  readonly run?: Run;
  /** The job of the training that is shown. */
  readonly job?: TrainJob;
  /** The newest first. */
  readonly kept: readonly KeptRun[];
  /** Whether it is known which runs are kept. */
  readonly listed?: boolean;
  /** The runs of the last deletion, while it can be undone. */
  readonly deleted?: readonly KeptRun[];
  /** Trainings that a reload or crash cut short; the newest first. */
  readonly unfinished: readonly Unfinished[];
  /** Runs and trainings that this browser keeps and this version cannot read. */
  readonly unreadable: number;
  /** GFLOP/s that the engine of the last training could do at most. */
  readonly peak?: { readonly engine: string; readonly gflops: number };
}

/** The share of the training's steps that is done, "37 %"; undefined while none is under way. */
export function shareDone({ phase, progress }: SessionState): string | undefined {
  if (phase === 'idle') return undefined;
  return format.percent(progress ? progress.step / progress.steps : 0, 0);
}

/** A finished training with its model. */
export interface Run extends KeptRun {
  /** A safetensors file. */
  readonly model: Uint8Array;
}

/** "Finished: test accuracy 97.95 % after 0.9 s" */
export function summaryOf({ report, holdOut }: Run): string {
  const stopped =
    report.keptEpoch > 0 ? `Stopped; kept epoch ${report.keptEpoch}` : 'Stopped in the first epoch';
  const kept = report.stopped ? stopped : 'Finished';
  const measure = judged(holdOut, 'accuracy').toLowerCase();
  return `${kept}: ${measure} ${format.percent(report.test.accuracy)} after ${format.duration(report.seconds)}`;
}
