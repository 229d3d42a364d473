// The results in bench/results/: their names are known at once, each is loaded when it is asked for.
import type { BenchReport } from '../../bench/report.ts';
import { parseReport } from '../../bench/schema.ts';

const FILES = import.meta.glob<string>(
  ['../../../bench/results/*.json', '!../../../bench/results/compiled-*.json'],
  { query: '?raw', import: 'default' },
);

const fileOf = new Map(
  Object.keys(FILES).map((path) => [path.split('/').at(-1)!.replace('.json', ''), path]),
);

export const COMMITTED: readonly string[] = [...fileOf.keys()];

/** @throws Error if there is no such result, or it cannot be loaded */
export async function loadCommitted(name: string): Promise<BenchReport> {
  const path = fileOf.get(name);
  if (path === undefined) throw new Error(`there is no result "${name}"`);
  return parseReport(await FILES[path](), name);
}
