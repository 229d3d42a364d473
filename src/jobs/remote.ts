// What the terminal and the page that it drives say to each other.
import type { BenchReport } from '../bench/report.ts';
import type { Reading } from '../data/dataset.ts';
import type { FleetTraining } from '../fleet/report.ts';
import type { Job } from './run.ts';

/** The data set that the page loads: the MNIST shipped with it, or files of the task. */
export type RemoteDataset = Reading &
  (
    | { readonly kind: 'mnist' }
    /** Addresses of the four files, as the page finds them. */
    | { readonly kind: 'files'; readonly name: string; readonly files: readonly string[] }
  );

export interface RemoteTask {
  readonly job: Job;
  readonly dataset: RemoteDataset;
}

export interface RemoteError {
  readonly name: string;
  readonly message: string;
}

/** Addresses on the terminal's server; the token keeps other local pages out. */
export function remotePaths(token: string) {
  const base = `/run/${token}`;
  return {
    /** GET: a {@link RemoteTask}. */
    task: `${base}/job`,
    /** GET: an event stream with the event `stop`; that it is open says that the page lives. */
    stop: `${base}/stop`,
    /** POST: a list of job events. */
    events: `${base}/events`,
    /** POST: the job's outcome. */
    outcome: `${base}/outcome`,
    /** POST: a {@link RemoteError}. */
    error: `${base}/error`,
    /** GET: a file of the data set. */
    dataset: (file: string) => `${base}/dataset/${encodeURIComponent(file)}`,
  };
}

/**
 * What the page offers to scripts of a WebDriver client, as `window.mnistKernels`, where no connection leads
 * back to the terminal. Texts are those of `encodeWire`.
 */
export interface DrivenPage {
  readonly version: string;
  /** @param task a {@link DrivenTask} */
  start(task: string): void;
  /** A {@link DrivenState}. */
  poll(): string;
  /** A piece of the outcome's text, which is a {@link DrivenOutcome}. */
  take(from: number, to: number): string;
}

export interface DrivenTask extends RemoteTask {
  /** Whether a training's model comes along; it is large. */
  readonly model: boolean;
}

export type DrivenState =
  | {
      readonly phase: 'running';
      /** Grows with every word from the job: as long as it does, the job lives. */
      readonly signs: number;
    }
  /** Characters of the outcome's text. */
  | { readonly phase: 'done'; readonly length: number }
  | { readonly phase: 'failed'; readonly error: RemoteError };

export interface DrivenOutcome {
  /** Without the losses of single steps, where it is a training's. */
  readonly report: BenchReport | FleetTraining;
  /** A safetensors file. */
  readonly model?: Uint8Array;
}
