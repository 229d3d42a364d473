// What can be measured, and of which engine: known without loading what measures it.

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
