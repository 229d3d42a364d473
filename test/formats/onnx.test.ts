// The exported model, run by another implementation of ONNX.
import * as ort from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { version } from '../../package.json';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { parseOnnx } from '../../src/formats/onnx_proto.ts';
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

it('names its nodes, its producer, and what goes in and comes out', () => {
  const { network, parameters } = sampleOf('20-8-3');
  const dataset = { name: 'small', width: 5, height: 4, classes: 3 };
  const { graph, producer, properties } = parseOnnx(encodeOnnx(network, parameters, { dataset }))!;
  expect(producer).toBe(`mnist-kernels ${version}`);
  expect(graph.nodes.map(({ name }) => name)).toEqual(['dense0', 'relu0', 'dense1']);
  expect(Object.fromEntries(properties)).toEqual({
    input: 'pixels / 255, in [0, 1], row by row from the top left',
    output: 'logits of the classes; their softmax is the probabilities',
    classes: '0,1,2',
    dataset: 'small',
    width: '5',
    height: '4',
  });
});
