// What a fleet's run leaves: its report on the terminal and in files.
import { toCsv } from '../../bench/rendering/side_by_side.ts';
import { markdown } from '../../bench/rendering/text.ts';
import type { FleetReport } from '../../fleet/report.ts';
import { renderFleetReport } from '../../fleet/report_html.ts';
import { fleetSentences, fleetTables } from '../../fleet/tables.ts';
import { INTERRUPTED, jsonText } from '../options.ts';
import { print, table } from '../output.ts';
import type { OutputFile } from '../output_file.ts';

export interface FleetOutputs {
  readonly json?: OutputFile;
  readonly html?: OutputFile;
  readonly markdown?: OutputFile;
  readonly csv?: OutputFile;
}

/** Writes and prints the report; the exit code is 1 where jobs failed, and another where they were interrupted. */
export async function putOutFleet(
  { report, interrupted }: { readonly report: FleetReport; readonly interrupted: boolean },
  outputs: FleetOutputs,
): Promise<void> {
  const tables = fleetTables(report);
  await outputs.json?.write(jsonText(report));
  await outputs.html?.write(renderFleetReport(report));
  await outputs.markdown?.write(
    tables
      .map(
        ({ title, head, rows }) =>
          `## ${title}\n\n${markdown(
            head,
            head.length,
            rows.map((row) => row.map(inCell)),
          )}\n`,
      )
      .join('\n'),
  );
  await outputs.csv?.write(csvOf(report));
  for (const { title, head, rows } of tables) print(`${title}\n${table(head, rows)}`);
  for (const line of fleetSentences(report)) print(line);
  if (interrupted) process.exitCode = INTERRUPTED;
  else if (report.jobs.done < report.jobs.total) process.exitCode = 1;
}

const inCell = (text: string) => text.replaceAll('|', '\\|');

/** The rows of all machines below one head, each with its machine before it. */
function csvOf({ benchmarks = [] }: FleetReport): string {
  const [head = ''] = benchmarks.map(({ report }) => toCsv(report).split('\r\n')[0]);
  const rows = benchmarks.flatMap(({ name, report }) =>
    toCsv(report)
      .split('\r\n')
      .slice(1, -1)
      .map((row) => `"${name.replaceAll('"', '""')}",${row}`),
  );
  return [`machine,${head}`, ...rows].map((row) => `${row}\r\n`).join('');
}
