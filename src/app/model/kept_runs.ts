// Trainings that are kept across reloads, in IndexedDB: what is known of each in one store, its model in
// another, so that a list of them reads no models.
import { createStore, del, get, set, values } from 'idb-keyval';
import type { TrainReport } from '../../training/report.ts';
import type { Curves } from './curves.ts';
import type { FormValues } from './form.ts';

export interface KeptRun {
  readonly id: string;
  /** Given by the user, or the network and seed. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** What it takes to repeat it. */
  readonly values: FormValues;
  /** Training images that a run of a sweep was judged by instead of the test set. */
  readonly holdOut?: number;
  readonly report: TrainReport;
  readonly curves: { readonly loss: Curves; readonly accuracy: Curves };
}

// Each a database of its own: one database gets its stores only when it is made.
const runs = () => createStore('mnist-kernels-runs', 'runs');
const models = () => createStore('mnist-kernels-models', 'models');

/** The newest first. @throws Error if the browser keeps nothing for this page */
export async function listRuns(): Promise<KeptRun[]> {
  return (await values<KeptRun>(runs())).sort((a, b) => b.created - a.created);
}

/** @param model a safetensors file. @throws Error if there is no room */
export async function keepRun(run: KeptRun, model: Uint8Array): Promise<void> {
  await set(run.id, model, models());
  await set(run.id, run, runs());
}

/** Changes what is known of a run. */
export async function renameRun(run: KeptRun, name: string): Promise<KeptRun> {
  const renamed = { ...run, name };
  await set(run.id, renamed, runs());
  return renamed;
}

export async function deleteRun(id: string): Promise<void> {
  await del(id, runs());
  await del(id, models());
}

/** @returns a safetensors file, or undefined if there is none */
export function modelOf(id: string): Promise<Uint8Array | undefined> {
  return get<Uint8Array>(id, models());
}
