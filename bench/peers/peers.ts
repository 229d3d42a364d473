// Who competes: one entry a peer. A peer loads only when it is used, and says why if it does not run.
import type { Host } from '../../src/engine/host.ts';
import type { Contestant } from '../contest.ts';
import type { BenchBackend } from '../suites.ts';
import type { Work } from '../work.ts';
import type { Variant as OnnxVariant } from './onnxruntime.ts';
import type { TfjsBackend } from './tfjs.ts';

/** What a contestant does: training steps, passes over all test images, or one image a call. */
export type Kind = 'training' | 'inference' | 'latency';

type Open = (work: Work, host: Host) => Promise<Contestant>;

export type Peer = { readonly name: string } & { readonly [K in Kind]?: Open };

/** With one thread or, of the backend wasm, as many as there are processors. */
function tfjs(backend: TfjsBackend, many = false): Peer {
  const name = `tfjs-${backend}${many ? ' threads' : ''}`;
  const variant = ({ processors }: Host) => ({ name, backend, threads: many ? processors : 1 });
  return {
    name,
    training: async (work, host) => (await import('./tfjs.ts')).tfjsTraining(work, host, variant(host)),
    inference: async (work, host) => (await import('./tfjs.ts')).tfjsInference(work, host, variant(host)),
    latency: async (work, host) => (await import('./tfjs.ts')).tfjsLatency(work, host, variant(host)),
  };
}

const jax = (backend: 'wasm' | 'webgpu'): Peer => ({
  name: `jax-js ${backend}`,
  training: async (work, host) => (await import('./jax_js.ts')).jaxTraining(work, host, backend),
  inference: async (work, host) => (await import('./jax_js.ts')).jaxInference(work, host, backend),
  latency: async (work, host) => (await import('./jax_js.ts')).jaxLatency(work, host, backend),
});

function onnx(name: string, provider: OnnxVariant['provider'], many = false): Peer {
  const variant = ({ processors }: Host) => ({ name, provider, threads: many ? processors : 1 });
  return {
    name,
    inference: async (work, host) =>
      (await import('./onnxruntime.ts')).onnxInference(work, host, variant(host)),
    latency: async (work, host) => (await import('./onnxruntime.ts')).onnxLatency(work, host, variant(host)),
  };
}

export const PEERS: readonly Peer[] = [
  tfjs('wasm'),
  tfjs('wasm', true),
  tfjs('webgpu'),
  tfjs('webgl'),
  tfjs('cpu'),
  jax('wasm'),
  jax('webgpu'),
  onnx('onnxruntime-web wasm', 'wasm'),
  onnx('onnxruntime-web wasm threads', 'wasm', true),
  onnx('onnxruntime-web webgpu', 'webgpu'),
  onnx('onnxruntime-node', 'native'),
  {
    name: 'plain TypeScript',
    training: async (work) => (await import('./plain.ts')).plainTraining(work),
    inference: async (work) => (await import('./plain.ts')).plainInference(work),
    latency: async (work) => (await import('./plain.ts')).plainLatency(work),
  },
];

/** Our engines where they start like a peer, in a worker of their own; with one thread, as most peers. */
export const OWN: readonly Peer[] = [own({ backend: 'wasm', threads: 1 }), own({ backend: 'webgpu' })];

function own(options: { backend: BenchBackend; threads?: number }): Peer {
  const name = options.backend;
  return {
    name,
    training: async (work, host) =>
      (await import('./mnist_kernels.ts')).ownTraining(work, host, name, options),
  };
}

export const PEER_NAMES = PEERS.map(({ name }) => name);

/** The fastest ones, that a comparison has unless others are asked for. */
export function defaultPeers(backend: BenchBackend): string[] {
  return backend === 'webgpu' ? ['tfjs-webgpu'] : ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm'];
}
