// Trainings that are kept across reloads, in IndexedDB: what is known of each on one shelf, its model on
// another, so that a list of them reads no models.
import * as v from 'valibot';
import { trainReportSchema } from '../../formats/report.ts';
import type { TrainReport } from '../../training/report.ts';
import type { Curves } from '../model/curves.ts';
import { type Found, type KeptValues, Shelf, VERSION, valuesSchema, versionSchema } from './shelf.ts';

export interface KeptRun {
  readonly version?: typeof VERSION;
  readonly id: string;
  /** Given by the user, or the network and seed. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** What it takes to repeat it. */
  readonly values: KeptValues;
  /** Training images that a run of a sweep was judged by instead of the test set. */
  readonly holdOut?: number;
  /** The sweep that it is a part of. */
  readonly sweep?: SweepPart;
  /** What the user wrote about it. */
  readonly note?: string;
  readonly report: TrainReport;
  readonly curves: { readonly loss: Curves; readonly accuracy: Curves };
}

/** Runs with the same id are one sweep over two fields of the form. */
export interface SweepPart {
  readonly id: string;
  readonly rows: string;
  readonly columns: string;
}

const curvesSchema = v.pipe(
  v.object({
    epoch: v.array(v.number()),
    train: v.array(v.number()),
    test: v.array(v.nullable(v.number())),
  }),
  v.check(({ epoch, train, test }) => train.length === epoch.length && test.length === epoch.length),
);

const runs = new Shelf<KeptRun>(
  'mnist-kernels-runs',
  'runs',
  v.object({
    version: versionSchema,
    id: v.string(),
    name: v.string(),
    created: v.number(),
    values: valuesSchema,
    holdOut: v.optional(v.number()),
    sweep: v.optional(v.object({ id: v.string(), rows: v.string(), columns: v.string() })),
    note: v.optional(v.string()),
    report: trainReportSchema,
    curves: v.object({ loss: curvesSchema, accuracy: curvesSchema }),
  }),
);

/** Bytes of safetensors files. */
const models = new Shelf<Uint8Array>('mnist-kernels-models', 'models', v.instance(Uint8Array));

/** The newest first. @throws Error if the browser keeps nothing for this page */
export async function listRuns(): Promise<Found<KeptRun>> {
  const { records, unreadable } = await runs.list();
  return { records: records.toSorted((a, b) => b.created - a.created), unreadable };
}

/** @param model a safetensors file. @throws Error if there is no room */
export async function keepRun(run: KeptRun, model: Uint8Array): Promise<void> {
  await models.put(run.id, model);
  try {
    await runs.put(run.id, { ...run, version: VERSION });
  } catch (error) {
    // A model without its run is in no list.
    await models.delete(run.id).catch(() => {});
    throw error;
  }
}

/** Changes what is known of a run. @throws Error if there is no room */
export async function changeRun(
  run: KeptRun,
  changes: Pick<KeptRun, 'name'> | Pick<KeptRun, 'note'>,
): Promise<void> {
  await runs.put(run.id, { ...run, ...changes, version: VERSION });
}

/** @throws Error if the browser keeps nothing for this page */
export async function deleteRuns(...ids: readonly string[]): Promise<void> {
  await runs.delete(...ids);
  await models.delete(...ids);
}

/** @returns a safetensors file, or undefined if there is none */
export function modelOf(id: string): Promise<Uint8Array | undefined> {
  return models.get(id);
}
