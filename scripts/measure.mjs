#!/usr/bin/env node
// `npm run measure [-- NAME…]`: makes bench/results/NAME.json anew, all of them unless they are named, one
// after the other. The tables of README.md and BENCHMARKS.md come from them (`npm run readme`). The machine is
// to be quiet. It needs the built dist/.
// @ts-check
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call } from './keep_training.mjs';
import { node24 } from './node_24.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const SMALL = '--layers 784-128-10';
const WASM_PEERS =
  'tfjs-wasm,tfjs-wasm threads,jax-js wasm,onnxruntime-web wasm,onnxruntime-web wasm threads,litert wasm,litert wasm threads,onnxruntime-web wasm int8,litert wasm int8';
/** What jax-js and peers' threads need is not everywhere. */
const SINGLE_PEERS = 'tfjs-wasm,plain TypeScript,onnxruntime-web wasm';

/**
 * What `bench` is asked for, and the peers. @type {{ readonly [name: string]: readonly [options: string,
 * peers?: string] }}
 */
const RESULTS = {
  'wasm-2-cores-chromium': ['', WASM_PEERS],
  'wasm-2-cores-chromium-batches': [
    `--suite step --batch 32,128,512 --layers 784-128-10,784-512-512-10,784-2048-2048-10`,
  ],
  'wasm-2-cores-firefox': ['--runtime firefox --suite kernels,step,inference', SINGLE_PEERS],
  'wasm-2-cores-webkit': ['--runtime webkit --threads 2', SINGLE_PEERS],
  'wasm-2-cores-webkit-as-it-comes': ['--runtime webkit --threads 1', SINGLE_PEERS],
  'wasm-2-cores-node': [
    '--runtime node --suite kernels,step,inference',
    'tfjs-wasm,jax-js wasm,onnxruntime-web wasm,onnxruntime-node',
  ],
  'wasm-2-cores-node-24': [
    '--runtime node --suite kernels,step,inference',
    'tfjs-wasm,jax-js wasm,onnxruntime-web wasm,onnxruntime-node',
  ],
  'wasm-kernels-chromium': ['--suite kernels'],
  'wasm-epoch-chromium': [`--suite epoch ${SMALL}`, 'tfjs-wasm,jax-js wasm'],
  'wasm-epoch-firefox': [`--runtime firefox --suite epoch,start ${SMALL}`, 'tfjs-wasm'],
  'wasm-epoch-node': [`--runtime node --suite epoch ${SMALL}`, 'tfjs-wasm,jax-js wasm'],
  'wasm-epoch-node-24': [`--runtime node --suite epoch ${SMALL}`, 'tfjs-wasm,jax-js wasm'],
  'wasm-time-to-accuracy-chromium': ['--suite time-to-accuracy', 'tfjs-wasm,tfjs-wasm threads,jax-js wasm'],
  'wasm-time-to-accuracy-firefox': ['--runtime firefox --suite time-to-accuracy', 'tfjs-wasm'],
  'wasm-time-to-accuracy-node': ['--runtime node --suite time-to-accuracy', 'tfjs-wasm,jax-js wasm'],
  'all-peers-2-cores-chromium': [SMALL, 'all'],
  'start-2-cores-chromium': [
    `--suite start ${SMALL}`,
    'tfjs-wasm,tfjs-wasm threads,tfjs-webgpu,tfjs-webgl,tfjs-cpu,jax-js wasm,jax-js webgpu,plain TypeScript',
  ],
  'memory-2-cores-chromium': [`--suite memory ${SMALL}`, 'tfjs-wasm,jax-js wasm,plain TypeScript'],
  'webgpu-swiftshader-chromium': [
    `--backend webgpu ${SMALL}`,
    'tfjs-webgpu,tfjs-webgl,jax-js webgpu,onnxruntime-web webgpu,litert webgpu',
  ],
  'webgpu-lavapipe-firefox': [
    `--runtime firefox --backend webgpu --suite kernels,step,inference ${SMALL}`,
    'tfjs-webgpu',
  ],
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !(name in RESULTS));
if (unknown !== undefined) {
  console.error(`there is no result "${unknown}"; there are ${Object.keys(RESULTS).join(', ')}`);
  process.exit(2);
}
const failed = (named.length > 0 ? named : Object.keys(RESULTS)).filter((name) => {
  const [options, peers] = RESULTS[name];
  const contestants = peers === undefined ? ['--no-peers'] : ['--peers', peers];
  console.log(`\n${name}`);
  const json = `bench/results/${name}.json`;
  const node = name.endsWith('-node-24') ? node24() : undefined;
  return !call(
    ['bench', ...options.split(' ').filter(Boolean), ...contestants, '--json', json],
    undefined,
    node,
  );
});
if (failed.length > 0) {
  console.error(`not measured: ${failed.join(', ')}`);
  process.exit(1);
}
