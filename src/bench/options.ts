// What can be measured, of which engine and how much of it: known without loading what measures it.
import { MNIST } from '../data/dataset.ts';
import { checkThreads } from '../engine/open.ts';
import { InputError } from '../errors.ts';
import { checkFit, parseNetwork } from '../network/spec.ts';
import type { BenchJob } from './report.ts';

export const SUITES = [
  'kernels',
  'step',
  'epoch',
  'inference',
  'start',
  'memory',
  'time-to-accuracy',
] as const;
export type Suite = (typeof SUITES)[number];

export const BENCH_BACKENDS = ['wasm', 'webgpu'] as const;
export type BenchBackend = (typeof BENCH_BACKENDS)[number];

/** Who can be compared with; bench/peers/peers.ts has what they are. */
export const PEER_NAMES = [
  'tfjs-wasm',
  'tfjs-wasm threads',
  'tfjs-webgpu',
  'tfjs-webgl',
  'tfjs-cpu',
  'jax-js wasm',
  'jax-js webgpu',
  'onnxruntime-web wasm',
  'onnxruntime-web wasm threads',
  'onnxruntime-web webgpu',
  'onnxruntime-node',
  'plain TypeScript',
] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** The fastest ones, that a comparison has unless others are asked for. */
export function defaultPeers(backend: BenchBackend): PeerName[] {
  return backend === 'webgpu' ? ['tfjs-webgpu'] : ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm'];
}

/** The least and the most that can be asked for. */
export const LIMITS = {
  batch: [1, 10_000],
  /** For each case. */
  seconds: [0.01, 3600],
  /** Of time to accuracy. */
  seeds: [1, 100],
} as const;

/**
 * Everything that is asked for, before any of it is done.
 * @throws InputError naming what is wrong and what is accepted
 */
export function checkBenchJob({ networks, batches, seconds, seeds, threads }: BenchJob): void {
  for (const network of networks) checkFit(parseNetwork(network), MNIST);
  for (const batch of batches) checkWhole('batch', batch);
  if (seeds !== undefined) checkWhole('seeds', seeds);
  if (threads !== undefined) checkThreads(threads);
  const [least, most] = LIMITS.seconds;
  if (!(seconds >= least && seconds <= most))
    throw new InputError(`seconds ${seconds}: expected a number from ${least} to ${most}`);
}

function checkWhole(name: 'batch' | 'seeds', value: number): void {
  const [least, most] = LIMITS[name];
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InputError(`${name} ${value}: expected a whole number from ${least} to ${most}`);
}
