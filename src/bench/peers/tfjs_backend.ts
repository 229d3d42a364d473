// The backends of TensorFlow.js: which one computes what follows.
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { provideGpu } from '../../engine/adapter.ts';
import type { Host } from '../../engine/host.ts';

export type TfjsBackend = 'wasm' | 'webgpu' | 'webgl' | 'cpu';

export interface Variant {
  readonly name: string;
  readonly backend: TfjsBackend;
  /** Threads of the backend wasm, which has one or as many as it is started with. */
  readonly threads: number;
}

export const about = ({ name, threads }: Variant) => ({ name, version: tf.version_core, threads });

/** The backend of what follows: contestants may take turns in one place. */
export async function use({ backend, threads }: Variant, host: Host): Promise<void> {
  if (backend === 'webgpu') await provideGpu(host);
  if (backend === 'wasm') startWasm(host, threads);
  else if (tf.getBackend() !== backend) await LOAD[backend]();
  if (tf.getBackend() !== backend && !(await tf.setBackend(backend)))
    throw new Error(`tfjs's backend ${backend} does not start here`);
  await tf.ready();
  if (backend !== 'wasm') return;
  const started = wasmThreads();
  if (started !== threads) throw new Error(`its build for threads started ${started} of ${threads}`);
}

/** Only its build for threads says how many there are. */
function wasmThreads(): number {
  try {
    return getThreadsCount();
  } catch {
    return 1;
  }
}

function startWasm(host: Host, threads: number): void {
  if (threads > 1 && import.meta.env.SSR) throw new Error('tfjs has threads in browsers only');
  if (tf.getBackend() === 'wasm') return;
  setWasmPaths(host.tfjsWasmPath);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', threads > 1);
  setThreadsCount(threads);
  // It takes half of the processors at most, as if they were hyper-threads; here it gets as many as the
  // others.
  if (threads > 1) Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 * threads });
}

const LOAD = {
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
} as const;
