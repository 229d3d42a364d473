// Several machines' results side by side: a row for each case, and of each machine its time, its speed and,
// after the first machine, the ratio of its time to that of the first one that has the case.
import type { BenchReport } from '../report.ts';

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
  /** The first machine is held against none. */
  const cells = (index: number, three: readonly string[]) => three.slice(0, index === 0 ? 2 : 3);
  const rows = [...keys].map(([key, columns]) => {
    const subjects = found.map((byKey) => byKey.get(key));
    const first = subjects.find(Boolean);
    return [
      ...columns,
      ...subjects.flatMap((subject, index) => {
        if (!subject || !first) return cells(index, ['', '', '']);
        const { milliseconds, gflops } = subject;
        const ratio = `${(milliseconds.median / first.milliseconds.median).toFixed(2)}×`;
        return cells(index, [
          milliseconds.median.toPrecision(4),
          gflops.toFixed(1),
          subject === first ? '' : ratio,
        ]);
      }),
    ];
  });
  const columns = names.flatMap((name, index) => cells(index, [`${name} ms`, 'GFLOP/s', 'ratio']));
  return { head: ['suite', 'case', 'batch', ...columns], rows };
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
