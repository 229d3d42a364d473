// ONNX models written by hand, with what other exporters write and this project does not.
import { PbfWriter } from 'pbf';
import { hash, toUnit } from '../../src/network/random.ts';

export interface GraphTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Uint16Array | BigInt64Array;
  /** In the field that has numbers of this type, not as raw bytes. */
  readonly inField?: boolean;
  /** Of TensorProto.DataType, if not that of the array. */
  readonly type?: number;
  /** Its numbers are not here but in another file. */
  readonly external?: { readonly [key: string]: string };
}

export type AttributeValue =
  | number
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | GraphTensor;

export interface GraphNode {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: { readonly [name: string]: AttributeValue };
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly tensors: readonly GraphTensor[];
  /** Of float32, with any number of rows. */
  readonly input: { readonly name: string; readonly extents: readonly number[]; readonly type?: number };
  readonly output: string;
  readonly producer?: string;
}

/** The file of a graph whose inputs are free but for the first extent. */
export function onnxOf({ producer, ...graph }: Graph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  if (producer) pbf.writeStringField(2, producer);
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(8, (version: number, opset: PbfWriter) => opset.writeVarintField(2, version), 13);
  return pbf.finish();
}

function writeGraph({ nodes, tensors, input, output }: Omit<Graph, 'producer'>, pbf: PbfWriter): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, 'graph');
  for (const tensor of tensors) pbf.writeMessage(5, writeTensor, tensor);
  pbf.writeMessage(11, writeValue, input);
  pbf.writeMessage(12, writeValue, { name: output, extents: undefined });
}

function writeNode({ operation, inputs, output, name, domain, attributes = {} }: GraphNode, pbf: PbfWriter) {
  for (const input of inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, output);
  if (name) pbf.writeStringField(3, name);
  pbf.writeStringField(4, operation);
  for (const attribute of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, attribute);
  if (domain) pbf.writeStringField(7, domain);
}

function writeAttribute([name, value]: [string, AttributeValue], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') pbf.writeVarintField(3, value);
  else if ('float' in value) pbf.writeFloatField(2, value.float);
  else if ('ints' in value) for (const int of value.ints) pbf.writeVarintField(8, int);
  else pbf.writeMessage(5, writeTensor, value);
  pbf.writeVarintField(20, typeof value === 'number' ? 2 : 'float' in value ? 1 : 'ints' in value ? 7 : 4);
}

function writeTensor({ name, shape, data, inField, type, external }: GraphTensor, pbf: PbfWriter): void {
  for (const extent of shape) pbf.writeVarintField(1, extent);
  const known = data instanceof Float32Array ? 1 : data instanceof Uint16Array ? 10 : 7;
  pbf.writeVarintField(2, type ?? known);
  pbf.writeStringField(8, name);
  if (external) {
    for (const entry of Object.entries(external)) pbf.writeMessage(13, writeEntry, entry);
    pbf.writeVarintField(14, 1);
  } else if (!inField) pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  else if (data instanceof Float32Array) pbf.writePackedFloat(4, [...data]);
  else pbf.writePackedVarint(data instanceof Uint16Array ? 5 : 7, [...data].map(Number));
}

function writeEntry([key, value]: [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

interface Value {
  readonly name: string;
  readonly extents?: readonly number[];
  readonly type?: number;
}

function writeValue({ name, extents, type = 1 }: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  const writeDimension = (extent: number | undefined, dimension: PbfWriter) =>
    extent === undefined ? dimension.writeStringField(2, 'batch') : dimension.writeVarintField(1, extent);
  const writeShape = (shape: readonly number[], message: PbfWriter) => {
    for (const extent of [undefined, ...shape]) message.writeMessage(1, writeDimension, extent);
  };
  const writeTensorType = (shape: readonly number[] | undefined, message: PbfWriter) => {
    message.writeVarintField(1, type);
    if (shape) message.writeMessage(2, writeShape, shape);
  };
  pbf.writeMessage(
    2,
    (shape: readonly number[] | undefined, message: PbfWriter) =>
      message.writeMessage(1, writeTensorType, shape),
    extents,
  );
}

export const random = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => (2 * toUnit(hash(seed, 0, i)) - 1) / 8);

export const tensor = (name: string, ...shape: number[]): GraphTensor => ({
  name,
  shape,
  data: random(
    shape.reduce((a, b) => a * b, 1),
    shape.length + shape[0],
  ),
});
