// LiteRT.js, Google's successor of tfjs for inference (XNNPACK in WASM, or WebGPU): the same network, exported as
// TensorFlow Lite.
import type * as LiteRt from '@litertjs/core';
import packageJson from '../../../node_modules/@litertjs/core/package.json';
import { provideGpu } from '../../engine/adapter.ts';
import type { Host } from '../../engine/host.ts';
import { encodeTflite } from '../../formats/tflite.ts';
import type { Contestant } from '../contestant.ts';
import { pixels, type Work } from '../work.ts';
import { singleImages } from './single_images.ts';

/** Images of one call: of 100 to 2,500, with which it was fastest. */
const INFERENCE_BATCH = 250;

export interface Variant {
  readonly name: string;
  readonly accelerator: 'wasm' | 'webgpu';
  readonly threads: number;
}

/** What the package's scripts look for in a worker's globals. */
interface Globals {
  Module?: { readonly locateFile: (name: string) => string; readonly mainScriptUrlOrBlob: string };
  ModuleFactory?: unknown;
  importScripts?: () => void;
}

const THREADED = 'litert_wasm_threaded_internal.js';
const SINGLE = 'litert_wasm_internal.js';
/** Without relaxed SIMD. */
const COMPATIBLE = 'litert_wasm_compat_internal.js';

/**
 * It starts by `importScripts`, which workers that are modules refuse: here its script comes as a module, and the
 * call finds it done.
 */
async function load(folder: string, threads: number): Promise<typeof LiteRt> {
  const litert = await import('@litertjs/core');
  const relaxed = await litert.supportsFeature('relaxedSimd');
  const script = folder + (!relaxed ? COMPATIBLE : threads > 1 ? THREADED : SINGLE);
  const response = await fetch(script);
  if (!response.ok) throw new Error(`${script}: the server answered ${response.status}`);
  const text = `${await response.text()}\nglobalThis.ModuleFactory = ModuleFactory;`;
  const module = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  await import(/* @vite-ignore */ module);
  URL.revokeObjectURL(module);
  const globals = globalThis as Globals;
  globals.Module = { locateFile: (name) => folder + name, mainScriptUrlOrBlob: script };
  globals.importScripts = () => {};
  await litert.loadLiteRt(folder, { threads: threads > 1 });
  return litert;
}

interface Session {
  readonly about: Pick<Contestant, 'name' | 'version' | 'threads'>;
  readonly tensor: (data: Float32Array) => LiteRt.Tensor;
  readonly logits: (images: LiteRt.Tensor) => Promise<Float32Array>;
  readonly dispose: () => void;
}

async function start(work: Work, host: Host, variant: Variant, batch: number): Promise<Session> {
  const folder = host.litertPath;
  if (folder === undefined) throw new Error('LiteRT.js runs in browsers only');
  const { plan, parameters, quantised, logitRange = 0 } = work;
  const integers = quantised && { quantised, logitRange };
  const { name, accelerator, threads } = variant;
  if (accelerator === 'webgpu') await provideGpu(host);
  const litert = await load(folder, threads);
  const model = await litert.loadAndCompile(encodeTflite(plan.network, parameters, { batch, integers }), {
    accelerator,
    cpuOptions: { numThreads: threads },
    // Every contestant computes in float32.
    gpuOptions: { precision: 'fp32' },
  });
  if (!model.isFullyAccelerated) throw new Error(`LiteRT.js does not run this network on ${accelerator}`);
  const shape = [batch, plan.network.widths[0]];
  return {
    about: { name, version: packageJson.version, threads },
    tensor: (data) => new litert.Tensor(data, shape),
    logits: async (images) => {
      const [output] = await model.run(images);
      const logits = (await output.data()) as Float32Array;
      output.delete();
      return logits;
    },
    dispose: () => model.delete(),
  };
}

export async function litertInference(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  const { test } = work;
  const count = test.count / INFERENCE_BATCH;
  if (!Number.isInteger(count))
    throw new Error(`LiteRT.js compiles one batch size: ${INFERENCE_BATCH} must divide the images`);
  const { about, tensor, logits, dispose } = await start(work, host, variant, INFERENCE_BATCH);
  const batches = Array.from({ length: count }, (_, index) =>
    tensor(pixels(test, index * INFERENCE_BATCH, INFERENCE_BATCH)),
  );
  return {
    ...about,
    async run(passes) {
      for (let pass = 0; pass < passes; pass++) for (const batch of batches) await logits(batch);
    },
    answer: () => logits(batches[0]),
    dispose,
  };
}

export async function litertLatency(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  const { about, tensor, logits, dispose } = await start(work, host, variant, 1);
  return singleImages(work, { ...about, dispose }, async (image) => {
    const input = tensor(image);
    const output = await logits(input);
    input.delete();
    return output;
  });
}
