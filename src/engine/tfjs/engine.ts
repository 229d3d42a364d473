// The reference: the same network and recipe in TensorFlow.js, on its WASM backend unless its WebGPU is asked
// for. Forward pass by tfjs layers, gradients by tfjs's automatic differentiation, updates by tfjs's
// optimizers; nothing of our kernels or formulas.

import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../../errors.ts';
import { EVALUATION_BATCH } from '../../network/evaluation_batch.ts';
import type { Plan } from '../../network/plan.ts';
import { provideGpu } from '../adapter.ts';
import type { Engine, EngineInfo, Executor } from '../engine.ts';
import type { Host } from '../host.ts';
import { TfjsExecutor } from './executor.ts';

export type TfjsBackend = 'wasm' | 'webgpu';

export interface TfjsOptions {
  /** Left out, wasm. */
  readonly tfjsBackend?: TfjsBackend;
}

/** @throws InputError if that backend of tfjs does not start */
export function openTfjs(host: Host, { tfjsBackend = 'wasm' }: TfjsOptions): Promise<Engine> {
  return tfjsBackend === 'webgpu' ? openTfjsWebgpu(host) : openTfjsWasm(host);
}

async function openTfjsWasm(host: Host): Promise<Engine> {
  if (tf.getBackend() !== 'wasm') {
    setWasmPaths(host.tfjsWasmPath);
    // Its threaded build starts workers from blobs, which a strict Content-Security-Policy forbids.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    await use('wasm', 'WASM');
  }
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return new TfjsEngine({
    backend: 'tfjs',
    adapter: `tfjs-backend-wasm ${version_wasm}`,
    threads: 1,
    simd: simd ? 'simd' : 'none',
    software: false,
  });
}

async function openTfjsWebgpu(host: Host): Promise<Engine> {
  const { name, software } = await provideGpu(host);
  if (tf.getBackend() !== 'webgpu') {
    await import('@tensorflow/tfjs-backend-webgpu');
    await use('webgpu', 'WebGPU');
  }
  return new TfjsEngine({
    backend: 'tfjs',
    adapter: `tfjs-backend-webgpu ${tf.version_core}, ${name}`,
    threads: 1,
    simd: 'none',
    software,
  });
}

async function use(backend: TfjsBackend, title: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new InputError(`tfjs's ${title} backend does not start here`);
  await tf.ready();
}

class TfjsEngine implements Engine {
  readonly evaluationBatch = EVALUATION_BATCH;
  private readonly executors = new Set<TfjsExecutor>();

  constructor(readonly info: EngineInfo) {}

  async prepare(plan: Plan): Promise<Executor> {
    if (plan.calls.train.some(({ kernel }) => kernel === 'distort'))
      throw new InputError(
        'tfjs trains on the images as they are: choose webgpu or wasm for a distortion, or none',
      );
    if (plan.calls.evaluate.some(({ kernel }) => kernel === 'dense_output_int8'))
      throw new InputError('tfjs does not run int8 networks: choose webgpu or wasm');
    const executor = new TfjsExecutor(plan);
    this.executors.add(executor);
    return executor;
  }

  dispose(): void {
    for (const executor of this.executors) executor.dispose();
    this.executors.clear();
  }
}
