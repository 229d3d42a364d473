// A comparison for a spreadsheet.
import type { EntrantReport } from '../../jobs/job.ts';

/** A line for each step, with the loss and the seconds of training of every engine that did it. */
export function stepsToCsv(entrants: readonly EntrantReport[]): string {
  const columns = entrants
    .filter(({ steps }) => steps > 0)
    .flatMap(({ name, stepLosses, stepSeconds }) => [
      { title: `${name} loss`, values: stepLosses },
      { title: `${name} seconds`, values: stepSeconds },
    ]);
  const steps = Math.max(0, ...columns.map(({ values }) => values.length));
  const lines = Array.from({ length: steps }, (_, i) => [
    i + 1,
    ...columns.map(({ values }) => values[i] ?? ''),
  ]);
  return [['step', ...columns.map(({ title }) => title)], ...lines]
    .map((line) => `${line.join(',')}\n`)
    .join('');
}
