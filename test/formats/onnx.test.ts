// The exported model, run by another implementation of ONNX.
import { expect, it } from 'vitest';
import { version } from '../../package.json';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { parseOnnx } from '../../src/formats/onnx_proto.ts';
import { ACTIVATIONS, type Activation } from '../../src/network/activation.ts';
import { onnxSession, ort } from './onnxruntime.ts';
import { sampleOf } from './sample.ts';

it.each(['7-3', ...ACTIVATIONS.map((activation) => `20-8-5-4, ${activation}`)])(
  '%s computes the same logits in onnxruntime',
  async (title) => {
    const [text, activation = 'relu'] = title.split(', ') as [string, Activation?];
    const { network, parameters, rows, pixels, logits: expected } = sampleOf(text, 3, activation);
    const model = await onnxSession(encodeOnnx(network, parameters, { activation }));
    const shape = [rows, network.widths[0]];
    const { logits } = await model.run({ pixels: new ort.Tensor('float32', pixels, shape) });
    expect(logits.dims).toEqual([rows, network.widths.at(-1)]);
    for (const [i, value] of expected.flat().entries()) expect(logits.data[i]).toBeCloseTo(value, 5);
  },
);

it('leaves nothing in Node by which other peers take it for a browser', async () => {
  const { network, parameters } = sampleOf('7-3', 3, 'relu');
  await onnxSession(encodeOnnx(network, parameters));
  expect(globalThis).not.toHaveProperty('Worker');
});

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
