// What is timed and who does it, in words that somebody understands who has never seen a report.
import { plural } from '../../plural.ts';
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';

export interface WorkName {
  /** "One training step" */
  readonly what: string;
  /** "784-128-10, batch 128" */
  readonly size: string;
  /** Which of our variants does it, or which kernel it is, as the report has it: "dense, 2 threads". */
  readonly variant: string;
}

/**
 * A case's name is its network, what is done if that is not plain, and which of our variants does it; a
 * kernel's is its own.
 */
export function workName({ suite, name, network, batch }: BenchCase): WorkName {
  const rest = name.startsWith(`${network} `) ? name.slice(network.length + 1) : name;
  const [, work = '', variant] = /^(?:(one image|to [\d.]+ %), )?(.*)$/s.exec(rest)!;
  const size = `${network}, batch ${batch}`;
  switch (suite) {
    case 'kernels':
      return { what: 'Each kernel of a training step', size, variant: name };
    case 'step':
      return { what: 'One training step', size, variant };
    case 'epoch':
      return { what: 'One epoch of training', size, variant };
    case 'inference':
      return { what: `Recognising ${work || 'all test images'}`, size: network, variant };
    case 'start':
      return { what: 'From nothing to the first training step', size, variant };
    case 'memory':
      return { what: 'Memory after the first training step', size, variant };
    case 'time-to-accuracy':
      return { what: `Training ${work} accuracy`, size, variant };
    default:
      // Another version's result may have other suites.
      return { what: String(suite), size, variant };
  }
}

/** A piece of work, with a case for each of our variants that did it. */
export interface Piece extends Omit<WorkName, 'variant'> {
  readonly cases: readonly BenchCase[];
}

export function piecesOf({ cases }: Pick<BenchReport, 'cases'>): Piece[] {
  const pieces = new Map<string, Piece>();
  for (const each of cases) {
    const { what, size } = workName(each);
    const key = `${what}: ${size}`;
    pieces.set(key, { what, size, cases: [...(pieces.get(key)?.cases ?? []), each] });
  }
  return [...pieces.values()];
}

/** "mnist-kernels, 2 threads, computing zeros too" of "dense, 2 threads" */
export function ownName(variant: string): string {
  const named = OWN[variant] ?? variant.replace(/^dense, (.*)$/, '$1, computing zeros too');
  return `mnist-kernels, ${named}`;
}

const OWN: { readonly [variant: string]: string | undefined } = {
  wasm: 'WebAssembly',
  webgpu: 'WebGPU',
  'webgpu mixed': 'WebGPU, products in float16',
};

/** "tfjs-wasm 4.22, 2 threads"; a GPU has threads of its own. */
export function peerName({ name, version = '', threads }: PeerEntry): string {
  const number = version.replace(/,.*/, '').replace(/\.0$/, '');
  const onGpu = /webg(pu|l)$/.test(name);
  const where = threads === undefined || onGpu ? '' : `, ${plural(threads, 'thread')}`;
  return `${[shortPeerName(name), number].filter(Boolean).join(' ')}${where}`;
}

/** Whether it has several threads is told by their number. */
export const shortPeerName = (name: string) => name.replace(/ threads$/, '');
