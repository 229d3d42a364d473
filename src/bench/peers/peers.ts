// Who competes: one entry a peer. A peer loads only when it is used, and says why if it does not run.
import type { Host } from '../../engine/host.ts';
import type { Contestant } from '../contestant.ts';
import type { BenchBackend, PeerName } from '../options.ts';
import type { Racer } from '../race.ts';
import type { Work } from '../work.ts';
import type { Variant as LitertVariant } from './litert.ts';
import type { Variant as OnnxVariant } from './onnxruntime.ts';
import type { TfjsBackend } from './tfjs_backend.ts';

/**
 * What a contestant does: training steps, passes over all test images, one image a call, or a first training
 * step, for those that would otherwise try out more than it takes.
 */
export type Kind = 'training' | 'inference' | 'latency' | 'start';

type Open<H> = (work: Work, host: H) => Promise<Contestant>;

/** What a peer can do, with what it needs of its host. */
export type Peer<H = Host> = { readonly [K in Kind]?: Open<H> } & {
  /** Whole trainings. */
  readonly race?: (work: Work, host: H) => Promise<Racer>;
  /** It computes the network in integers, of a work that has them. */
  readonly int8?: boolean;
  /** It has threads, or does not run. */
  readonly threads?: boolean;
  /** Asks for its scripts, which a worker of its own does before it is told the work. */
  readonly load?: () => Promise<unknown>;
};

/** With one thread or, of the backend wasm, as many as there are processors. */
function tfjs(name: PeerName, backend: TfjsBackend, many = false): Peer {
  const variant = ({ processors }: Host) => ({ name, backend, threads: many ? processors : 1 });
  return {
    threads: many,
    load: () => import('./tfjs.ts'),
    training: async (work, host) => (await import('./tfjs.ts')).tfjsTraining(work, host, variant(host)),
    inference: async (work, host) => (await import('./tfjs.ts')).tfjsInference(work, host, variant(host)),
    latency: async (work, host) => (await import('./tfjs.ts')).tfjsLatency(work, host, variant(host)),
    start: async (work, host) => (await import('./tfjs.ts')).tfjsStart(work, host, variant(host)),
    race: async (work, host) => (await import('./tfjs.ts')).tfjsRace(work, host, variant(host)),
  };
}

const jax = (backend: 'wasm' | 'webgpu'): Peer => ({
  load: () => import('./jax_js.ts'),
  training: async (work, host) => (await import('./jax_js.ts')).jaxTraining(work, host, backend),
  inference: async (work, host) => (await import('./jax_js.ts')).jaxInference(work, host, backend),
  latency: async (work, host) => (await import('./jax_js.ts')).jaxLatency(work, host, backend),
  race: async (work, host) => (await import('./jax_js.ts')).jaxRace(work, host, backend),
});

function onnx(name: PeerName, provider: OnnxVariant['provider'], many = false): Peer {
  const variant = ({ processors }: Host) => ({ name, provider, threads: many ? processors : 1 });
  return {
    threads: many,
    load: () => import('./onnxruntime.ts'),
    inference: async (work, host) =>
      (await import('./onnxruntime.ts')).onnxInference(work, host, variant(host)),
    latency: async (work, host) => (await import('./onnxruntime.ts')).onnxLatency(work, host, variant(host)),
  };
}

function litert(name: PeerName, accelerator: LitertVariant['accelerator'], many = false): Peer {
  const variant = ({ processors }: Host) => ({ name, accelerator, threads: many ? processors : 1 });
  return {
    threads: many,
    load: () => import('./litert.ts'),
    inference: async (work, host) => (await import('./litert.ts')).litertInference(work, host, variant(host)),
    latency: async (work, host) => (await import('./litert.ts')).litertLatency(work, host, variant(host)),
  };
}

/** Our engine where it starts like a peer, in a worker of its own. */
const OWN_WEBGPU: Peer = {
  // What the second imports, asked for at the same time.
  load: () => Promise.all([import('../../engine/open.ts'), import('./own_training.ts')]),
  async training(work, host) {
    const { ownTraining } = await import('./own_training.ts');
    return ownTraining(work, host, 'webgpu', { backend: 'webgpu' });
  },
};

export const PEERS: { readonly [N in PeerName | BenchBackend]: Peer } = {
  'tfjs-wasm': tfjs('tfjs-wasm', 'wasm'),
  'tfjs-wasm threads': tfjs('tfjs-wasm threads', 'wasm', true),
  'tfjs-webgpu': tfjs('tfjs-webgpu', 'webgpu'),
  'tfjs-webgl': tfjs('tfjs-webgl', 'webgl'),
  'tfjs-cpu': tfjs('tfjs-cpu', 'cpu'),
  'jax-js wasm': jax('wasm'),
  'jax-js webgpu': jax('webgpu'),
  'onnxruntime-web wasm': onnx('onnxruntime-web wasm', 'wasm'),
  'onnxruntime-web wasm int8': { ...onnx('onnxruntime-web wasm int8', 'wasm'), int8: true },
  'onnxruntime-web wasm threads': onnx('onnxruntime-web wasm threads', 'wasm', true),
  'onnxruntime-web webgpu': onnx('onnxruntime-web webgpu', 'webgpu'),
  'onnxruntime-node': onnx('onnxruntime-node', 'native'),
  'litert wasm': litert('litert wasm', 'wasm'),
  'litert wasm int8': { ...litert('litert wasm int8', 'wasm'), int8: true },
  'litert wasm threads': litert('litert wasm threads', 'wasm', true),
  'litert webgpu': litert('litert webgpu', 'webgpu'),
  'plain TypeScript': {
    load: () => import('./plain.ts'),
    training: async (work) => (await import('./plain.ts')).plainTraining(work),
    inference: async (work) => (await import('./plain.ts')).plainInference(work),
    latency: async (work) => (await import('./plain.ts')).plainLatency(work),
    race: async (work) => (await import('./plain.ts')).plainRace(work),
  },
  /** It has a script of its own: src/app/worker/own_worker.ts. */
  wasm: {},
  webgpu: OWN_WEBGPU,
};
