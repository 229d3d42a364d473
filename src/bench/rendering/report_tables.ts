// A report as tables of text: for the terminal, Markdown and the page.

import { percent } from '../../evaluation/percent.ts';
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';
import { findingsOf } from './findings.ts';
import { bytes, figures, markdown } from './text.ts';

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export function titleOf({ environment, roofline }: BenchReport): string {
  const { gflops, halfGflops, gigabytesPerSecond, together } = roofline;
  const half = halfGflops === undefined ? '' : ` (${halfGflops.toFixed(1)} in float16)`;
  const copy = gigabytesPerSecond === undefined ? '' : `, ${gigabytesPerSecond.toFixed(1)} GB/s`;
  const all = together ? `, ${together.gflops.toFixed(1)} on ${together.threads} threads at once` : '';
  return `${environment.runtime}, roofline ${gflops.toFixed(1)} GFLOP/s${half}${copy}${all}`;
}

/** One a kind of case: kernels, throughput, latency, starts; and of epochs. Those that are not empty. */
export function tablesOf({ cases, roofline }: BenchReport): Table[] {
  const kernels = cases.filter(({ suite }) => suite === 'kernels');
  const starts = cases.filter(({ subject }) => subject.start);
  const calls = cases.filter(({ subject }) => subject.callsPerSample !== undefined);
  const contests = cases.filter((each) => ![kernels, starts, calls].some((others) => others.includes(each)));
  const { overheads } = roofline;
  return [
    {
      title: 'Overheads',
      head: ['what costs next to nothing else', 'µs'],
      rows: overheads ? OVERHEADS.map(([name, what]) => [what, overheads[name].toFixed(1)]) : [],
    },
    {
      title: 'Kernels',
      head: KERNEL_HEAD,
      rows: kernels.map((each) => kernelRow(each, roofline.gigabytesPerSecond)),
    },
    {
      title: 'Own kernels',
      head: HEAD,
      rows: kernels
        .filter(({ peers }) => peers.length > 0)
        .flatMap((each) => contestRows(each, ownNumbers, peerNumbers)),
    },
    {
      title: 'Throughput',
      head: HEAD,
      rows: contests.flatMap((each) => contestRows(each, ownNumbers, peerNumbers)),
    },
    {
      title: 'Epochs of a training',
      head: ['case', 'batch', 'images/s of each epoch, in thousands', 'last to first'],
      rows: cases.flatMap(epochRows),
    },
    {
      title: 'Single calls',
      head: CALL_HEAD,
      rows: calls.flatMap((each) => contestRows(each, callNumbers, callNumbers)),
    },
    {
      title: 'Starts',
      head: START_HEAD,
      rows: starts.flatMap((each) => contestRows(each, startNumbers, startNumbers)),
    },
  ].filter(({ rows }) => rows.length > 0);
}

const OVERHEADS = [
  ['dispatch', 'a dispatch in a chain'],
  ['pass', 'a pass of one dispatch'],
  ['submit', 'a submit'],
  ['readback', 'a submit, and reading what it wrote'],
] as const;

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

function epochRows({ name, batch, epochs }: BenchCase): (string | number)[][] {
  if (!epochs) return [];
  const { imagesPerSecond, lastToFirst } = epochs;
  const thousands = imagesPerSecond.map((speed) => figures(speed / 1000)).join(' ');
  return [[name, batch, thousands, `${lastToFirst.toFixed(2)}×`]];
}

type Numbers = (entry: PeerEntry & { readonly rooflineFraction?: number }) => (string | number)[];

const HEAD = ['suite', 'case', 'batch', 'ms', 'GFLOP/s', 'of roofline', 'against', 'ms', 'ratio', '95 %'];
const ownNumbers: Numbers = ({ milliseconds, gflops, rooflineFraction }) => [
  milliseconds!.median.toFixed(3),
  gflops!.toFixed(1),
  percent(rooflineFraction!, 0),
];
const peerNumbers: Numbers = ({ milliseconds }) => [milliseconds!.median.toFixed(3)];

/** Milliseconds of a call. */
const PERCENTILES = ['p50', 'p95', 'p99'];
const CALL_HEAD = ['suite', 'case', 'batch', ...PERCENTILES, 'against', ...PERCENTILES, 'ratio', '95 %'];
const callNumbers: Numbers = ({ milliseconds }) =>
  [milliseconds!.median, milliseconds!.p95, milliseconds!.p99!].map((time) => time.toFixed(3));

const START = ['ms', 'script', 'open', 'step', 'loaded', 'memory'];
const START_HEAD = ['suite', 'case', 'batch', ...START, 'against', ...START, 'ratio', '95 %'];
const startNumbers: Numbers = ({ milliseconds, start }) => [
  ...[milliseconds!.median, start!.script, start!.open, start!.step].map((time) => time.toFixed(0)),
  ...[start!.downloaded, start!.memory].map((count) => (count === undefined ? '' : bytes(count))),
];

/** A row for each peer, the first one with the subject. */
function contestRows(
  { suite, name, batch, subject, peers }: BenchCase,
  own: Numbers,
  theirs: Numbers,
): (string | number)[][] {
  const left = [suite, name, batch, ...own({ name, ...subject })];
  const width = theirs({ name, ...subject }).length;
  if (peers.length === 0) return [[...left, ...Array(width + 3).fill('')]];
  return peers.map((peer, index) => {
    const before = index === 0 ? left : left.map(() => '');
    const { ratio, milliseconds, error } = peer;
    if (!ratio || !milliseconds) return [...before, peer.name, ...Array(width).fill(''), error ?? '', ''];
    const interval = `${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)}`;
    return [...before, peer.name, ...theirs(peer), `${ratio.median.toFixed(2)}×`, interval];
  });
}

export function toMarkdown(report: BenchReport): string {
  const found = findingsOf(report).map(({ lead, details }) => `- **${lead}.** ${details.join(' ')}\n`);
  return `${[`${titleOf(report)}.\n`, found.join(''), markdownOf(tablesOf(report))].filter(Boolean).join('\n')}`;
}

export function markdownOf(tables: readonly Omit<Table, 'title'>[]): string {
  return tables.map(({ head, rows }) => markdown(head, head.length, rows)).join('\n');
}
