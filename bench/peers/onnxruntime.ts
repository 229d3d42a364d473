// onnxruntime-web on its WASM backend, one thread: inference of the same network, exported as ONNX.
import * as ort from 'onnxruntime-web/wasm';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import type { Contestant } from '../contest.ts';
import { pixels, type Work } from '../work.ts';

/** Images of one call. */
const INFERENCE_BATCH = 1000;

/** @param wasmPath prefix of onnxruntime-web's .wasm and .mjs files; left out, it finds them itself (Node) */
export async function onnxInference(work: Work, wasmPath: string | undefined): Promise<Contestant> {
  ort.env.wasm.numThreads = 1;
  if (wasmPath !== undefined) ort.env.wasm.wasmPaths = wasmPath;
  const { plan, parameters, test } = work;
  const runtime = await ort.InferenceSession.create(encodeOnnx(plan.network, parameters), {
    executionProviders: ['wasm'],
  });
  const batches = Array.from({ length: Math.ceil(test.count / INFERENCE_BATCH) }, (_, index) => {
    const rows = Math.min(INFERENCE_BATCH, test.count - index * INFERENCE_BATCH);
    const data = pixels(test, index * INFERENCE_BATCH, rows);
    return new ort.Tensor('float32', data, [rows, plan.network.widths[0]]);
  });
  return {
    name: 'onnxruntime-web wasm',
    version: ort.env.versions.web ?? '',
    threads: 1,
    async run(count) {
      for (let pass = 0; pass < count; pass++)
        for (const batch of batches) await runtime.run({ pixels: batch });
    },
    answer: async () => (await runtime.run({ pixels: batches[0] })).logits.data as Float32Array,
    dispose: () => void runtime.release(),
  };
}
