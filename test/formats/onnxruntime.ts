// ONNX Runtime as the tests use it: on one thread, and without a trace for the tests after them.
import * as ort from 'onnxruntime-web/wasm';
import { keepingWorker } from '../../src/bench/peers/onnxruntime.ts';

ort.env.wasm.numThreads = 1;

export { ort };

export function onnxSession(model: Uint8Array): Promise<ort.InferenceSession> {
  return keepingWorker(() => ort.InferenceSession.create(model));
}
