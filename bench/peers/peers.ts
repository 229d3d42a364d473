// Who competes: one entry a peer. A peer loads only when it is used, and says why if it does not run.
import type { Host } from '../../src/engine/host.ts';
import { messageOf } from '../../src/errors.ts';
import type { Contestant } from '../contest.ts';
import type { BenchBackend } from '../suites.ts';
import type { Work } from '../work.ts';

type Open = (work: Work, host: Host) => Promise<Contestant>;

export interface Peer {
  readonly name: string;
  /** Whether it runs on the GPU (or its software), and so goes with our WebGPU engine. */
  readonly gpu: boolean;
  readonly training?: Open;
  readonly inference?: Open;
}

const tfjs = (backend: 'wasm' | 'webgpu' | 'webgl' | 'cpu'): Peer => ({
  name: `tfjs-${backend}`,
  gpu: backend === 'webgpu' || backend === 'webgl',
  training: async (work, host) => (await import('./tfjs.ts')).tfjsTraining(work, host, backend),
  inference: async (work, host) => (await import('./tfjs.ts')).tfjsInference(work, host, backend),
});

const jax = (backend: 'wasm' | 'webgpu'): Peer => ({
  name: `jax-js ${backend}`,
  gpu: backend === 'webgpu',
  training: async (work, host) => (await import('./jax_js.ts')).jaxTraining(work, host, backend),
  inference: async (work, host) => (await import('./jax_js.ts')).jaxInference(work, host, backend),
});

export const PEERS: readonly Peer[] = [
  tfjs('wasm'),
  tfjs('webgpu'),
  tfjs('webgl'),
  tfjs('cpu'),
  jax('wasm'),
  jax('webgpu'),
  {
    name: 'onnxruntime-web wasm',
    gpu: false,
    inference: async (work, host) =>
      (await import('./onnxruntime.ts')).onnxInference(work, host.onnxWasmPath),
  },
  {
    name: 'plain TypeScript',
    gpu: false,
    training: async (work) => (await import('./plain.ts')).plainTraining(work),
    inference: async (work) => (await import('./plain.ts')).plainInference(work),
  },
];

export const PEER_NAMES = PEERS.map(({ name }) => name);

/** The fastest ones, that a comparison has unless others are asked for. */
export function defaultPeers(backend: BenchBackend): string[] {
  return backend === 'webgpu' ? ['tfjs-webgpu'] : ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm'];
}

/** Those that can do the work; one that does not start is a name with its error. */
export async function openPeers(
  names: readonly string[],
  work: Work,
  host: Host,
  training: boolean,
): Promise<(Contestant | { readonly name: string; readonly error: string })[]> {
  const opened = [];
  for (const { name, [training ? 'training' : 'inference']: start } of PEERS) {
    if (!start || !names.includes(name)) continue;
    opened.push(
      await start(work, host).catch((error: unknown) => ({ name, error: messageOf(error).split('\n')[0] })),
    );
  }
  return opened;
}
