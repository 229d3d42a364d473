// A trained network as an ONNX model: one Gemm a layer, activations between them; of int8 networks, between integers
// and floats (onnx_int8.ts). Field numbers are those of onnx.proto3.

import { PbfWriter } from 'pbf';
import { version } from '../../package.json';
import { className } from '../data/dataset.ts';
import { type Activation, LEAK } from '../network/activation.ts';
import type { Parameters } from '../network/initialisation.ts';
import type { QuantisedLayer } from '../network/quantisation.ts';
import { layersOf, type NetworkSpec } from '../network/spec.ts';
import { checkHalf, floatToHalf } from './half.ts';
import { type Model, tensorsOf } from './model.ts';
import { int8Graph } from './onnx_int8.ts';
import type { Precision } from './safetensors.ts';

/**
 * Versions of the format (IR) and of the operators: old enough for every runtime, new enough for Gemm as used
 * here.
 */
const IR_VERSION = 8;
const OPSET_VERSION = 13;

/** Of TensorProto.DataType. */
export const DATA_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, float16: 10, bfloat16: 16 } as const;

/** Operators by the names that ONNX gives them. */
export const OPERATORS: { readonly [A in Activation]: string } = {
  relu: 'Relu',
  leaky_relu: 'LeakyRelu',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  linear: 'Identity',
};

export interface OnnxOptions {
  readonly activation?: Activation;
  /** Of the parameters. All is computed in float32, to which those of float16 are cast first. */
  readonly precision?: Precision;
  /** In place of the parameters, with relu. */
  readonly quantised?: readonly QuantisedLayer[];
  /** Told in the file's metadata. */
  readonly dataset?: Model['dataset'];
}

/**
 * Input `pixels` float32 [batch, inputs] in [0, 1], output `logits` float32 [batch, classes].
 * @throws InputError if a parameter is too large for the precision
 */
export function encodeOnnx(
  network: NetworkSpec,
  parameters: Parameters,
  { activation = 'relu', precision = 'float32', quantised, dataset }: OnnxOptions = {},
): Uint8Array {
  const given = { network, parameters, activation, precision };
  const graph = quantised ? int8Graph(network, quantised) : floatGraph(given);
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'mnist-kernels');
  pbf.writeStringField(3, version);
  pbf.writeMessage(7, writeGraph, { network, ...graph });
  pbf.writeMessage(8, writeOpset, OPSET_VERSION);
  for (const property of propertiesOf(network, dataset)) pbf.writeMessage(14, writeProperty, property);
  return pbf.finish();
}

const INPUT = 'pixels / 255, in [0, 1], row by row from the top left';
const OUTPUT = 'logits of the classes; their softmax is the probabilities';

type Property = readonly [key: string, value: string];

/** How to feed the model, and how to read what it puts out. */
function propertiesOf({ widths }: NetworkSpec, dataset: OnnxOptions['dataset']): Property[] {
  const names = dataset?.classNames;
  const classes = Array.from({ length: widths.at(-1)! }, (_, label) => className(names, label));
  return [
    ['input', INPUT],
    ['output', OUTPUT],
    ['classes', classes.join()],
    ...(dataset ? imageProperties(dataset) : []),
  ];
}

function imageProperties({ name, width, height }: Model['dataset']): Property[] {
  return [
    ['dataset', name],
    ['width', String(width)],
    ['height', String(height)],
  ];
}

/** StringStringEntryProto */
function writeProperty([key, value]: Property, pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeOpset(version: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, '');
  pbf.writeVarintField(2, version);
}

/** From `pixels` to `logits`. */
export interface Graph {
  /** In the order of their computation. */
  readonly nodes: readonly Node[];
  readonly tensors: readonly Tensor[];
}

interface FloatNetwork {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  readonly activation: Activation;
  readonly precision: Precision;
}

function floatGraph(given: FloatNetwork): Graph {
  const { network, parameters, precision } = given;
  const tensors = layersOf(network)
    .flatMap(tensorsOf)
    .map(({ parameter, shape }): Tensor => {
      const name = storedName(parameter, precision);
      const data = parameters[parameter];
      if (precision === 'float32') return { name, shape, type: 'float32', data };
      checkHalf(name, data);
      return { name, shape, type: 'float16', data: Uint16Array.from(data, floatToHalf) };
    });
  return { nodes: nodesOf(given), tensors };
}

function writeGraph({ network, nodes, tensors }: Graph & { network: NetworkSpec }, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'network');
  for (const tensor of tensors) pbf.writeMessage(5, writeTensor, tensor);
  pbf.writeMessage(11, writeValue, { name: 'pixels', columns: network.widths[0], about: INPUT });
  pbf.writeMessage(12, writeValue, { name: 'logits', columns: network.widths.at(-1)!, about: OUTPUT });
}

const storedName = (parameter: string, precision: Precision) =>
  precision === 'float16' ? `${parameter}_float16` : parameter;

export interface Node {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attribute?: Attribute;
}

/** A float, or an integer. */
type Attribute =
  | { readonly name: 'alpha'; readonly float: number }
  | { readonly name: 'to' | 'axis'; readonly int: number };

function nodesOf({ network, activation, precision }: FloatNetwork): Node[] {
  const layers = layersOf(network);
  const attribute = activation === 'leaky_relu' ? ({ name: 'alpha', float: LEAK } as const) : undefined;
  return layers.flatMap(({ index }) => {
    const hidden = index < layers.length - 1;
    const input = index === 0 ? 'pixels' : `activation${index}`;
    const output = hidden ? `sum${index}` : 'logits';
    const parameters = [`kernel${index}`, `bias${index}`];
    const dense = { name: `dense${index}`, operation: 'Gemm', inputs: [input, ...parameters], output };
    const after: Node = {
      name: `${activation}${index}`,
      operation: OPERATORS[activation],
      inputs: [output],
      output: `activation${index + 1}`,
      attribute,
    };
    const casts = precision === 'float16' ? parameters.map(castOf) : [];
    return [...casts, dense, ...(hidden ? [after] : [])];
  });
}

function castOf(parameter: string): Node {
  return {
    name: `cast_${parameter}`,
    operation: 'Cast',
    inputs: [storedName(parameter, 'float16')],
    output: parameter,
    attribute: { name: 'to', int: DATA_TYPES.float32 },
  };
}

function writeNode({ name, operation, inputs, output, attribute }: Node, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, output);
  pbf.writeStringField(3, name);
  pbf.writeStringField(4, operation);
  if (attribute) pbf.writeMessage(5, writeAttribute, attribute);
}

/** AttributeProto with its type, FLOAT or INT. */
function writeAttribute(attribute: Attribute, pbf: PbfWriter): void {
  pbf.writeStringField(1, attribute.name);
  if (attribute.name === 'alpha') pbf.writeFloatField(2, attribute.float);
  else pbf.writeVarintField(3, attribute.int);
  pbf.writeVarintField(20, attribute.name === 'alpha' ? 1 : 2);
}

export interface Tensor {
  readonly name: string;
  /** Of a single number: []. */
  readonly shape: readonly number[];
  readonly type: keyof typeof DATA_TYPES;
  /** Little-endian. */
  readonly data: ArrayBufferView;
}

function writeTensor({ name, shape, type, data }: Tensor, pbf: PbfWriter): void {
  for (const extent of shape) pbf.writeVarintField(1, extent);
  pbf.writeVarintField(2, DATA_TYPES[type]);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

interface Value {
  readonly name: string;
  readonly columns: number;
  readonly about: string;
}

/** A matrix of floats with any number of rows. */
function writeValue({ name, columns, about }: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, columns);
  pbf.writeStringField(3, about);
}

function writeType(columns: number, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, columns);
}

function writeTensorType(columns: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, DATA_TYPES.float32);
  pbf.writeMessage(2, writeShape, columns);
}

function writeShape(columns: number, pbf: PbfWriter): void {
  pbf.writeMessage(1, (batch: string, dimension: PbfWriter) => dimension.writeStringField(2, batch), 'batch');
  pbf.writeMessage(
    1,
    (extent: number, dimension: PbfWriter) => dimension.writeVarintField(1, extent),
    columns,
  );
}
