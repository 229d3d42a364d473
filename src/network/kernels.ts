// The kernel table. Operand order, constants and shapes are the same in shaders/NAME.wgsl (bindings 0, 1, …
// of group 0, then the uniform `constants`), assembly/NAME.ts (pointers, then constants) and
// src/oracle/kernels.ts. What each computes is in kernel_summaries.ts.

import { InputError } from '../errors.ts';

export type ElementType = 'float32' | 'uint32' | 'int32' | 'uint8' | 'int8';

/** `update` is read and written; `write` is written for the step's rows without being read, and further rows may be
 * written as well. */
export type Access = 'read' | 'write' | 'update';

/**
 * Shapes are in named dimensions: a constant of the call (`inputs`), or `rows` (the batch's capacity, of
 * which `step.rows` are in use), `samples` (the data set), `slots` (steps between two readings of the
 * metrics).
 */
export interface Operand {
  readonly access: Access;
  readonly type: ElementType;
  readonly shape: readonly string[];
}

export interface KernelSpec {
  readonly operands: { readonly [name: string]: Operand };
  /** Fixed for a call, in order. */
  readonly constants: { readonly [name: string]: 'uint32' | 'float32' };
}

const read = (type: ElementType, ...shape: string[]): Operand => ({ access: 'read', type, shape });
const write = (type: ElementType, ...shape: string[]): Operand => ({ access: 'write', type, shape });
const update = (type: ElementType, ...shape: string[]): Operand => ({ access: 'update', type, shape });

export type KernelName =
  | 'distort'
  | 'gather_batch'
  | 'dense_forward'
  | 'softmax_cross_entropy'
  | 'dense_backward_weight'
  | 'dense_backward_input'
  | 'sgd'
  | 'adamw'
  | 'confusion'
  | 'gather_batch_int8'
  | 'dense_forward_int8'
  | 'dense_output_int8';

export const KERNELS = {
  distort: {
    operands: {
      images: read('uint8', 'samples', 'inputs'),
      labels: read('uint8', 'samples'),
      order: read('uint32', 'samples'),
      smoothRows: read('float32', 'nodeRows', 'nodeRows'),
      smoothColumns: read('float32', 'nodeColumns', 'nodeColumns'),
      distorted: write('uint8', 'rows', 'inputs'),
      distortedLabels: write('uint8', 'rows'),
    },
    constants: {
      width: 'uint32',
      height: 'uint32',
      seed: 'uint32',
      stream: 'uint32',
      rotation: 'float32',
      scale: 'float32',
      shear: 'float32',
      shift: 'float32',
      elastic: 'float32',
    },
  },
  gather_batch: {
    operands: {
      images: read('uint8', 'samples', 'inputs'),
      labels: read('uint8', 'samples'),
      order: read('uint32', 'samples'),
      x: write('float32', 'rows', 'inputs'),
      targets: write('uint32', 'rows'),
    },
    constants: { inputs: 'uint32', scale: 'float32' },
  },
  dense_forward: {
    operands: {
      x: read('float32', 'rows', 'inputs'),
      kernel: read('float32', 'inputs', 'units'),
      bias: read('float32', 'units'),
      y: write('float32', 'rows', 'units'),
    },
    constants: {
      inputs: 'uint32',
      units: 'uint32',
      activation: 'uint32',
      dropped: 'uint32',
      keptScale: 'float32',
      seed: 'uint32',
      stream: 'uint32',
    },
  },
  softmax_cross_entropy: {
    operands: {
      logits: read('float32', 'rows', 'classes'),
      targets: read('uint32', 'rows'),
      dlogits: write('float32', 'rows', 'classes'),
      metrics: update('float32', 'slots', 'two'),
    },
    constants: { classes: 'uint32', classWeight: 'float32', labelWeight: 'float32' },
  },
  dense_backward_weight: {
    operands: {
      x: read('float32', 'rows', 'inputs'),
      dy: read('float32', 'rows', 'units'),
      dkernel: write('float32', 'inputs', 'units'),
      dbias: write('float32', 'units'),
    },
    constants: { inputs: 'uint32', units: 'uint32' },
  },
  dense_backward_input: {
    operands: {
      dy: read('float32', 'rows', 'units'),
      kernel: read('float32', 'inputs', 'units'),
      x: read('float32', 'rows', 'inputs'),
      dx: write('float32', 'rows', 'inputs'),
    },
    constants: { inputs: 'uint32', units: 'uint32', activation: 'uint32', scale: 'float32' },
  },
  sgd: {
    operands: {
      parameter: update('float32', 'count'),
      gradient: read('float32', 'count'),
      velocity: update('float32', 'count'),
    },
    constants: { count: 'uint32', momentum: 'float32', weightDecay: 'float32' },
  },
  adamw: {
    operands: {
      parameter: update('float32', 'count'),
      gradient: read('float32', 'count'),
      moment1: update('float32', 'count'),
      moment2: update('float32', 'count'),
    },
    constants: {
      count: 'uint32',
      oneMinusBeta1: 'float32',
      oneMinusBeta2: 'float32',
      epsilon: 'float32',
      lookahead: 'float32',
      weightDecay: 'float32',
    },
  },
  confusion: {
    operands: {
      logits: read('float32', 'rows', 'classes'),
      targets: read('uint32', 'rows'),
      confusion: update('uint32', 'classes', 'classes'),
    },
    constants: { classes: 'uint32' },
  },
  // Of int8 networks (quantisation.ts). Kernels are [units, inputs]: products take four inputs of a unit at once.
  gather_batch_int8: {
    operands: {
      images: read('uint8', 'samples', 'inputs'),
      labels: read('uint8', 'samples'),
      order: read('uint32', 'samples'),
      x: write('uint8', 'rows', 'inputs'),
      targets: write('uint32', 'rows'),
    },
    constants: { inputs: 'uint32' },
  },
  dense_forward_int8: {
    operands: {
      x: read('uint8', 'rows', 'inputs'),
      kernel: read('int8', 'units', 'inputs'),
      bias: read('int32', 'units'),
      scale: read('float32', 'units'),
      y: write('uint8', 'rows', 'units'),
    },
    constants: { inputs: 'uint32', units: 'uint32' },
  },
  dense_output_int8: {
    operands: {
      x: read('uint8', 'rows', 'inputs'),
      kernel: read('int8', 'units', 'inputs'),
      bias: read('int32', 'units'),
      scale: read('float32', 'units'),
      y: write('float32', 'rows', 'units'),
    },
    constants: { inputs: 'uint32', units: 'uint32' },
  },
} as const satisfies { readonly [K in KernelName]: KernelSpec };

/**
 * What an optimizer leaves behind below this magnitude, it sets to zero: flush(x) = 0 where |x| <
 * FLUSH_THRESHOLD. States whose gradient stays zero decay into subnormal numbers otherwise, on which many
 * processors are ten times as slow. The same number stands in shaders/ and assembly/update.ts.
 */
export const FLUSH_THRESHOLD = 1e-30;

export const KERNEL_NAMES = Object.keys(KERNELS) as KernelName[];

/** @throws InputError naming the kernels that there are */
export function checkKernelName(name: KernelName): void {
  if (!KERNEL_NAMES.includes(name))
    throw new InputError(`kernel "${name}": expected one of ${KERNEL_NAMES.join(', ')}`);
}

/** The table's entry seen as a plain {@link KernelSpec}. */
export function kernelSpec(name: KernelName): KernelSpec {
  return KERNELS[name];
}
