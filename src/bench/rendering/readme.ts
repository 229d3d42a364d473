// README with its tables made from bench/results/ and models/reports/, in Node.
import { readdirSync, readFileSync } from 'node:fs';
import type { TrainReport } from '../../training/report.ts';
import type { Compiled } from '../compiled.ts';
import type { BenchReport } from '../report.ts';
import { compiledTable } from './compiled_table.ts';
import { TABLES, withTables } from './readme_tables.ts';
import { recipeTable } from './recipe_table.ts';

/** @param readme the text of README.md */
export function renderReadme(readme: string): string {
  const results = readFolder<BenchReport>('bench/results');
  const reports = Object.values(readFolder<TrainReport>('models/reports'));
  const tables = Object.entries(TABLES).map(([name, render]) => [name, render(results)]);
  const compiled = compiledTable(results['compiled-radv'] as unknown as Compiled);
  return withTables(readme, { ...Object.fromEntries(tables), recipes: recipeTable(reports), compiled });
}

/** The folder's JSON files by their names without the extension. */
function readFolder<T>(folder: string): { readonly [name: string]: T } {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))]),
  );
}
