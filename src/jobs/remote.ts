// What the terminal and the page that it drives say to each other.
import type { Reading } from '../data/dataset.ts';
import type { Job } from './run.ts';

/** The data set that the page loads: the MNIST shipped with it, or files of the task. */
export type RemoteDataset = Reading &
  (
    | { readonly kind: 'mnist' }
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
