// Trainings that a reload or a crash cut short: the worker keeps their last snapshot in IndexedDB while they
// run, and the page offers to go on from there.
import { createStore, del, set, values } from 'idb-keyval';
import type { TrainJob } from '../../jobs/job.ts';
import type { Checkpoint } from '../../training/report.ts';
import type { DatasetShape, FormValues } from '../model/form.ts';

export interface Unfinished {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly saved: number;
  readonly values: FormValues;
  readonly job: TrainJob;
  /** The data set that it must go on with. */
  readonly shape: DatasetShape;
  readonly snapshot: Checkpoint;
}

const store = () => createStore('mnist-kernels-unfinished', 'trainings');
/**
 * Held by the page that trains. Its worker would not do: one that is busy may outlive its page for a minute.
 */
const lockOf = (id: string) => `mnist-kernels-training-${id}`;

/** The worker's end: keeps one training while it runs. */
export class Keeper {
  private writing: Promise<void> = Promise.resolve();
  private idle = true;

  constructor(private readonly training: Omit<Unfinished, 'saved' | 'snapshot'>) {}

  /** A training goes on also where there is no room to keep it. */
  offer(snapshot: Checkpoint): void {
    if (!this.idle) return;
    this.idle = false;
    this.writing = this.write(snapshot)
      .catch(() => {})
      .finally(() => {
        this.idle = true;
      });
  }

  private async write(snapshot: Checkpoint): Promise<void> {
    await set(this.training.id, { ...this.training, saved: Date.now(), snapshot }, store());
  }

  /** The training has ended by itself, or is wanted no more. */
  async end(): Promise<void> {
    await this.writing;
    await forget(this.training.id).catch(() => {});
  }
}

/**
 * The page's end: nobody else is offered a training while it runs here.
 * @returns what to call when it has ended
 */
export function claim(id: string): () => void {
  let release = () => {};
  const ended = new Promise<void>((resolve) => {
    release = resolve;
  });
  void navigator.locks?.request(lockOf(id), () => ended);
  return release;
}

/**
 * Those that no page of this browser is at, the newest first. One of an earlier version has no curve to go on
 * with.
 */
export async function listUnfinished(): Promise<Unfinished[]> {
  const [found, locks] = await Promise.all([values<Unfinished>(store()), navigator.locks?.query()]);
  const held = new Set(locks?.held?.map(({ name }) => name));
  return found
    .filter(({ id, snapshot }) => !held.has(lockOf(id)) && snapshot.curve !== undefined)
    .sort((a, b) => b.saved - a.saved);
}

/** @throws Error if the browser keeps nothing for this page */
export async function forget(id: string): Promise<void> {
  await del(id, store());
}
