// Trainings that a reload or a crash cut short: the worker keeps their last snapshot in IndexedDB while they
// run, and the page offers to go on from there.
import * as v from 'valibot';
import { BACKEND_CHOICES } from '../../engine/open.ts';
import { checkpointSchema } from '../../formats/report.ts';
import type { TrainJob } from '../../jobs/job.ts';
import { recipeSchema } from '../../network/recipe.ts';
import type { Checkpoint } from '../../training/report.ts';
import type { DatasetShape } from '../model/form.ts';
import { type Found, type KeptValues, Shelf, VERSION, valuesSchema, versionSchema } from './shelf.ts';

export interface Unfinished {
  readonly version?: typeof VERSION;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly saved: number;
  readonly values: KeptValues;
  readonly job: TrainJob;
  /** The data set that it must go on with. */
  readonly shape: DatasetShape;
  readonly snapshot: Checkpoint;
}

const shapeSchema = v.object({
  name: v.string(),
  width: v.number(),
  height: v.number(),
  classes: v.number(),
  classNames: v.optional(v.array(v.string())),
  train: v.number(),
  test: v.number(),
});

/** What the page's form can ask for. */
const jobSchema = v.object({
  backend: v.picklist(BACKEND_CHOICES),
  threads: v.optional(v.number()),
  network: v.string(),
  recipe: recipeSchema,
  seed: v.number(),
  holdOut: v.optional(v.number()),
  trainLimit: v.optional(v.number()),
});

const shelf = new Shelf<Unfinished>(
  'mnist-kernels-unfinished',
  'trainings',
  v.object({
    version: versionSchema,
    id: v.string(),
    saved: v.number(),
    values: valuesSchema,
    job: jobSchema,
    shape: shapeSchema,
    snapshot: checkpointSchema,
  }),
);

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
    const record = { ...this.training, version: VERSION, saved: Date.now(), snapshot };
    // The worker of a page that was reloaded may still be at it, behind the training that went on.
    const isAhead = (present: Unfinished) => present.snapshot.epochs.length > snapshot.epochs.length;
    await shelf.putUnless(this.training.id, record, isAhead);
  }

  /** Settles when nothing is being written. */
  async rest(): Promise<void> {
    await this.writing;
  }

  /** The training is done: nothing of it is to be gone on with. */
  async end(): Promise<void> {
    await this.rest();
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

/** Those that no page of this browser is at, the newest first. */
export async function listUnfinished(): Promise<Found<Unfinished>> {
  const { records, unreadable } = await shelf.list();
  const locks = await navigator.locks?.query();
  const held = new Set(locks?.held?.map(({ name }) => name));
  const free = records.filter(({ id }) => !held.has(lockOf(id)));
  return { records: free.toSorted((a, b) => b.saved - a.saved), unreadable };
}

/** @throws Error if the browser keeps nothing for this page */
export async function forget(...ids: readonly string[]): Promise<void> {
  await shelf.delete(...ids);
}
