// ONNX models of other programs: the logits that onnxruntime gives, and what is no dense network.

import { describe, expect, it } from 'vitest';
import { floatToHalf } from '../../src/formats/half.ts';
import type { ImportedModel } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { readModel } from '../../src/formats/read_model.ts';
import { expectSameLogits, IMAGES, logitsOf, pixelsOfMnist } from './logits.ts';
import { type Graph, type GraphTensor, onnxOf, tensor } from './onnx_graph.ts';
import { onnxSession, ort } from './onnxruntime.ts';
import { sampleOf } from './sample.ts';

const read = (bytes: Uint8Array) => readModel([{ name: 'net.onnx', bytes }]) as ImportedModel;

/** What onnxruntime makes of images, which may be of more axes than a row. */
async function run(
  bytes: Uint8Array,
  pixels: Float32Array,
  extents: readonly number[],
): Promise<Float32Array> {
  const session = await onnxSession(bytes);
  const input = new ort.Tensor('float32', pixels, [IMAGES, ...extents]);
  const outputs = await session.run({ [session.inputNames[0]]: input });
  return outputs[session.outputNames[0]].data as Float32Array;
}

const half = ({ data, ...rest }: GraphTensor): GraphTensor => ({
  ...rest,
  data: Uint16Array.from(data as Float32Array, floatToHalf),
});

describe('a model that this project exported', () => {
  it.each(['relu', 'leaky_relu', 'tanh', 'sigmoid', 'linear'] as const)(
    'is read back to the bit: %s',
    async (activation) => {
      const { network, parameters } = sampleOf('784-20-16-10', 1, activation);
      const dataset = { name: 'MNIST', width: 28, height: 28, classes: 10 };
      const bytes = encodeOnnx(network, parameters, { activation, dataset });
      const model = read(bytes);
      expect(model).toEqual({
        source: expect.stringMatching(/^ONNX, written by mnist-kernels \d+\.\d+\.\d+$/),
        network,
        activation,
        accuracy: undefined,
        dataset,
        parameters,
      });
      const pixels = await pixelsOfMnist();
      expectSameLogits(await logitsOf(model), await run(bytes, pixels, [784]));
    },
  );

  it('keeps the size of images that are no squares', () => {
    const { network, parameters } = sampleOf('20-3');
    const dataset = { name: 'small', width: 5, height: 4, classes: 3 };
    expect(read(encodeOnnx(network, parameters, { dataset })).dataset).toEqual(dataset);
    expect(read(encodeOnnx(network, parameters)).dataset).toMatchObject({ width: 20, height: 1 });
  });

  it('may have parameters of float16, half the bytes, from which onnxruntime computes the same', async () => {
    const { network, parameters } = sampleOf('784-20-10');
    const [whole, bytes] = [
      encodeOnnx(network, parameters),
      encodeOnnx(network, parameters, { precision: 'float16' }),
    ];
    expect(bytes.length).toBeLessThan(0.55 * whole.length);
    const model = read(bytes);
    const pixels = await pixelsOfMnist();
    expectSameLogits(await logitsOf(model), await run(bytes, pixels, [784]));
    const off = model.parameters.kernel0.map((value, i) => Math.abs(value - parameters.kernel0[i]));
    expect(Math.max(...off)).toBeGreaterThan(0);
    expect(Math.max(...off)).toBeLessThan(2 ** -11);
    const large = { ...parameters, bias1: new Float32Array(10).fill(1e5) };
    expect(() => encodeOnnx(network, large, { precision: 'float16' })).toThrow('too large for float16');
  });
});

/** As PyTorch's older exporter and converters of Keras write it. */
const foreign = (end: 'logits' | 'probabilities'): Graph => ({
  producer: 'pytorch',
  nodes: [
    {
      operation: 'Constant',
      inputs: [],
      output: 'c',
      attributes: { value: { name: '', shape: [], data: Float32Array.of(255) } },
    },
    { operation: 'Div', inputs: ['image', 'c'], output: 'scaled' },
    { operation: 'Shape', inputs: ['scaled'], output: 'extents' },
    { operation: 'Gather', inputs: ['extents', 'zero'], output: 'rows', attributes: { axis: 0 } },
    { operation: 'Concat', inputs: ['rows', 'minus'], output: 'target', attributes: { axis: 0 } },
    { operation: 'Reshape', inputs: ['scaled', 'target'], output: 'flat' },
    { operation: 'MatMul', inputs: ['flat', 'w0'], output: 'p0', name: '/fc1/MatMul' },
    { operation: 'Add', inputs: ['b0', 'p0'], output: 's0' },
    { operation: 'LeakyRelu', inputs: ['s0'], output: 'a0', attributes: { alpha: { float: 0.2 } } },
    { operation: 'Transpose', inputs: ['w1'], output: 'w1t', attributes: { perm: { ints: [1, 0] } } },
    { operation: 'MatMul', inputs: ['a0', 'w1t'], output: 's1' },
    { operation: 'LeakyRelu', inputs: ['s1'], output: 'a1', attributes: { alpha: { float: 0.2 } } },
    { operation: 'Dropout', inputs: ['a1'], output: 'd1' },
    { operation: 'Cast', inputs: ['w2half'], output: 'w2', attributes: { to: 1 } },
    {
      operation: 'Gemm',
      inputs: ['d1', 'w2', 'b2'],
      output: 'logits',
      attributes: { transB: 1, alpha: { float: 1 } },
    },
    { operation: 'LogSoftmax', inputs: ['logits'], output: 'probabilities', attributes: { axis: 1 } },
  ],
  tensors: [
    { ...tensor('w0', 784, 32), inField: true },
    { ...tensor('b0', 32), inField: true },
    tensor('w1', 24, 32),
    { ...half(tensor('w2half', 10, 24)), inField: true },
    tensor('b2', 10),
    { name: 'zero', shape: [1], data: BigInt64Array.of(0n) },
    { name: 'minus', shape: [1], data: BigInt64Array.of(-1n) },
  ],
  input: { name: 'image', extents: [1, 28, 28] },
  output: end,
});

describe('a model of another program', () => {
  it('gives the logits of onnxruntime: MatMul and Add, transpositions, casts, numbers in typed fields', async () => {
    const model = read(onnxOf(foreign('probabilities')));
    expect(model).toMatchObject({
      source: 'ONNX, written by pytorch',
      network: { widths: [784, 32, 24, 10] },
      activation: 'leaky_relu',
      dataset: { name: 'unknown data', width: 28, height: 28, classes: 10 },
    });
    const pixels = (await pixelsOfMnist()).map((pixel) => 255 * pixel);
    const expected = await run(onnxOf(foreign('logits')), pixels, [1, 28, 28]);
    expectSameLogits(await logitsOf(model), expected);
  });

  it('may have its parameters in another file, as newer exporters of PyTorch write it', () => {
    const whole = foreign('logits');
    const tensors = whole.tensors.map((each) => ({ ...each, inField: false }));
    let offset = 0;
    const outside = tensors.map((each) => {
      const length = each.data.byteLength;
      const external = { location: 'net.onnx.data', offset: String(offset), length: String(length) };
      if (each.data instanceof BigInt64Array) return each;
      offset += length;
      return { ...each, external };
    });
    const data = new Uint8Array(offset);
    for (const { external, data: numbers } of outside as GraphTensor[])
      if (external) data.set(new Uint8Array(numbers.buffer), Number(external.offset));
    const net = { name: 'x/net.onnx', bytes: onnxOf({ ...whole, tensors: outside }) };
    const { parameters } = read(onnxOf(whole));
    for (const name of ['x/net.onnx.data', 'any name'])
      expect(readModel([{ name, bytes: data }, net])).toMatchObject({ parameters });
    expect(() =>
      readModel([
        { name: 'whole', bytes: onnxOf(whole) },
        { name: 'other', bytes: data },
      ]),
    ).toThrow('whole: it has its parameters in itself, expected no other file along with it');
    expect(() => readModel([net])).toThrow(
      'x/net.onnx: its weights are in net.onnx.data, expected net.onnx.data along with it',
    );
    expect(() => readModel([net, { name: 'net.onnx.data', bytes: data.subarray(0, -1) }])).toThrow(
      'x/net.onnx: initializer b2: 39 bytes, expected 40 for 10 numbers',
    );
  });
});
