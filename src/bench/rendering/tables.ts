// BENCHMARKS.md's tables, made from what lies in bench/results/. `npm run readme` writes them; a test fails
// when they differ.

import { percent } from '../../evaluation/percent.ts';
import { PEER_NAMES } from '../options.ts';
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';
import { goalTable } from './goals.ts';
import { peerOf, type Results, ratioText } from './results.ts';
import { figures, markdown } from './text.ts';

/** Each table by the name in its markers: `<!-- table: NAME -->` … `<!-- end -->`. */
export const TABLES: { readonly [name: string]: (results: Results) => string } = {
  wasm: (results) =>
    speedTable(results['wasm-2-cores-chromium'], ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm']),
  batches: (results) => batchTable(results['wasm-2-cores-chromium-batches']),
  everyone: (results) =>
    everyoneTable(results['all-peers-2-cores-chromium'], results['start-2-cores-chromium']),
  runtimes: (results) =>
    runtimeTable(
      ['chromium', 'firefox', 'webkit', 'webkit-as-it-comes', 'node', 'node-24'].flatMap(
        (name) => results[`wasm-2-cores-${name}`] ?? [],
      ),
    ),
  webgpu: (results) =>
    adapterTable(['webgpu-swiftshader-chromium', 'webgpu-lavapipe-firefox'].map((name) => results[name])),
  accuracy: (results) => accuracyTable(results['wasm-time-to-accuracy-chromium']),
  goals: goalTable,
};

/** Tables in Markdown, by name. */
export type Tables = { readonly [name: string]: string };

/**
 * A document with every table in its place.
 * @param file of the document, for messages
 * @throws Error if a table has no markers
 */
export function withTables(document: string, tables: Tables, file: string): string {
  return Object.entries(tables).reduce((text, [name, table]) => {
    const [begin, end] = [`<!-- table: ${name} -->\n`, '<!-- end -->'];
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`${file} has no table "${name}"`);
    return text.slice(0, from + begin.length) + table + text.slice(to);
  }, document);
}

/** Cases whose work is repeated in one go, not call by call. */
const throughputOf = ({ cases }: BenchReport) =>
  cases.filter(({ suite, subject }) => suite in WORK && subject.callsPerSample === undefined);
const WORK: { readonly [suite: string]: string } = { step: 'training step', inference: '10,000 images' };
const workOf = ({ suite, batch }: BenchCase) =>
  suite === 'step' ? `${WORK.step}, batch ${batch}` : WORK[suite];

function speedTable(report: BenchReport, peers: readonly string[]): string {
  const cases = throughputOf(report);
  const versions = peers.map((name) => {
    const entry = cases.flatMap((each) => peerOf(each, name) ?? [])[0];
    return [name, entry?.version].filter(Boolean).join(' ');
  });
  const rows = cases.map((each) => [
    workOf(each),
    each.network,
    each.name.replace(`${each.network} `, '').replace('dense', 'no zeros skipped'),
    figures(each.subject.milliseconds.median),
    percent(each.subject.rooflineFraction, 0),
    ...peers.map((name) => ratioText(peerOf(each, name))),
  ]);
  return markdown(['work', 'network', 'ours', 'ms', 'of roofline', ...versions], 3, rows);
}

/** Training steps of networks and batches, on one thread and on all, skipping zeros and not. */
function batchTable({ cases }: BenchReport): string {
  const variants = [...new Set(cases.map(({ name, network }) => name.slice(network.length + 1)))];
  const head = ['training step', 'batch', ...variants.map((name) => `${name}: ms (of roofline)`)];
  const sizes = new Map(cases.map((each) => [`${each.network} ${each.batch}`, each]));
  const rows = [...sizes.values()].map(({ network, batch }) => [
    network,
    batch,
    ...variants.map((variant) => {
      const found = cases.find((each) => each.batch === batch && each.name === `${network} ${variant}`);
      if (!found) return '';
      const { milliseconds, rooflineFraction } = found.subject;
      return `${figures(milliseconds.median)} (${percent(rooflineFraction, 0)})`;
    }),
  ]);
  return markdown(head, 1, rows);
}

/** Every contestant with what it takes for each kind of work, ours first. */
function everyoneTable({ cases }: BenchReport, starts: BenchReport): string {
  const of = (suite: string, name: string) =>
    [...cases, ...starts.cases].find((each) => each.suite === suite && each.name === name)!;
  const [network] = cases.map((each) => each.network);
  const step = of('step', `${network} 1 thread`);
  const images = of('inference', `${network} 1 thread`);
  const image = of('inference', `${network} one image, 1 thread`);
  const start = of('start', `${network} wasm`);
  const names = [...new Set([step, images].flatMap(({ peers }) => peers.map(({ name }) => name)))];
  const entry = (found: BenchCase, name: string | undefined) =>
    name === undefined ? { ...found.subject, name: '' } : peerOf(found, name);
  const cell = (found: BenchCase, name: string | undefined, text: (entry: PeerEntry) => string) => {
    const one = entry(found, name);
    return one?.milliseconds ? text(one) : (one?.error ?? '–');
  };
  const milliseconds = ({ milliseconds: time }: PeerEntry) => figures(time!.median);
  const percentiles = ({ milliseconds: { median, p99 } = { median: 0, p5: 0, p95: 0 } }: PeerEntry) =>
    `${figures(1000 * median)} / ${figures(1000 * p99!)}`;
  const rows = [undefined, ...names].map((name) => {
    const version = (peerOf(step, name ?? '') ?? peerOf(images, name ?? ''))?.version;
    const title =
      name === undefined ? '**mnist-kernels, 1 thread**' : [name, version].filter(Boolean).join(', ');
    return [
      title.replace(', WASM relaxed-simd', ''),
      cell(step, name, milliseconds),
      cell(images, name, milliseconds),
      cell(image, name, percentiles),
      cell(start, name, milliseconds),
      cell(start, name, (one) => `${(one.start!.downloaded! / 1e3).toFixed(0)} kB`),
    ];
  });
  const head = [
    '',
    'training step, ms',
    '10,000 images, ms',
    'one image, µs (p50 / p99)',
    'first step, ms',
    'loaded',
  ];
  return markdown(head, 1, rows);
}

/** Our engine, skipping zeros, where it runs. */
function runtimeTable(reports: readonly BenchReport[]): string {
  const rows = reports.flatMap((report) =>
    throughputOf(report)
      .filter(({ name, network }) => /^\d+ threads?$/.test(name.slice(network.length + 1)))
      .map((each) => [
        report.environment.isolated
          ? report.environment.runtime
          : `${report.environment.runtime}, no shared memory`,
        workOf(each),
        each.name,
        figures(each.subject.milliseconds.median),
        each.subject.gflops.toFixed(0),
        percent(each.subject.rooflineFraction, 0),
        ...['tfjs-wasm', 'onnxruntime-web wasm', 'onnxruntime-node'].map((name) =>
          ratioText(peerOf(each, name)),
        ),
      ]),
  );
  const head = [
    'where',
    'work',
    'ours',
    'ms',
    'GFLOP/s',
    'of roofline',
    'tfjs-wasm',
    'onnxruntime-web wasm',
    'onnxruntime-node',
  ];
  return markdown(head, 3, rows);
}

function adapterTable(reports: readonly BenchReport[]): string {
  const rows = reports.flatMap((report) =>
    throughputOf(report).map((each) => {
      const peer = peerOf(each, 'tfjs-webgpu');
      const { runtime, adapter } = report.environment;
      const { milliseconds, gflops } = each.subject;
      const time = peer?.milliseconds ? figures(peer.milliseconds.median) : '';
      const ours = [figures(milliseconds.median), gflops.toFixed(1)];
      return [`${runtime}, ${adapter}`, workOf(each), each.network, ...ours, time, ratioText(peer)];
    }),
  );
  return markdown(['where', 'work', 'network', 'ms', 'GFLOP/s', 'tfjs-webgpu ms', 'ratio'], 3, rows);
}

function accuracyTable({ cases }: BenchReport): string {
  const seconds = (milliseconds: number) => figures(milliseconds / 1000);
  const names = [...new Set(cases.flatMap(({ peers }) => peers.map(({ name }) => name)))].filter((name) =>
    PEER_NAMES.some((peer) => peer === name),
  );
  const rows = cases.map((each) => {
    const { median, p5, p95 } = each.subject.milliseconds;
    const theirs = names.map((name) => {
      const peer = peerOf(each, name);
      return peer?.milliseconds
        ? `${seconds(peer.milliseconds.median)} (${ratioText(peer)})`
        : (peer?.error ?? '');
    });
    return [each.name, seconds(median), `${seconds(p5)} to ${seconds(p95)}`, ...theirs];
  });
  return markdown(['to', 'seconds', '5th to 95th percentile', ...names], 1, rows);
}
