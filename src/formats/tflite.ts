// A trained network as a TensorFlow Lite model, as LiteRT runs it: one FULLY_CONNECTED a layer, activations after
// it or, of relu, fused. Numbers of fields and enumerations are those of TensorFlow Lite's schema, version 3
// (tensorflow/compiler/mlir/lite/schema/schema.fbs).
import { Builder } from 'flatbuffers';
import { version } from '../../package.json';
import { type Activation, LEAK } from '../network/activation.ts';
import type { Parameters } from '../network/initialisation.ts';
import { layersOf, type NetworkSpec } from '../network/spec.ts';
import { int8Graph, type TfliteIntegers } from './tflite_int8.ts';

const SCHEMA_VERSION = 3;
const FILE_IDENTIFIER = 'TFL3';
/** Runtimes read weights where they lie in the file. */
const ALIGNMENT = 16;

/** BuiltinOperator, with the version of it that this file needs. */
const OPERATORS = {
  DEQUANTIZE: 6,
  FULLY_CONNECTED: 9,
  LOGISTIC: 14,
  TANH: 28,
  LEAKY_RELU: 98,
  QUANTIZE: 114,
} as const;
type Operator = keyof typeof OPERATORS;

/** TensorType */
const TYPES = { float32: 0, int32: 2, int8: 9 } as const;

/** BuiltinOptions */
const FULLY_CONNECTED_OPTIONS = 8;
const LEAKY_RELU_OPTIONS = 75;

/** ActivationFunctionType */
const FUSED = { none: 0, relu: 1 } as const;

/** What is computed after a hidden layer; relu is part of it. */
const AFTER: { readonly [A in Activation]?: Operator } = {
  leaky_relu: 'LEAKY_RELU',
  tanh: 'TANH',
  sigmoid: 'LOGISTIC',
};

export interface TfliteOptions {
  readonly activation?: Activation;
  /** Images of one run, which some runtimes cannot change afterwards. */
  readonly batch?: number;
  /** In place of the parameters, with relu. */
  readonly integers?: TfliteIntegers;
}

/** Input `pixels` float32 [batch, inputs] in [0, 1], output `logits` float32 [batch, classes]. */
export function encodeTflite(
  network: NetworkSpec,
  parameters: Parameters,
  { activation = 'relu', batch = 1, integers }: TfliteOptions = {},
): Uint8Array {
  const { tensors, operators } = integers
    ? int8Graph(network, integers, batch)
    : graphOf(network, parameters, activation, batch);
  const codes = [...new Set(operators.map(({ operator }) => operator))];
  const bytes = tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
  const builder = new Builder(bytes + 4096);
  const vector = (offsets: readonly number[]) => {
    builder.startVector(4, offsets.length, 4);
    for (const offset of offsets.toReversed()) builder.addOffset(offset);
    return builder.endVector();
  };
  const numbers = (values: readonly number[]) => {
    builder.startVector(4, values.length, 4);
    for (const value of values.toReversed()) builder.addInt32(value);
    return builder.endVector();
  };
  /** A table; each field is added by its number. */
  const table = (fields: number, add: () => void) => {
    builder.startObject(fields);
    add();
    return builder.endObject();
  };
  /** QuantizationParameters */
  const scaling = ({ scales, zeroPoint }: Quantisation) => {
    builder.startVector(4, scales.length, 4);
    for (const scale of scales.toReversed()) builder.addFloat32(scale);
    const scale = builder.endVector();
    builder.startVector(8, scales.length, 8);
    for (const _ of scales) builder.addInt64(BigInt(zeroPoint));
    const zeroPoints = builder.endVector();
    return table(7, () => {
      builder.addFieldOffset(2, scale, 0);
      builder.addFieldOffset(3, zeroPoints, 0);
    });
  };

  // The first buffer is that of tensors without data.
  const buffers = vector(
    [undefined, ...tensors.map(({ data }) => data)].map((data) => {
      const stored = data && storedBytes(builder, data);
      return table(1, () => stored !== undefined && builder.addFieldOffset(0, stored, 0));
    }),
  );
  const storedTensors = vector(
    tensors.map(({ name, shape, type, quantisation, data }, index) => {
      const title = builder.createString(name);
      const dimensions = numbers(shape);
      const scaled = quantisation && scaling(quantisation);
      return table(5, () => {
        builder.addFieldOffset(0, dimensions, 0);
        builder.addFieldInt8(1, TYPES[type ?? 'float32'], 0);
        if (scaled !== undefined) builder.addFieldOffset(4, scaled, 0);
        builder.addFieldInt32(2, data ? index + 1 : 0, 0);
        builder.addFieldOffset(3, title, 0);
      });
    }),
  );
  const storedOperators = vector(
    operators.map(({ operator, inputs, output, fused }) => {
      const [from, to] = [numbers(inputs), numbers([output])];
      const options = optionsOf(operator);
      const stored =
        options &&
        table(1, () =>
          operator === 'LEAKY_RELU'
            ? builder.addFieldFloat32(0, LEAK, 0)
            : builder.addFieldInt8(0, FUSED[fused ?? 'none'], 0),
        );
      return table(5, () => {
        builder.addFieldInt32(0, codes.indexOf(operator), 0);
        builder.addFieldOffset(1, from, 0);
        builder.addFieldOffset(2, to, 0);
        if (options && stored !== undefined) {
          builder.addFieldInt8(3, options, 0);
          builder.addFieldOffset(4, stored, 0);
        }
      });
    }),
  );
  const ends = [numbers([0]), numbers([tensors.length - 1])];
  const subgraph = table(4, () => {
    builder.addFieldOffset(0, storedTensors, 0);
    builder.addFieldOffset(1, ends[0], 0);
    builder.addFieldOffset(2, ends[1], 0);
    builder.addFieldOffset(3, storedOperators, 0);
  });
  const subgraphs = vector([subgraph]);
  const operatorCodes = vector(
    codes.map((operator) =>
      table(4, () => {
        builder.addFieldInt8(0, OPERATORS[operator], 0);
        builder.addFieldInt32(2, 1, 0);
        builder.addFieldInt32(3, OPERATORS[operator], 0);
      }),
    ),
  );
  const description = builder.createString(`mnist-kernels ${version}: pixels / 255 in, logits out`);
  const model = table(5, () => {
    builder.addFieldInt32(0, SCHEMA_VERSION, 0);
    builder.addFieldOffset(1, operatorCodes, 0);
    builder.addFieldOffset(2, subgraphs, 0);
    builder.addFieldOffset(3, description, 0);
    builder.addFieldOffset(4, buffers, 0);
  });
  builder.finish(model, FILE_IDENTIFIER);
  return builder.asUint8Array();
}

/** Of integers q: scale·(q − zeroPoint), with a scale for all or for each row. */
interface Quantisation {
  readonly scales: Float32Array;
  readonly zeroPoint: number;
}

export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Left out, float32. */
  readonly type?: keyof typeof TYPES;
  readonly quantisation?: Quantisation;
  /** Of a parameter. */
  readonly data?: Float32Array | Int8Array | Int32Array;
}

export interface StoredOperator {
  readonly operator: Operator;
  /** Tensors by their places. */
  readonly inputs: readonly number[];
  readonly output: number;
  readonly fused?: keyof typeof FUSED;
}

/** In the order of their computation; the first tensor goes in and the last comes out. */
function graphOf(network: NetworkSpec, parameters: Parameters, activation: Activation, batch: number) {
  const layers = layersOf(network);
  const tensors: StoredTensor[] = [{ name: 'pixels', shape: [batch, network.widths[0]] }];
  const operators: StoredOperator[] = [];
  let input = 0;
  for (const { index, inputs, units } of layers) {
    const isLast = index === layers.length - 1;
    const kernel = transposed(parameters[`kernel${index}`], inputs, units);
    const added = [
      { name: `kernel${index}`, shape: [units, inputs], data: kernel },
      { name: `bias${index}`, shape: [units], data: parameters[`bias${index}`] },
      { name: isLast ? 'logits' : `dense${index}`, shape: [batch, units] },
    ];
    const first = tensors.push(...added) - added.length;
    const fused = !isLast && activation === 'relu' ? 'relu' : 'none';
    operators.push({
      operator: 'FULLY_CONNECTED',
      inputs: [input, first, first + 1],
      output: first + 2,
      fused,
    });
    input = first + 2;
    const after = isLast ? undefined : AFTER[activation];
    if (!after) continue;
    const output = tensors.push({ name: `activation${index + 1}`, shape: [batch, units] }) - 1;
    operators.push({ operator: after, inputs: [input], output });
    input = output;
  }
  return { tensors, operators };
}

function optionsOf(operator: Operator): number | undefined {
  if (operator === 'FULLY_CONNECTED') return FULLY_CONNECTED_OPTIONS;
  return operator === 'LEAKY_RELU' ? LEAKY_RELU_OPTIONS : undefined;
}

function storedBytes(builder: Builder, data: ArrayBufferView): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  builder.prep(ALIGNMENT, bytes.length);
  return builder.createByteVector(bytes);
}

/** float32 [inputs, units] to [units, inputs] */
function transposed(kernel: Float32Array, inputs: number, units: number): Float32Array {
  const rows = new Float32Array(kernel.length);
  for (let i = 0; i < inputs; i++) {
    for (let unit = 0; unit < units; unit++) rows[unit * inputs + i] = kernel[i * units + unit];
  }
  return rows;
}
