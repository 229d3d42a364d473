// README's tables, made from what lies in bench/results/. `npm run readme` writes them; a test fails when they differ.
import type { BenchCase, BenchReport, PeerEntry } from './report.ts';

/** Reports by file name without its extension. */
export type Results = { readonly [name: string]: BenchReport };

/** Each table by the name in its markers: `<!-- table: NAME -->` … `<!-- end -->`. */
export const TABLES: { readonly [name: string]: (results: Results) => string } = {
  wasm: (results) =>
    speedTable(results['wasm-2-cores-chromium'], ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm']),
  webgpu: (results) =>
    adapterTable(['webgpu-swiftshader-chromium', 'webgpu-lavapipe-firefox'].map((name) => results[name])),
  accuracy: (results) => accuracyTable(results['wasm-time-to-accuracy-chromium']),
  goals: goalTable,
};

/** README with every table made anew. @throws Error if a table has no markers */
export function withTables(readme: string, results: Results): string {
  return Object.entries(TABLES).reduce((text, [name, render]) => {
    const [begin, end] = [`<!-- table: ${name} -->\n`, '<!-- end -->'];
    const from = text.indexOf(begin);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`README.md has no table "${name}"`);
    return text.slice(0, from + begin.length) + render(results) + text.slice(to);
  }, readme);
}

type Cell = string | number;

/** A table in Markdown; the columns from `numeric` on are set flush right. */
export function markdown(
  head: readonly string[],
  numeric: number,
  rows: readonly (readonly Cell[])[],
): string {
  const line = (cells: readonly Cell[]) => `| ${cells.join(' | ')} |\n`;
  const rule = head.map((_, column) => (column < numeric ? '---' : '--:'));
  return line(head) + line(rule) + rows.map(line).join('');
}

/** Three figures, no exponent. */
const figures = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const ratioText = (peer: PeerEntry | undefined) =>
  peer?.ratio ? `${peer.ratio.median.toFixed(1)}×` : (peer?.error ?? '');
const peerOf = ({ peers }: BenchCase, name: string) => peers.find((peer) => peer.name === name);
const WORK: { readonly [suite: string]: string } = { step: 'training step', inference: '10,000 images' };
const workOf = ({ suite, batch }: BenchCase) =>
  suite === 'step' ? `${WORK.step}, batch ${batch}` : WORK[suite];

function speedTable({ cases }: BenchReport, peers: readonly string[]): string {
  const versions = peers.map((name) => {
    const entry = cases.flatMap((each) => peerOf(each, name) ?? [])[0];
    return [name, entry?.version].filter(Boolean).join(' ');
  });
  const rows = cases.map((each) => [
    workOf(each),
    each.network,
    each.name.replace(`${each.network} `, '').replace('dense', 'no zeros skipped'),
    figures(each.subject.milliseconds.median),
    percent(each.subject.rooflineFraction),
    ...peers.map((name) => ratioText(peerOf(each, name))),
  ]);
  return markdown(['work', 'network', 'ours', 'ms', 'of roofline', ...versions], 3, rows);
}

function adapterTable(reports: readonly BenchReport[]): string {
  const rows = reports.flatMap(({ environment, cases }) =>
    cases
      .filter(({ suite }) => suite in WORK)
      .map((each) => {
        const peer = peerOf(each, 'tfjs-webgpu');
        const { runtime, adapter } = environment;
        const { milliseconds, gflops } = each.subject;
        const time = peer?.milliseconds ? figures(peer.milliseconds.median) : '';
        const ours = [figures(milliseconds.median), gflops.toFixed(1)];
        return [`${runtime}, ${adapter}`, workOf(each), each.network, ...ours, time, ratioText(peer)];
      }),
  );
  return markdown(['where', 'work', 'network', 'ms', 'GFLOP/s', 'tfjs-webgpu ms', 'ratio'], 3, rows);
}

function accuracyTable({ cases }: BenchReport): string {
  const rows = cases.map((each) => {
    const peer = peerOf(each, 'tfjs-wasm');
    const seconds = (milliseconds: number) => figures(milliseconds / 1000);
    const { median, p5, p95 } = each.subject.milliseconds;
    const theirs = peer?.milliseconds ? seconds(peer.milliseconds.median) : '';
    return [each.name, seconds(median), `${seconds(p5)} to ${seconds(p95)}`, theirs, ratioText(peer)];
  });
  return markdown(['to', 'seconds', '5th to 95th percentile', 'tfjs-wasm', 'ratio'], 1, rows);
}

interface Goal {
  readonly what: string;
  readonly goal: number;
  readonly unit: '×' | '%';
  readonly measured: (results: Results) => number | undefined;
}

const CHROMIUM = 'wasm-2-cores-chromium';

function caseOf(results: Results, file: string, suite: string, name: string): BenchCase | undefined {
  return results[file]?.cases.find((each) => each.suite === suite && each.name === name);
}

/** The median ratio of a peer in a case. */
const ratio = (file: string, suite: string, name: string, peer: string) => (results: Results) => {
  const found = caseOf(results, file, suite, name);
  return found && peerOf(found, peer)?.ratio?.median;
};

/** The share of the roofline. */
const share = (file: string, name: string) => (results: Results) => {
  const found = caseOf(results, file, 'step', name);
  return found && 100 * found.subject.rooflineFraction;
};

/** What this project set out to reach, in one run each. */
const GOALS: readonly Goal[] = [
  {
    what: '784-128-10 dense, 1 thread, of the roofline',
    goal: 70,
    unit: '%',
    measured: share(CHROMIUM, '784-128-10 dense, 1 thread'),
  },
  {
    what: '784-512-512-10 dense, 1 thread, of the roofline',
    goal: 80,
    unit: '%',
    measured: share(CHROMIUM, '784-512-512-10 dense, 1 thread'),
  },
  {
    what: '784-128-10, skipping zeros, against dense',
    goal: 1.8,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 1 thread', 'dense, 1 thread'),
  },
  {
    what: '784-128-10, dense, 2 threads against 1',
    goal: 1.6,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 dense, 2 threads', 'dense, 1 thread'),
  },
  {
    what: '784-512-512-10, dense, 2 threads against 1',
    goal: 1.85,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-512-512-10 dense, 2 threads', 'dense, 1 thread'),
  },
  {
    what: 'training step 784-128-10, 1 thread, against tfjs-wasm',
    goal: 25,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 1 thread', 'tfjs-wasm'),
  },
  {
    what: 'the same, dense',
    goal: 11,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 dense, 1 thread', 'tfjs-wasm'),
  },
  {
    what: 'training step 784-128-10, all cores, against jax-js',
    goal: 10,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-128-10 2 threads', 'jax-js wasm'),
  },
  {
    what: 'training step 784-512-512-10, all cores, against jax-js',
    goal: 2.5,
    unit: '×',
    measured: ratio(CHROMIUM, 'step', '784-512-512-10 2 threads', 'jax-js wasm'),
  },
  {
    what: '10,000 images, 784-128-10, 1 thread, against tfjs-wasm',
    goal: 3,
    unit: '×',
    measured: ratio(CHROMIUM, 'inference', '784-128-10 1 thread', 'tfjs-wasm'),
  },
  {
    what: '10,000 images, 784-128-10, 1 thread, against onnxruntime-web',
    goal: 1.5,
    unit: '×',
    measured: ratio(CHROMIUM, 'inference', '784-128-10 1 thread', 'onnxruntime-web wasm'),
  },
  {
    what: 'WebGPU, SwiftShader: training step 784-128-10 against tfjs-webgpu',
    goal: 8,
    unit: '×',
    measured: ratio('webgpu-swiftshader-chromium', 'step', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
  {
    what: 'WebGPU, SwiftShader: 10,000 images against tfjs-webgpu',
    goal: 6,
    unit: '×',
    measured: ratio('webgpu-swiftshader-chromium', 'inference', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
  {
    what: 'WebGPU, lavapipe: training step 784-128-10 against tfjs-webgpu',
    goal: 1,
    unit: '×',
    measured: ratio('webgpu-lavapipe-firefox', 'step', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
  {
    what: 'WebGPU, lavapipe: 10,000 images against tfjs-webgpu',
    goal: 1,
    unit: '×',
    measured: ratio('webgpu-lavapipe-firefox', 'inference', '784-128-10 webgpu', 'tfjs-webgpu'),
  },
];

function goalTable(results: Results): string {
  const text = (value: number, unit: string) =>
    unit === '%' ? `${value.toFixed(0)} %` : `${value.toFixed(value < 10 ? 2 : 1)}×`;
  const rows = GOALS.map(({ what, goal, unit, measured }) => {
    const value = measured(results);
    if (value === undefined) return [what, text(goal, unit), 'not measured', ''];
    return [what, text(goal, unit), text(value, unit), value >= goal ? 'met' : '**missed**'];
  });
  return markdown(['goal', 'at least', 'measured', ''], 1, rows);
}
