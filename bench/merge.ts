// Several machines' results side by side: a row for each case, two columns for each machine.
import type { BenchReport } from './report.ts';

export interface Merged {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** @param names of the reports, for the head */
export function merge(reports: readonly BenchReport[], names: readonly string[]): Merged {
  const keys = new Map<string, readonly string[]>();
  const found = reports.map(({ cases }) => {
    const byKey = new Map(
      cases.map((each) => {
        const key = [each.suite, each.name, String(each.batch)];
        keys.set(key.join('|'), key);
        return [key.join('|'), each.subject];
      }),
    );
    return byKey;
  });
  const rows = [...keys].map(([key, columns]) => [
    ...columns,
    ...found.flatMap((subjects) => {
      const subject = subjects.get(key);
      return subject ? [subject.milliseconds.median.toPrecision(4), subject.gflops.toFixed(1)] : ['', ''];
    }),
  ]);
  return { head: ['suite', 'case', 'batch', ...names.flatMap((name) => [`${name} ms`, 'GFLOP/s'])], rows };
}

/** A row for each pair of subject and peer, as RFC 4180 has it. */
export function toCsv({ environment, cases }: BenchReport): string {
  const head = [
    'runtime',
    'suite',
    'case',
    'batch',
    'ms',
    'p5',
    'p95',
    'gflops',
    'peer',
    'version',
    'peer ms',
    'ratio',
    'low',
    'high',
    'error',
  ];
  const rows = cases.flatMap(({ suite, name, batch, subject, peers }) => {
    const { milliseconds, gflops } = subject;
    const own = [
      environment.runtime,
      suite,
      name,
      batch,
      milliseconds.median,
      milliseconds.p5,
      milliseconds.p95,
      gflops,
    ];
    if (peers.length === 0) return [[...own, '', '', '', '', '', '', '']];
    return peers.map((peer) => {
      const { median = '', low = '', high = '' } = peer.ratio ?? {};
      return [
        ...own,
        peer.name,
        peer.version ?? '',
        peer.milliseconds?.median ?? '',
        median,
        low,
        high,
        peer.error ?? '',
      ];
    });
  });
  return [head, ...rows].map((row) => `${row.map(quoted).join(',')}\r\n`).join('');
}

function quoted(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
