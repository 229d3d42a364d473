// Who is meant by the names of --peers.
import { describe, expect, it } from 'vitest';
import { PEER_NAMES, peersNamed } from '../../src/bench/options.ts';

describe('peersNamed', () => {
  it.each([
    [['jax-js'], ['jax-js wasm', 'jax-js webgpu']],
    [['tfjs-wasm'], ['tfjs-wasm']],
    [['tfjs'], ['tfjs-wasm', 'tfjs-wasm threads', 'tfjs-webgpu', 'tfjs-webgl', 'tfjs-cpu']],
    [
      ['onnxruntime-web wasm', 'jax-js webgpu'],
      ['onnxruntime-web wasm', 'jax-js webgpu'],
    ],
    [
      ['jax-js webgpu', 'jax-js'],
      ['jax-js webgpu', 'jax-js wasm'],
    ],
    [['all'], [...PEER_NAMES]],
  ])('takes %j', (names, peers) => {
    expect(peersNamed(names)).toEqual(peers);
  });

  it.each(['jax', '', 'wasm', 'jax-js '])('knows nobody called "%s"', (name) => {
    expect(peersNamed(['tfjs-wasm', name])).toBeUndefined();
  });
});
