// The last own benchmark, kept across reloads in IndexedDB.
import { createStore, get, set } from 'idb-keyval';
import type { BenchReport } from '../../bench/report.ts';
import { parseReport } from '../../bench/schema.ts';

export interface OwnBenchmark {
  readonly report: BenchReport;
  /** The query of the address that repeats it. */
  readonly query: string;
}

/** As text: what another version of the page kept is read with the same care as a file. */
interface Kept {
  readonly json: string;
  readonly query: string;
}

const store = () => createStore('mnist-kernels-benchmark', 'last');

/** @throws Error if the browser keeps nothing for this page */
export async function keepBenchmark({ report, query }: OwnBenchmark): Promise<void> {
  await set('last', { json: JSON.stringify(report), query } satisfies Kept, store());
}

/** @throws Error if there is one that cannot be read */
export async function lastBenchmark(): Promise<OwnBenchmark | undefined> {
  const kept = await get<Kept>('last', store());
  return kept && { report: parseReport(kept.json, 'the last benchmark'), query: kept.query };
}
