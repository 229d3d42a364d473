// A fleet's report as tables and sentences, which the terminal, Markdown and the web page show alike.
import type { Spread } from '../bench/turns.ts';
import { percent } from '../evaluation/percent.ts';
import { count, plural } from '../plural.ts';
import { describePlace } from './place.ts';
import { bestOf, type FleetBenchmark, type FleetReport, type FleetTrained } from './report.ts';

export interface FleetTable {
  readonly title: string;
  /** How it is to be read. */
  readonly note?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function fleetTables(report: FleetReport): FleetTable[] {
  const { benchmarks = [], trainings = [], command } = report;
  return [
    sideBySide(benchmarks),
    environments(benchmarks),
    peers(benchmarks),
    trained(trainings, command === 'sweep'),
    places(report),
    failures(report),
    differences(report),
  ].filter(({ rows }) => rows.length > 0);
}

/** What it comes to, a sentence each. */
export function fleetSentences(report: FleetReport): string[] {
  const { jobs, trainings = [], failures: failed, places: used, command } = report;
  const { total, done, waiting } = jobs;
  const lines = [`${count(done)} of ${plural(total, 'job')} done in ${plural(used.length, 'place')}.`];
  if (jobs.failed > 0) lines.push(`${count(jobs.failed)} failed for good.`);
  if (waiting > 0) lines.push(`${count(waiting)} not come to: the same command goes on with them.`);
  if (failed.length > 0) lines.push(`${plural(failed.length, 'failure')} on the way, each with its reason.`);
  const best = bestOf(trainings);
  if (best && command === 'sweep')
    lines.push(`The best is ${best.name}: ${percent(best.report.test.accuracy)} of the held-out images.`);
  else if (trainings.length > 0) lines.push(`Test accuracy ${accuraciesText(trainings)}.`);
  if (command !== 'bench') lines.push(bitsSentence(report));
  return lines;
}

/** "97.31 % on average, standard deviation 0.12 points, from 97.02 % to 97.52 %" */
function accuraciesText(trainings: readonly FleetTrained[]): string {
  const all = trainings.map(({ report }) => report.test.accuracy);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const squares = all.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  const deviation =
    all.length > 1
      ? `, standard deviation ${(100 * Math.sqrt(squares / (all.length - 1))).toFixed(2)} points`
      : '';
  return `${percent(mean)} on average${deviation}, from ${percent(Math.min(...all))} to ${percent(Math.max(...all))}`;
}

function bitsSentence({ bits }: FleetReport): string {
  const { compared, differences: found, builds, places: slots } = bits;
  if (compared === 0) return 'No training ran in two places: bits were not compared.';
  if (found.length === 0)
    return `Equal trainings gave equal bits in all ${count(slots)} places (${builds.join('; ')}).`;
  return `Equal trainings gave other bits on the same build: ${plural(found.length, 'difference')}.`;
}

/** A row for each machine that has a case. */
function sideBySide(benchmarks: readonly FleetBenchmark[]): FleetTable {
  const keyOf = ({ suite, name, batch }: FleetBenchmark['report']['cases'][number]) =>
    [suite, name, String(batch)] as const;
  const found = new Map<string, { key: readonly string[]; cells: string[][] }>();
  const first = new Map<string, Spread>();
  for (const { name, report } of benchmarks)
    for (const each of report.cases) {
      const key = keyOf(each);
      const id = key.join('|');
      const group = found.get(id) ?? { key, cells: [] };
      found.set(id, group);
      const { milliseconds, gflops } = each.subject;
      const base = first.get(id);
      if (!base) first.set(id, milliseconds);
      group.cells.push([
        name,
        milliseconds.median.toPrecision(4),
        `${milliseconds.p5.toPrecision(3)} to ${milliseconds.p95.toPrecision(3)}`,
        gflops.toFixed(1),
        ...(base ? ratioText(milliseconds, base) : ['', '']),
      ]);
    }
  return {
    title: 'Machines side by side',
    note: 'Median milliseconds with the 5th and 95th percentile. The ratio is the time over that of the first machine; its interval is what these percentiles allow at most, as no two machines were timed in turns.',
    head: ['suite', 'case', 'batch', 'machine', 'ms', 'p5 to p95', 'GFLOP/s', 'ratio', 'interval'],
    rows: [...found.values()].flatMap(({ key, cells }) => cells.map((row) => [...key, ...row])),
  };
}

function ratioText(one: Spread, base: Spread): [ratio: string, interval: string] {
  const times = (value: number) => value.toFixed(2);
  return [
    `${times(one.median / base.median)}×`,
    `${times(one.p5 / base.p95)} to ${times(one.p95 / base.p5)}`,
  ];
}

function environments(benchmarks: readonly FleetBenchmark[]): FleetTable {
  return {
    title: 'Where they ran',
    head: ['machine', 'runtime', 'processors', 'threads', 'WebGPU', 'roofline', 'commit'],
    rows: benchmarks.map(({ name, report: { environment, roofline } }) => [
      name,
      environment.runtime,
      String(environment.processors),
      environment.isolated ? 'yes' : 'no',
      environment.adapter,
      `${roofline.gflops.toFixed(1)} GFLOP/s`,
      environment.commit,
    ]),
  };
}

function peers(benchmarks: readonly FleetBenchmark[]): FleetTable {
  const text = (value: number) => value.toFixed(2);
  return {
    title: 'Against others on the same machine',
    note: 'The peer’s time over ours, pair by pair in one run: above 1 ours is faster. The interval is of 95 %.',
    head: ['suite', 'case', 'machine', 'against', 'ratio', 'interval'],
    rows: benchmarks.flatMap(({ name: machine, report }) =>
      report.cases.flatMap(({ suite, name, peers: all }) =>
        all.map(({ name: peer, ratio, error }) => [
          suite,
          name,
          machine,
          peer,
          ratio ? `${text(ratio.median)}×` : '',
          ratio ? `${text(ratio.low)} to ${text(ratio.high)}` : (error ?? ''),
        ]),
      ),
    ),
  };
}

/** @param ranked the best first */
function trained(trainings: readonly FleetTrained[], ranked: boolean): FleetTable {
  const names = [...new Set(trainings.flatMap(({ values }) => Object.keys(values)))];
  const inOrder = ranked
    ? trainings.toSorted((a, b) => b.report.test.accuracy - a.report.test.accuracy)
    : trainings;
  return {
    title: 'Trainings',
    head: [...names, ranked ? 'held out' : 'test', 'loss', 'seconds', 'where', 'try', 'SHA-256'],
    rows: inOrder.map(({ values, report, place, attempt }) => [
      ...names.map((name) => String(values[name] ?? '')),
      percent(report.test.accuracy),
      // JSON has null for a loss that is not finite.
      report.test.loss?.toFixed(4) ?? 'not finite',
      report.seconds.toFixed(report.seconds < 10 ? 2 : 1),
      describePlace(place),
      String(attempt),
      report.parameters.sha256?.slice(0, 12) ?? '',
    ]),
  };
}

function places({ places: used }: FleetReport): FleetTable {
  return {
    title: 'Places',
    head: ['browser', 'node', 'system', 'jobs'],
    rows: used.map(({ browser, node, platform = '', jobs }) => [browser, node, platform, String(jobs)]),
  };
}

function failures({ failures: all }: FleetReport): FleetTable {
  return {
    title: 'Failures',
    head: ['when', 'job', 'try', 'where', 'why'],
    rows: all.map(({ at, job = '', attempt, place, browser = '', why }) => [
      at.slice(0, 19).replace('T', ' '),
      job,
      attempt === undefined ? '' : String(attempt),
      place ? describePlace(place) : browser,
      why,
    ]),
  };
}

function differences({ bits }: FleetReport): FleetTable {
  return {
    title: 'Other bits on the same build',
    head: ['training', 'build', 'SHA-256', 'where'],
    rows: bits.differences.flatMap(({ training, build, results }) =>
      results.map(({ sha256, places: where }) => [
        training,
        build,
        sha256.slice(0, 12),
        where.map(describePlace).join(', '),
      ]),
    ),
  };
}
