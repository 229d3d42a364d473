// ONNX Runtime in its shapes (WASM on one or several threads, WebGPU, native in Node): inference of the same
// network, exported as ONNX.
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import type { Host } from '../../engine/host.ts';
import { encodeOnnx } from '../../formats/onnx.ts';
import type { Contestant } from '../contestant.ts';
import { pixels, type Work } from '../work.ts';
import { singleImages } from './single_images.ts';

/** Images of one call. */
const INFERENCE_BATCH = 1000;

export interface Variant {
  readonly name: string;
  readonly provider: 'wasm' | 'webgpu' | 'native';
  readonly threads: number;
}

/** What the packages have in common. */
type Runtime = Pick<typeof import('onnxruntime-web'), 'InferenceSession' | 'Tensor' | 'env'>;

/** Not among the dependencies: it weighs 290 MB, and its installation downloads more. */
const NATIVE = 'onnxruntime-node';
const NATIVE_VERSION = '1.30.0';

async function load({ provider, threads }: Variant, host: Host): Promise<Runtime> {
  if (provider === 'native') return loadNative();
  if (provider === 'webgpu' && import.meta.env.SSR)
    throw new Error('onnxruntime-web has WebGPU in browsers only');
  const runtime: Runtime =
    provider === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  runtime.env.wasm.numThreads = threads;
  if (host.onnxWasmPath !== undefined) runtime.env.wasm.wasmPaths = host.onnxWasmPath;
  return runtime;
}

async function loadNative(): Promise<Runtime> {
  if (!import.meta.env.SSR) throw new Error(`${NATIVE} runs in Node only`);
  try {
    const { default: runtime } = await import(/* @vite-ignore */ NATIVE);
    return runtime;
  } catch {
    const install = `npm install --no-save --ignore-scripts ${NATIVE}@${NATIVE_VERSION}`;
    throw new Error(`${NATIVE} is not installed: ${install}`);
  }
}

/**
 * Where ONNX Runtime starts, it makes Node's worker threads the global `Worker`, by which others (jax-js) take
 * Node for a browser.
 */
export async function keepingWorker<T>(start: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'Worker');
  try {
    return await start();
  } finally {
    if (before) Object.defineProperty(globalThis, 'Worker', before);
    else Reflect.deleteProperty(globalThis, 'Worker');
  }
}

interface Session {
  readonly about: Pick<Contestant, 'name' | 'version' | 'threads'>;
  readonly tensor: (data: Float32Array, rows: number) => Tensor;
  readonly logits: (images: Tensor) => Promise<Float32Array>;
  readonly dispose: () => void;
}

async function start(work: Work, host: Host, variant: Variant): Promise<Session> {
  const runtime = await load(variant, host);
  const { plan, parameters, quantised } = work;
  const { provider, threads } = variant;
  const session: InferenceSession = await keepingWorker(() =>
    runtime.InferenceSession.create(encodeOnnx(plan.network, parameters, { quantised }), {
      executionProviders: [provider === 'native' ? 'cpu' : provider],
      intraOpNumThreads: threads,
    }),
  );
  const { versions } = runtime.env;
  return {
    about: { name: variant.name, version: versions.web ?? versions.node ?? versions.common, threads },
    tensor: (data, rows) => new runtime.Tensor('float32', data, [rows, plan.network.widths[0]]),
    logits: async (images) => (await session.run({ pixels: images })).logits.data as Float32Array,
    dispose: () => void session.release(),
  };
}

export async function onnxInference(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  const { about, tensor, logits, dispose } = await start(work, host, variant);
  const { test } = work;
  const batches = Array.from({ length: Math.ceil(test.count / INFERENCE_BATCH) }, (_, index) => {
    const rows = Math.min(INFERENCE_BATCH, test.count - index * INFERENCE_BATCH);
    return tensor(pixels(test, index * INFERENCE_BATCH, rows), rows);
  });
  return {
    ...about,
    async run(count) {
      for (let pass = 0; pass < count; pass++) for (const batch of batches) await logits(batch);
    },
    answer: () => logits(batches[0]),
    dispose,
  };
}

export async function onnxLatency(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  const { about, tensor, logits, dispose } = await start(work, host, variant);
  return singleImages(work, { ...about, dispose }, (image) => logits(tensor(image, 1)));
}
