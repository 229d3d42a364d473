// README's table: eight kinds of work, ours against four peers on the same backend; and what goes with it.
import type { BenchCase } from '../report.ts';
import { judgedGoals } from './goals.ts';
import { peerOf, type Results, ratioText } from './results.ts';
import { duration, markdown } from './text.ts';

interface Row {
  readonly file: string;
  readonly suite: string;
  /** The case's. */
  readonly name: string;
  readonly what: string;
  readonly where: string;
  /** In the order of {@link PEERS}; a peer that does not do this work is left out. */
  readonly peers: readonly (string | undefined)[];
}

const PEERS = ['tfjs', 'jax-js', 'onnxruntime', 'LiteRT.js'];

const CHROMIUM = {
  file: 'wasm-2-cores-chromium',
  peers: ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm', 'litert wasm'],
} as const;
const NODE = {
  file: 'wasm-2-cores-node',
  peers: ['tfjs-wasm', undefined, 'onnxruntime-node', undefined],
} as const;
const SWIFTSHADER = {
  file: 'webgpu-swiftshader-chromium',
  peers: ['tfjs-webgpu', 'jax-js webgpu', 'onnxruntime-web webgpu', 'litert webgpu'],
  where: 'WebGPU, SwiftShader',
} as const;

const ROWS: readonly Row[] = [
  {
    ...CHROMIUM,
    suite: 'step',
    name: '784-128-10 1 thread',
    what: 'training step, 784-128-10',
    where: 'WASM, 1 thread',
  },
  {
    ...CHROMIUM,
    suite: 'step',
    name: '784-512-512-10 2 threads',
    what: 'training step, 784-512-512-10',
    where: 'WASM, 2 threads',
  },
  {
    ...CHROMIUM,
    file: 'wasm-time-to-accuracy-chromium',
    suite: 'time-to-accuracy',
    name: '784-128-10 to 97.6 %, 1 thread',
    what: 'training 784-128-10 to 97.6 %',
    where: 'WASM, 1 thread',
  },
  {
    ...CHROMIUM,
    suite: 'inference',
    name: '784-128-10 1 thread',
    what: '10,000 images, 784-128-10',
    where: 'WASM, 1 thread',
  },
  {
    ...NODE,
    suite: 'inference',
    name: '784-512-512-10 2 threads',
    what: '10,000 images, 784-512-512-10',
    where: 'WASM in Node, 2 threads',
  },
  { ...SWIFTSHADER, suite: 'step', name: '784-128-10 webgpu', what: 'training step, 784-128-10' },
  { ...SWIFTSHADER, suite: 'inference', name: '784-128-10 webgpu', what: '10,000 images, 784-128-10' },
  { ...SWIFTSHADER, suite: 'inference', name: '784-128-10 one image, webgpu', what: 'one image, 784-128-10' },
];

/** @throws Error if a row's case is not in the results */
export function summaryTable(results: Results): string {
  const cases = ROWS.map((row) => caseOf(results, row));
  const rows = ROWS.map(({ what, where, peers }, index) => [
    what,
    where,
    timeOf(cases[index]),
    ...peers.map((peer) => comparison(cases[index], peer)),
  ]);
  const versions = PEERS.map((title, column) => {
    const entries = ROWS.map(({ peers }, index) => peerNamed(cases[index], peers[column]));
    const version = entries.find((entry) => entry?.version)?.version;
    return [title, version?.replace(/,.*/, '')].filter(Boolean).join(' ');
  });
  return markdown(['work', 'where', 'ours', ...versions], 2, rows);
}

/** What the table leaves out that speaks against us, as a list. */
export function summaryNotes(results: Results): string {
  const dense = caseOf(results, { ...ROWS[0], name: '784-128-10 dense, 1 thread' });
  const goals = judgedGoals(results);
  const missed = goals.filter(({ met }) => met === false).length;
  return `- Ours skips pixels and activations that are zero. Without that the first row is ${timeOf(dense)}, and tfjs takes
  ${comparison(dense, ROWS[0].peers[0])} as long.
- ${missed} of the ${goals.length} goals that we set were missed.
`;
}

function caseOf(results: Results, { file, suite, name }: Pick<Row, 'file' | 'suite' | 'name'>): BenchCase {
  const found = results[file]?.cases.find((each) => each.suite === suite && each.name === name);
  if (!found) throw new Error(`bench/results/${file}.json has no ${suite} of ${name}`);
  return found;
}

const peerNamed = (found: BenchCase, name: string | undefined) =>
  name === undefined ? undefined : peerOf(found, name);

const timeOf = ({ subject }: BenchCase) => duration(subject.milliseconds.median);

/** A peer that is faster than ours is set in bold. */
function comparison(found: BenchCase, name: string | undefined): string {
  const peer = peerNamed(found, name);
  if (!peer) return '–';
  return (peer.ratio?.median ?? 1) < 1 ? `**${ratioText(peer)}**` : ratioText(peer);
}
