// A trained network as an ONNX model: one Gemm a layer, activations between them. Field numbers are those of
// onnx.proto3.
import { PbfWriter } from 'pbf';
import { type Activation, LEAK } from '../network/activation.ts';
import type { Parameters } from '../network/initialisation.ts';
import { layersOf, type NetworkSpec } from '../network/spec.ts';

/**
 * Versions of the format (IR) and of the operators: old enough for every runtime, new enough for Gemm as used
 * here.
 */
const IR_VERSION = 8;
const OPSET_VERSION = 13;

/** TensorProto.DataType.FLOAT */
const FLOAT = 1;

/** Input `pixels` float32 [batch, inputs] in [0, 1], output `logits` float32 [batch, classes]. */
export function encodeOnnx(
  network: NetworkSpec,
  parameters: Parameters,
  activation: Activation = 'relu',
): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'mnist-kernels');
  pbf.writeMessage(7, writeGraph, { network, parameters, activation });
  pbf.writeMessage(8, writeOpset, OPSET_VERSION);
  return pbf.finish();
}

function writeOpset(version: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, '');
  pbf.writeVarintField(2, version);
}

interface Graph {
  readonly network: NetworkSpec;
  readonly parameters: Parameters;
  readonly activation: Activation;
}

/** Operators by the names that ONNX gives them. */
const OPERATORS: { readonly [A in Activation]: string } = {
  relu: 'Relu',
  leaky_relu: 'LeakyRelu',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  linear: 'Identity',
};

function writeGraph({ network, parameters, activation }: Graph, pbf: PbfWriter): void {
  const layers = layersOf(network);
  for (const { index } of layers) {
    const hidden = index < layers.length - 1;
    const input = index === 0 ? 'pixels' : `activation${index}`;
    const output = hidden ? `sum${index}` : 'logits';
    const operands = [input, `kernel${index}`, `bias${index}`];
    pbf.writeMessage(1, writeNode, { operation: 'Gemm', inputs: operands, output });
    if (hidden) {
      pbf.writeMessage(1, writeNode, {
        operation: OPERATORS[activation],
        inputs: [output],
        output: `activation${index + 1}`,
        alpha: activation === 'leaky_relu' ? LEAK : undefined,
      });
    }
  }
  pbf.writeStringField(2, 'network');
  for (const { index, inputs, units } of layers) {
    pbf.writeMessage(5, writeTensor, {
      name: `kernel${index}`,
      shape: [inputs, units],
      data: parameters[`kernel${index}`],
    });
    pbf.writeMessage(5, writeTensor, {
      name: `bias${index}`,
      shape: [units],
      data: parameters[`bias${index}`],
    });
  }
  pbf.writeMessage(11, writeValue, { name: 'pixels', columns: network.widths[0] });
  pbf.writeMessage(12, writeValue, { name: 'logits', columns: network.widths.at(-1)! });
}

interface Node {
  readonly operation: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** The slope below zero. */
  readonly alpha?: number;
}

function writeNode({ operation, inputs, output, alpha }: Node, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, output);
  pbf.writeStringField(4, operation);
  if (alpha !== undefined) pbf.writeMessage(5, writeAlpha, alpha);
}

/** AttributeProto with its type, FLOAT. */
function writeAlpha(alpha: number, pbf: PbfWriter): void {
  pbf.writeStringField(1, 'alpha');
  pbf.writeFloatField(2, alpha);
  pbf.writeVarintField(20, 1);
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function writeTensor({ name, shape, data }: Tensor, pbf: PbfWriter): void {
  for (const extent of shape) pbf.writeVarintField(1, extent);
  pbf.writeVarintField(2, FLOAT);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

interface Value {
  readonly name: string;
  readonly columns: number;
}

/** A matrix of floats with any number of rows. */
function writeValue({ name, columns }: Value, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(2, writeType, columns);
}

function writeType(columns: number, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, columns);
}

function writeTensorType(columns: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, FLOAT);
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
