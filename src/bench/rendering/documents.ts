// The documents that carry tables made from bench/results/ and models/reports/, in Node.
import { readdirSync, readFileSync } from 'node:fs';
import type { TrainReport } from '../../training/report.ts';
import type { Compiled } from '../compiled.ts';
import type { BenchReport } from '../report.ts';
import { compiledTable } from './compiled_table.ts';
import { recipeTable } from './recipe_table.ts';
import type { Results } from './results.ts';
import { summaryNotes, summaryTable } from './summary_table.ts';
import { TABLES, type Tables, withTables } from './tables.ts';

/** The tables of each document, by its file. */
const DOCUMENTS: { readonly [file: string]: (results: Results) => Tables } = {
  'README.md': (results) => ({ summary: summaryTable(results), notes: summaryNotes(results) }),
  'BENCHMARKS.md': (results) => ({
    ...Object.fromEntries(Object.entries(TABLES).map(([name, render]) => [name, render(results)])),
    recipes: recipeTable(Object.values(readFolder<TrainReport>('models/reports'))),
    compiled: compiledTable(results['compiled-radv'] as unknown as Compiled),
  }),
};

export const DOCUMENT_FILES = Object.keys(DOCUMENTS);

/**
 * A document with its tables as the results make them.
 * @param file of DOCUMENT_FILES
 * @throws Error if a table has no place in the text
 */
export function renderDocument(file: string, text: string): string {
  return withTables(text, DOCUMENTS[file](readFolder<BenchReport>('bench/results')), file);
}

/** The folder's JSON files by their names without the extension. */
function readFolder<T>(folder: string): { readonly [name: string]: T } {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    files.map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))]),
  );
}
