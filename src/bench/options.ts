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
  'onnxruntime-web wasm int8',
  'onnxruntime-web wasm threads',
  'onnxruntime-web webgpu',
  'onnxruntime-node',
  'litert wasm',
  'litert wasm int8',
  'litert wasm threads',
  'litert webgpu',
  'plain TypeScript',
] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/**
 * Peers by their names, or all peers of a library by its name: "jax-js" are "jax-js wasm" and "jax-js webgpu".
 * @returns each once, or undefined if one of the names is nobody's
 */
export function peersNamed(names: readonly string[]): PeerName[] | undefined {
  const found = names.map((name) => {
    if (name === 'all') return PEER_NAMES;
    const exact = PEER_NAMES.filter((peer) => peer === name);
    return exact.length > 0 ? exact : PEER_NAMES.filter((peer) => libraryOf(peer) === name);
  });
  return found.some((peers) => peers.length === 0) ? undefined : [...new Set(found.flat())];
}

/** "jax-js" of "jax-js wasm"; the packages of tfjs are one library. */
const libraryOf = (peer: PeerName) => (peer.startsWith('tfjs-') ? 'tfjs' : peer.split(' ')[0]);

/** The fastest ones, that a comparison has unless others are asked for. */
export function defaultPeers(backend: BenchBackend): PeerName[] {
  return backend === 'webgpu' ? ['tfjs-webgpu'] : ['tfjs-wasm', 'jax-js wasm', 'onnxruntime-web wasm'];
}
