// The exported model, run by another implementation of ONNX.
import * as ort from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { ACTIVATIONS, type Activation } from '../../src/network/activation.ts';
import { sampleOf } from './sample.ts';

it.each(['7-3', ...ACTIVATIONS.map((activation) => `20-8-5-4, ${activation}`)])(
  '%s computes the same logits in onnxruntime',
  async (title) => {
    const [text, activation = 'relu'] = title.split(', ') as [string, Activation?];
    const { network, parameters, rows, pixels, logits: expected } = sampleOf(text, 3, activation);
    ort.env.wasm.numThreads = 1;
    const model = await ort.InferenceSession.create(encodeOnnx(network, parameters, { activation }));
    const shape = [rows, network.widths[0]];
    const { logits } = await model.run({ pixels: new ort.Tensor('float32', pixels, shape) });
    expect(logits.dims).toEqual([rows, network.widths.at(-1)]);
    for (const [i, value] of expected.flat().entries()) expect(logits.data[i]).toBeCloseTo(value, 5);
  },
);
