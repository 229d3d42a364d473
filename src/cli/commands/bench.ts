// `bench`: this project's engines against each other and against peers, in turns on the same work.
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BenchBackend, BenchCase, BenchReport, Suite } from '../../../bench/bench.ts';
import { BROWSERS } from '../browser/find.ts';
import { checkWritable, type RunOptions, runWhereAsked, toNumber, write, writeJson } from '../options.ts';
import { note, percent, table } from '../output.ts';

const SUITES: readonly Suite[] = ['kernels', 'step', 'epoch', 'inference'];
const BACKENDS: readonly BenchBackend[] = ['wasm', 'webgpu'];

interface Options extends Omit<RunOptions, 'backend' | 'data'> {
  readonly backend: BenchBackend;
  readonly suite: readonly Suite[];
  readonly layers: readonly string[];
  readonly batch: readonly number[];
  readonly seconds: number;
  readonly autotune?: boolean;
  readonly peers: boolean;
  readonly markdown?: string;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Time the engines against peers, in turns, with every answer checked.')
    .addOption(
      new Option('--runtime <name>', 'where it runs').choices(['node', ...BROWSERS]).default('chromium'),
    )
    .addOption(new Option('--backend <name>', 'ours').choices(BACKENDS).default('wasm'))
    .option('--suite <names>', SUITES.join(', '), toSuites, ['step'])
    .option('--layers <networks>', 'joined by commas', (text) => text.split(','), [
      '784-128-10',
      '784-512-512-10',
    ])
    .option('--batch <numbers>', 'joined by commas', (text) => text.split(',').map(toNumber), [128])
    .option('--seconds <number>', 'for each case', toNumber, 10)
    .option('--autotune', 'WebGPU: time the variants of each product first, and remember the fastest')
    .option('--no-peers', 'only our own engines')
    .option('--json <file>', 'write the result as JSON')
    .option('--markdown <file>', 'write the tables as Markdown')
    .action(benchAndReport);
}

function toSuites(text: string): Suite[] {
  return text.split(',').map((name) => {
    const suite = SUITES.find((each) => each === name);
    if (!suite) throw new InvalidArgumentError(`Expected ${SUITES.join(', ')}.`);
    return suite;
  });
}

async function benchAndReport(options: Options): Promise<void> {
  await checkWritable(options.json, options.markdown);
  const { backend, autotune, suite: suites, layers: networks, batch: batches, seconds, peers } = options;
  const job = { kind: 'bench', backend, autotune, suites, networks, batches, seconds, peers } as const;
  const report = await runWhereAsked(job, options, {
    onEvent: (event) => {
      if (event.kind === 'benching') note(event.what);
    },
  });
  await writeJson(options.json, report);
  if (options.markdown !== undefined) await write(options.markdown, toMarkdown(report));
  console.log(titleOf(report));
  for (const { head, rows } of tablesOf(report)) console.log(table(head, rows));
}

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

function titleOf({ environment, roofline: { gflops, gigabytesPerSecond, threads } }: BenchReport): string {
  const copy = gigabytesPerSecond === undefined ? '' : `, ${gigabytesPerSecond.toFixed(1)} GB/s`;
  const of = gigabytesPerSecond === undefined ? ` on ${threads} thread` : '';
  return `${environment.runtime}, roofline ${gflops.toFixed(1)} GFLOP/s${of}${copy}`;
}

function tablesOf({ cases, roofline }: BenchReport): Table[] {
  const kernels = cases.filter(({ suite }) => suite === 'kernels');
  const contests = cases.filter(({ suite }) => suite !== 'kernels');
  return [
    { head: KERNEL_HEAD, rows: kernels.map((each) => kernelRow(each, roofline.gigabytesPerSecond)) },
    { head: HEAD, rows: contests.flatMap(contestRows) },
  ].filter(({ rows }) => rows.length > 0);
}

const KERNEL_HEAD = ['kernel', 'network', 'batch', 'ms', 'GFLOP/s', 'of roofline', 'GB/s', 'of copy'];

function kernelRow({ name, network, batch, subject }: BenchCase, copy: number | undefined) {
  const { milliseconds, gflops, rooflineFraction, gigabytesPerSecond = 0 } = subject;
  return [
    name,
    network,
    batch,
    milliseconds.median.toFixed(3),
    gflops.toFixed(1),
    percent(rooflineFraction, 0),
    gigabytesPerSecond.toFixed(1),
    copy === undefined ? '' : percent(gigabytesPerSecond / copy, 0),
  ];
}

const HEAD = ['suite', 'case', 'batch', 'ms', 'GFLOP/s', 'of roofline', 'against', 'ms', 'ratio', '95 %'];

function contestRows({ suite, name, batch, subject, peers }: BenchCase): (string | number)[][] {
  const { milliseconds: took, gflops, rooflineFraction } = subject;
  const own = [suite, name, batch, took.median.toFixed(3), gflops.toFixed(1), percent(rooflineFraction, 0)];
  if (peers.length === 0) return [[...own, '', '', '', '']];
  return peers.map((peer, index) => {
    const left = index === 0 ? own : own.map(() => '');
    const { ratio, milliseconds, error } = peer;
    if (!ratio || !milliseconds) return [...left, peer.name, '', error ?? '', ''];
    const interval = `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`;
    return [...left, peer.name, milliseconds.median.toFixed(3), `${ratio.median.toFixed(2)}×`, interval];
  });
}

function toMarkdown(report: BenchReport): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    `${titleOf(report)}.`,
    ...tablesOf(report).flatMap(({ head, rows }) => [
      '',
      line(head),
      line(head.map(() => '---')),
      ...rows.map(line),
    ]),
    '',
  ].join('\n');
}
