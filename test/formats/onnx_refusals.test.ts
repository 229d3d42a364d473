// ONNX models that are no dense networks, or damaged: each is refused with one line.
import { expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import type { ImportedModel } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { mayBeModel, readModel } from '../../src/formats/read_model.ts';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { type Graph, type GraphNode, type GraphTensor, onnxOf, random, tensor } from './onnx_graph.ts';
import { sampleOf } from './sample.ts';

const read = (bytes: Uint8Array) => readModel([{ name: 'net.onnx', bytes }]) as ImportedModel;

const dense = (changes: Partial<Graph> = {}): Graph => ({
  nodes: [
    { operation: 'Gemm', inputs: ['x', 'w0', 'b0'], output: 's', name: 'fc1' },
    { operation: 'Relu', inputs: ['s'], output: 'a', name: 'act' },
    { operation: 'Gemm', inputs: ['a', 'w1'], output: 'y', name: 'fc2' },
  ],
  tensors: [tensor('w0', 6, 4), tensor('b0', 4), tensor('w1', 4, 3)],
  input: { name: 'x', extents: [6] },
  output: 'y',
  ...changes,
});
/** The first node gets other parts. */
const first = (changes: Partial<GraphNode>) =>
  dense({ nodes: [{ ...dense().nodes[0], ...changes }, ...dense().nodes.slice(1)] });
const preceded = (node: Omit<GraphNode, 'output'>, tensors: readonly GraphTensor[] = []) => {
  const [fc1, ...rest] = dense().nodes;
  const nodes = [{ ...node, output: 'x2', name: 'extra' }, { ...fc1, inputs: ['x2', 'w0', 'b0'] }, ...rest];
  return dense({ nodes, tensors: [...dense().tensors, ...tensors] });
};
const followed = (...nodes: GraphNode[]) => dense({ nodes: [...dense().nodes, ...nodes], output: 'z' });

it('has no bias where none is told, and no activation', () => {
  const { parameters, activation } = read(
    onnxOf(
      dense({
        nodes: dense()
          .nodes.filter(({ name }) => name !== 'act')
          .map((node) => ({ ...node, inputs: node.inputs.map((each) => (each === 'a' ? 's' : each)) })),
      }),
    ),
  );
  expect(parameters.bias1).toEqual(new Float32Array(3));
  expect(activation).toBe('linear');
});

const scalar = (value: number): GraphTensor => ({ name: 'c', shape: [], data: Float32Array.of(value) });
/** Pixels as bytes, cast and divided so many times. */
function bytesDivided(times: number): Graph {
  const [fc1, ...rest] = dense().nodes;
  const divisions = Array.from({ length: times }, (_, i) => ({
    operation: 'Div',
    inputs: [`x${i}`, 'c'],
    output: `x${i + 1}`,
  }));
  const cast = { operation: 'Cast', inputs: ['x'], output: 'x0', attributes: { to: 1 } };
  const nodes = [cast, ...divisions, { ...fc1, inputs: [`x${times}`, 'w0', 'b0'] }, ...rest];
  const tensors = [...dense().tensors, scalar(255)];
  return dense({ nodes, tensors, input: { name: 'x', extents: [6], type: 2 } });
}

it('divides the pixels itself, if they are bytes, and once', () => {
  expect(read(onnxOf(bytesDivided(1))).network.widths).toEqual([6, 4, 3]);
  expect(() => read(onnxOf(bytesDivided(0)))).toThrow('pixels as uint8 without a division by 255');
  expect(() => read(onnxOf(bytesDivided(2)))).toThrow('node x2 (Div): a scale');
});

it.each<[string, Graph, string | RegExp]>([
  [
    'a convolution',
    first({ operation: 'Conv' }),
    /^net\.onnx: node fc1 \(Conv\): no part of a dense network; accepted are Gemm, or MatMul and Add, with Relu, LeakyRelu, Tanh, Sigmoid or nothing between, Flatten .*Softmax behind$/,
  ],
  ['a fusion of onnxruntime', first({ domain: 'com.microsoft' }), 'node fc1 (com.microsoft.Gemm): no part'],
  [
    'a transposed batch',
    first({ attributes: { transA: 1 } }),
    'node fc1 (Gemm): expected activations times parameters',
  ],
  [
    'a factor',
    first({ attributes: { alpha: { float: 2 } } }),
    'node fc1 (Gemm): expected alpha and beta of 1',
  ],
  ['a kernel that is computed', first({ inputs: ['x', 'x'] }), 'node fc1 (Gemm): x is no constant'],
  [
    'a bias of other units',
    dense({ tensors: [tensor('w0', 6, 4), tensor('b0', 3), tensor('w1', 4, 3)] }),
    'node fc1 (Gemm): a bias of the shape [3], expected [4]',
  ],
  [
    'another slope',
    dense({
      nodes: dense().nodes.map((node) => (node.name === 'act' ? { ...node, operation: 'LeakyRelu' } : node)),
    }),
    'node act (LeakyRelu): a slope of 0.01, expected 0.2',
  ],
  [
    'an activation behind',
    followed({ operation: 'Relu', inputs: ['y'], output: 'z' }),
    'layer fc2: the last layer has the activation relu, expected none or softmax',
  ],
  [
    'a softmax within',
    followed(
      { operation: 'Softmax', inputs: ['y'], output: 'p' },
      { operation: 'Gemm', inputs: ['p', 'w2'], output: 'z', name: 'fc3' },
    ),
    'node fc3 (Gemm): no part',
  ],
  [
    'a softmax over images',
    followed({ operation: 'Softmax', inputs: ['y'], output: 'z', attributes: { axis: 0 } }),
    'node z (Softmax): no part',
  ],
  [
    'another scale',
    preceded({ operation: 'Div', inputs: ['x', 'c'] }, [scalar(2)]),
    'node extra (Div): a scale',
  ],
  [
    'a division of 255',
    preceded({ operation: 'Div', inputs: ['c', 'x'] }, [scalar(255)]),
    'node extra (Div): a scale',
  ],
  [
    'a mean that is subtracted',
    preceded({ operation: 'Sub', inputs: ['x', 'c'] }, [scalar(0.13)]),
    'node extra (Sub): no part',
  ],
  [
    'a reshaping of images to columns',
    preceded({ operation: 'Reshape', inputs: ['x', 'c'] }, [
      { name: 'c', shape: [3], data: BigInt64Array.of(0n, 2n, 3n) },
    ]),
    'node extra (Reshape): expected one row for each image',
  ],
  [
    'a branch',
    followed({ operation: 'Relu', inputs: ['a'], output: 'z', name: 'other' }),
    'node other (Relu): a branch at a',
  ],
  [
    'a circle',
    dense({ nodes: [{ operation: 'Identity', inputs: ['x'], output: 'x', name: 'loop' }] }),
    'node loop (Identity): part of a circle',
  ],
  ['no way to the output', dense({ output: 'elsewhere' }), 'nothing leads from y to the output elsewhere'],
  [
    'images of other sizes',
    dense({ input: { name: 'x', extents: [2, 2] } }),
    'input x: shape [batch, 2, 2], expected 6 numbers an image',
  ],
  [
    'pixels as bytes',
    dense({ input: { name: 'x', extents: [6], type: 2 } }),
    'input x: pixels as uint8 without a division by 255',
  ],
  [
    'numbers that are missing',
    dense({
      tensors: [{ ...tensor('w0', 6, 4), data: random(23, 1) }, tensor('b0', 4), tensor('w1', 4, 3)],
    }),
    'initializer w0: 92 bytes, expected 96 for 24 numbers',
  ],
  [
    'numbers of float64',
    dense({ tensors: [{ ...tensor('w0', 6, 4), type: 11 }, tensor('b0', 4), tensor('w1', 4, 3)] }),
    'initializer w0: data type 11, expected float32, float16 or bfloat16',
  ],
  [
    'layers too wide for any memory',
    dense({
      input: { name: 'x', extents: [2 ** 31] },
      tensors: [tensor('b0', 4), tensor('w1', 4, 3), { name: 'w0', shape: [2 ** 31, 4], data: random(1, 1) }],
    }),
    'network "2147483648-4-3": a layer of 2147483648 units',
  ],
  [
    'widths that do not chain',
    dense({ tensors: [tensor('w0', 6, 4), tensor('b0', 4), tensor('w1', 5, 3)] }),
    'layer fc2: 5 inputs, expected 4, the units of fc1',
  ],
  [
    'nothing',
    dense({ nodes: [{ operation: 'Identity', inputs: ['x'], output: 'y' }] }),
    'no Gemm or MatMul; accepted are',
  ],
])('is refused with %s', (_, graph, message) => {
  const refuse = () => read(onnxOf(graph));
  expect(refuse).toThrow(InputError);
  expect(refuse).toThrow(message);
});

it('is refused with activations that differ, naming the second', () => {
  const { nodes, tensors } = dense();
  const deeper = dense({
    nodes: [
      ...nodes,
      { operation: 'Tanh', inputs: ['y'], output: 't' },
      { operation: 'Gemm', inputs: ['t', 'w2'], output: 'z' },
    ],
    tensors: [...tensors, tensor('w2', 3, 2)],
    output: 'z',
  });
  expect(() => read(onnxOf(deeper))).toThrow('layer fc2: the activation tanh, expected relu as after fc1');
});

it('is refused where it ends early, and where it is none', () => {
  const bytes = encodeOnnx(sampleOf('20-8-3').network, sampleOf('20-8-3').parameters);
  expect(() => read(bytes.subarray(0, 300))).toThrow('net.onnx: the ONNX model is damaged: it ends early');
  for (const text of ['', 'no model', '<!doctype html>']) {
    expect(() => read(new TextEncoder().encode(text))).toThrow(
      'net.onnx: no model that is known here, expected a safetensors file',
    );
  }
});

it('is one file at least', () => {
  expect(() => readModel([])).toThrow(
    /^no file, expected a safetensors file, an ONNX model, or the model\.json/,
  );
});

it('is told from an image by its first bytes', () => {
  const { network, parameters } = sampleOf('20-8-3');
  const start = (bytes: Uint8Array) => mayBeModel(bytes.subarray(0, 64));
  const text = (characters: string) => start(new TextEncoder().encode(characters));
  expect(start(encodeOnnx(network, parameters))).toBe(true);
  expect(start(writeSafetensors({ weight: { shape: [0], data: new Float32Array() } }, {}))).toBe(true);
  expect(text('{\n  "format": "layers-model"')).toBe(true);
  expect(text('PK\u0003\u0004')).toBe(true);
  for (const image of [
    '\u0089PNG\r\n',
    'GIF89a',
    'RIFF0000WEBPVP8 ',
    '\0\0\0\u0018ftypheic',
    '<svg xmlns=""/>',
    '',
  ])
    expect(text(image)).toBe(false);
});
