// README with its tables made from bench/results/, in Node.
import { readdirSync, readFileSync } from 'node:fs';
import type { BenchReport } from './report.ts';
import { withTables } from './tables.ts';

const RESULTS = 'bench/results';

/** @param readme the text of README.md */
export function renderReadme(readme: string): string {
  const results: Record<string, BenchReport> = {};
  for (const name of readdirSync(RESULTS).filter((each) => each.endsWith('.json')))
    results[name.replace('.json', '')] = JSON.parse(readFileSync(`${RESULTS}/${name}`, 'utf8'));
  return withTables(readme, results);
}
