// The last own benchmark, kept across reloads in IndexedDB.
import * as v from 'valibot';
import type { BenchReport } from '../../bench/report.ts';
import { parseReport } from '../../bench/schema.ts';
import { Shelf, VERSION, versionSchema } from './shelf.ts';

export interface OwnBenchmark {
  readonly report: BenchReport;
  /** The query of the address that repeats it. */
  readonly query: string;
}

/** As text, which is read with the same care as a file. */
const shelf = new Shelf(
  'mnist-kernels-benchmark',
  'last',
  v.object({ version: versionSchema, json: v.string(), query: v.string() }),
);

/** The id of the only record. */
const ID = 'last';

/** @throws Error if the browser keeps nothing for this page */
export async function keepBenchmark({ report, query }: OwnBenchmark): Promise<void> {
  await shelf.put(ID, { version: VERSION, json: JSON.stringify(report), query });
}

/**
 * The last one; the next takes its place, also if this one cannot be read.
 * @throws Error if the browser keeps nothing for this page, or a result that is none
 */
export async function lastBenchmark(): Promise<OwnBenchmark | undefined> {
  const kept = await shelf.get(ID);
  return kept && { report: parseReport(kept.json, 'the last benchmark'), query: kept.query };
}
