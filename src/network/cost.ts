// What a kernel computes and moves: the measure of a profile.
import { DISTORT_OPERATIONS } from './distortion_field.ts';
import type { KernelName } from './kernels.ts';

export interface Cost {
  /** Floating-point operations, zeros that an engine skips counted as well. */
  readonly operations: number;
  /** That must be read and written at least. */
  readonly bytes: number;
}

type Constants = { readonly [constant: string]: number };

interface Shape {
  readonly inputs: number;
  readonly units: number;
}

const FLOAT = 4;

const product = (rows: number, { inputs, units }: Constants) => 2 * rows * inputs * units;

/** Of bytes; each unit has a bias and a scale. @param output bytes of an element of y */
function productInt8(constants: Constants, rows: number, output: number): Cost {
  const { inputs, units } = constants;
  return {
    operations: product(rows, constants),
    bytes: rows * inputs + (inputs + 2 * FLOAT) * units + output * rows * units,
  };
}

/** By the constants of a call, and the rows of its step. */
export const COST: { readonly [K in KernelName]: (constants: Constants, rows: number) => Cost } = {
  distort: ({ width, height }, rows) => {
    const pixels = rows * width * height;
    return { operations: DISTORT_OPERATIONS * pixels, bytes: 2 * pixels };
  },
  // From one byte to one float.
  gather_batch: ({ inputs }, rows) => ({ operations: rows * inputs, bytes: (1 + FLOAT) * rows * inputs }),
  dense_forward: (constants, rows) => {
    const { inputs, units } = constants;
    return {
      operations: product(rows, constants),
      bytes: FLOAT * (rows * inputs + inputs * units + rows * units),
    };
  },
  softmax_cross_entropy: ({ classes }, rows) => ({
    operations: 6 * rows * classes,
    bytes: FLOAT * 2 * rows * classes,
  }),
  // x is read for its derivative.
  dense_backward_input: (constants, rows) => {
    const { inputs, units } = constants;
    return {
      operations: product(rows, constants),
      bytes: FLOAT * (2 * rows * inputs + inputs * units + rows * units),
    };
  },
  dense_backward_weight: (constants, rows) => {
    const { inputs, units } = constants;
    return {
      operations: product(rows, constants),
      bytes: FLOAT * (rows * (inputs + units) + (inputs + 1) * units),
    };
  },
  // The gradient is read, the parameter and each state are read and written.
  sgd: ({ count }) => ({ operations: 5 * count, bytes: FLOAT * 5 * count }),
  adamw: ({ count }) => ({ operations: 14 * count, bytes: FLOAT * 7 * count }),
  confusion: ({ classes }, rows) => ({ operations: 0, bytes: FLOAT * rows * classes }),
  gather_batch_int8: ({ inputs }, rows) => ({ operations: rows * inputs, bytes: 2 * rows * inputs }),
  dense_forward_int8: (constants, rows) => productInt8(constants, rows, 1),
  dense_output_int8: (constants, rows) => productInt8(constants, rows, FLOAT),
};

/** One call in place of several. @param inside bytes that then need be neither written nor read */
export function fused(parts: readonly Cost[], inside = 0): Cost {
  return parts.reduce(
    (sum, part) => ({
      operations: sum.operations + part.operations,
      bytes: sum.bytes + part.bytes,
    }),
    { operations: 0, bytes: -inside },
  );
}

/** A layer's weight gradient with the updates of its kernel and bias, which it hands over. */
export function weightUpdate(optimizer: 'sgd' | 'adamw', layer: Constants, rows: number): Cost {
  const count = (layer.inputs + 1) * layer.units;
  const parts = [COST.dense_backward_weight(layer, rows), COST[optimizer]({ count }, rows)];
  return fused(parts, 2 * FLOAT * count);
}

/** "dense_forward 784→128" @param layers inputs and units of the layers that a call is of, if of several */
export function titleOf(kernel: string, constants: Constants, layers: readonly Shape[] = []): string {
  const { inputs, units, classes, count, width, height } = constants;
  const outputs = units ?? classes;
  const shapes = layers.map((layer) => `${layer.inputs}→${layer.units}`);
  if (inputs !== undefined && outputs !== undefined) shapes.push(`${inputs}→${outputs}`);
  if (width !== undefined && height !== undefined) shapes.push(`${width}×${height}`);
  return [kernel, shapes.join(', ') || (count ?? outputs ?? inputs ?? '')].join(' ').trim();
}
