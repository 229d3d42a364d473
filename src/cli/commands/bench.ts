// `bench`: this project's engines against each other and against peers, in turns on the same work.
import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { BenchCase, BenchReport } from '../../../bench/bench.ts';
import { merge, toCsv } from '../../../bench/merge.ts';
import { defaultPeers, PEER_NAMES } from '../../../bench/peers/peers.ts';
import { parseReport } from '../../../bench/schema.ts';
import { BENCH_BACKENDS, type BenchBackend, SUITES, type Suite } from '../../../bench/suites.ts';
import { markdown } from '../../../bench/tables.ts';
import { readBytes } from '../../data/mnist_node.ts';
import { BROWSERS } from '../browser/find.ts';
import { checkWritable, type RunOptions, runWhereAsked, toNumber, write, writeJson } from '../options.ts';
import { note, percent, table } from '../output.ts';

interface Options extends Omit<RunOptions, 'backend' | 'data'> {
  readonly backend: BenchBackend;
  readonly suite: readonly Suite[];
  readonly layers: readonly string[];
  readonly batch: readonly number[];
  readonly seconds: number;
  readonly autotune?: boolean;
  /** false: none; left out: the default. */
  readonly peers?: readonly string[] | boolean;
  readonly markdown?: string;
  readonly csv?: string;
  readonly merge?: readonly string[];
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('Time the engines against peers, in turns, with every answer checked.')
    .addOption(
      new Option('--runtime <name>', 'where it runs').choices(['node', ...BROWSERS]).default('chromium'),
    )
    .addOption(new Option('--backend <name>', 'ours').choices(BENCH_BACKENDS).default('wasm'))
    .option('--suite <names>', SUITES.join(', '), toSuites, ['step'])
    .option('--layers <networks>', 'joined by commas', (text) => text.split(','), [
      '784-128-10',
      '784-512-512-10',
    ])
    .option('--batch <numbers>', 'joined by commas', (text) => text.split(',').map(toNumber), [128])
    .option('--seconds <number>', 'for each case', toNumber, 10)
    .option('--autotune', 'WebGPU: time the variants of each product first, and remember the fastest')
    .option('--peers <names>', `joined by commas: ${PEER_NAMES.join(', ')} (default: the fastest)`, toPeers)
    .option('--no-peers', 'only our own engines')
    .option('--json <file>', 'write the result as JSON')
    .option('--markdown <file>', 'write the tables as Markdown')
    .option('--csv <file>', 'write a row for each comparison as CSV')
    .option('--merge <files...>', 'run nothing; put results of several machines side by side')
    .action(benchAndReport);
}

function toSuites(text: string): Suite[] {
  return text.split(',').map((name) => {
    const suite = SUITES.find((each) => each === name);
    if (!suite) throw new InvalidArgumentError(`Expected ${SUITES.join(', ')}.`);
    return suite;
  });
}

function toPeers(text: string): string[] {
  const names = text === 'all' ? PEER_NAMES : text.split(',');
  const unknown = names.find((name) => !PEER_NAMES.includes(name));
  if (unknown) throw new InvalidArgumentError(`Expected all, or of: ${PEER_NAMES.join(', ')}.`);
  return names;
}

async function benchAndReport(options: Options): Promise<void> {
  await checkWritable(options.json, options.markdown, options.csv);
  if (options.merge) return printMerged(options.merge, options.markdown);
  const { backend, autotune, suite: suites, layers: networks, batch: batches, seconds } = options;
  const wanted = options.peers ?? true;
  const peers = typeof wanted === 'boolean' ? (wanted ? defaultPeers(backend) : []) : wanted;
  const job = { kind: 'bench', backend, autotune, suites, networks, batches, seconds, peers } as const;
  const report = await runWhereAsked(job, options, {
    onEvent: (event) => {
      if (event.kind === 'benching') note(event.what);
    },
  });
  await writeJson(options.json, report);
  if (options.markdown !== undefined) await write(options.markdown, toMarkdown(report));
  if (options.csv !== undefined) await write(options.csv, toCsv(report));
  console.log(titleOf(report));
  for (const { head, rows } of tablesOf(report)) console.log(table(head, rows));
  for (const line of report.notes) console.log(line);
}

async function printMerged(files: readonly string[], out: string | undefined): Promise<void> {
  const reports = await Promise.all(
    files.map(async (file) => parseReport(new TextDecoder().decode(await readBytes(file)), file)),
  );
  const names = files.map((file) => basename(file, '.json'));
  const merged = merge(reports, names);
  if (out !== undefined) await write(out, markdownOf([merged]));
  console.log(table(merged.head, merged.rows));
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
  return `${titleOf(report)}.\n\n${markdownOf(tablesOf(report))}`;
}

function markdownOf(tables: readonly Table[]): string {
  return tables.map(({ head, rows }) => markdown(head, head.length, rows)).join('\n');
}
