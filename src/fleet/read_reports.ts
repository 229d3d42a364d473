// The benchmarks that a file has: one of `bench --json` or of the page, or those of all machines of a fleet.
import * as v from 'valibot';
import type { BenchReport } from '../bench/report.ts';
import { parseReport } from '../bench/schema.ts';
import { InputError } from '../errors.ts';
import { fleetReportSchema } from './schema.ts';

export interface NamedReport {
  /** The file's, or the machine's. */
  readonly name: string;
  readonly report: BenchReport;
}

const anyFleet = v.object({ schema: fleetReportSchema.entries.schema });

/**
 * @param file where the text came from: the name of a single benchmark, and for messages
 * @throws InputError naming the file, and the field that is wrong
 */
export function parseReports(text: string, file: string): NamedReport[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // As parseReport says.
  }
  if (!v.is(anyFleet, value)) return [{ name: file, report: parseReport(text, file) }];
  const { success, issues, output } = v.safeParse(fleetReportSchema, value);
  if (!success) {
    const [{ message, path }] = issues;
    const field = path?.map(({ key }) => String(key)).join('.') ?? '';
    throw new InputError(`${file}: not a result of a fleet: ${field && `${field}: `}${message}`);
  }
  const { benchmarks = [] } = output;
  if (benchmarks.length === 0) throw new InputError(`${file}: a result of a fleet without a benchmark`);
  return benchmarks.map(({ name, report }) => ({ name, report: report as unknown as BenchReport }));
}
