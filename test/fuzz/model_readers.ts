// Readers of other programs' models, with files that are almost right.
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { type NamedFile, readModel } from '../../src/formats/read_model.ts';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { type Graph, type GraphTensor, onnxOf, tensor } from '../formats/onnx_graph.ts';
import { sampleOf } from '../formats/sample.ts';
import { changed, edited } from './mutations.ts';
import type { Reader } from './readers.ts';
import { bytesOf, partsOf, withHeader } from './safetensors_parts.ts';

const { network, parameters } = sampleOf('6-4-3');
const encoder = new TextEncoder();
const read = (...files: NamedFile[]) => readModel(files);
const file = (bytes: Uint8Array): NamedFile => ({ name: 'model', bytes });

const linear = writeSafetensors(
  {
    'net.0.weight': { shape: [4, 6], data: parameters.kernel0 },
    'net.0.bias': { shape: [4], data: parameters.bias0 },
    'net.2.weight': { shape: [3, 4], data: parameters.kernel1 },
    'head.weight': { shape: [3, 3], data: new Float32Array(9) },
  },
  { format: 'pt' },
);

const graph: Graph = {
  nodes: [
    { operation: 'Reshape', inputs: ['x', 'rows'], output: 'flat' },
    { operation: 'MatMul', inputs: ['flat', 'w0'], output: 'p' },
    { operation: 'Add', inputs: ['p', 'b0'], output: 's' },
    { operation: 'LeakyRelu', inputs: ['s'], output: 'a', attributes: { alpha: { float: 0.2 } } },
    { operation: 'Transpose', inputs: ['w1'], output: 't', attributes: { perm: { ints: [1, 0] } } },
    { operation: 'Gemm', inputs: ['a', 't'], output: 'y', attributes: { transB: 1 } },
    { operation: 'Softmax', inputs: ['y'], output: 'z', attributes: { axis: 1 } },
  ],
  tensors: [
    { ...tensor('w0', 6, 4), inField: true },
    tensor('b0', 4),
    tensor('w1', 4, 3),
    { name: 'rows', shape: [2], data: BigInt64Array.of(-1n, 6n) },
  ],
  input: { name: 'x', extents: [1, 2, 3] },
  output: 'z',
};

const elsewhere = (each: GraphTensor, index: number): GraphTensor =>
  each.data instanceof BigInt64Array
    ? each
    : {
        ...each,
        external: { location: 'net.data', offset: String(256 * index), length: String(each.data.byteLength) },
      };

const layersModel = encodeLayersModel(network, parameters, 'leaky_relu');

/** The same with layers that name what they take in, and weights of one byte. */
function functional(): string {
  const { modelTopology, weightsManifest, ...rest } = JSON.parse(layersModel['model.json']);
  const names = ['pixels', 'dense0', 'leaky_relu0', 'dense1'];
  const listed = [{ class_name: 'InputLayer', config: {} }, ...modelTopology.config.layers];
  const layers = listed.map((layer, i) => ({
    ...layer,
    name: names[i],
    config: { ...layer.config, name: names[i] },
    inbound_nodes: i === 0 ? [] : [[[names[i - 1], 0, 0, {}]]],
  }));
  const config = { name: 'net', layers, input_layers: [['pixels', 0, 0]], output_layers: [['dense1', 0, 0]] };
  const [{ paths, weights }] = weightsManifest;
  const quantization = { dtype: 'uint8', scale: 0.01, min: -1, original_dtype: 'float32' };
  return JSON.stringify({
    ...rest,
    modelTopology: { class_name: 'Functional', config },
    weightsManifest: [{ paths, weights: weights.map((weight: object) => ({ ...weight, quantization })) }],
  });
}

export const MODEL_READERS: readonly Reader[] = [
  { name: 'pytorch', inputs: () => edited([linear]), read: (bytes) => read(file(bytes)) },
  {
    name: 'pytorch_header',
    inputs: () => bytesOf(changed([partsOf(linear).header])),
    read: (header) => read(file(withHeader(header, partsOf(linear).data))),
  },
  {
    name: 'onnx',
    inputs: () =>
      edited([
        onnxOf(graph),
        encodeOnnx(network, parameters, { activation: 'leaky_relu' }),
        encodeOnnx(network, parameters, { precision: 'float16' }),
      ]),
    read: (bytes) => read(file(bytes)),
  },
  {
    name: 'onnx_external',
    inputs: () => edited([onnxOf({ ...graph, tensors: graph.tensors.map(elsewhere) })]),
    read: (bytes) => read(file(bytes), { name: 'net.data', bytes: new Uint8Array(4096) }),
  },
  {
    name: 'tfjs_json',
    inputs: () => bytesOf(changed([layersModel['model.json'], functional()])),
    // Weights of as many bytes as either has.
    read: (bytes) => {
      const quantized = new TextDecoder().decode(bytes).includes('"uint8"');
      const weights = layersModel['weights.bin'];
      return read(
        { name: 'model.json', bytes },
        { name: 'weights.bin', bytes: quantized ? weights.subarray(0, weights.length / 4) : weights },
      );
    },
  },
  {
    name: 'tfjs_weights',
    inputs: () => edited([layersModel['weights.bin']]),
    read: (bytes) =>
      read(
        { name: 'model.json', bytes: encoder.encode(layersModel['model.json']) },
        { name: 'weights.bin', bytes },
      ),
  },
];
