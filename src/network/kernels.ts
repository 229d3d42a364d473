// The kernel table. Operand order, constants and shapes are the same in shaders/NAME.wgsl (bindings 0, 1, …
// of group 0, then the uniform `constants`), assembly/NAME.ts (pointers, then constants) and
// src/oracle/kernels.ts.

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
  readonly summary: string;
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
    summary:
      'distorted[r] = images[order[step.first + r]] turned, scaled, sheared, shifted and bent at random, and its label',
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
    summary: 'x[r, i] = scale · images[order[step.first + r], i], and the labels to targets',
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
    summary: 'y = activation(x·kernel + bias), then dropout: units are zeroed, the others times keptScale',
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
    summary:
      'dlogits = (softmax(logits) − target) / step.rows, target = classWeight everywhere, labelWeight more on the label; metrics[step.slot] = {sum of losses, correct rows}',
    operands: {
      logits: read('float32', 'rows', 'classes'),
      targets: read('uint32', 'rows'),
      dlogits: write('float32', 'rows', 'classes'),
      metrics: update('float32', 'slots', 'two'),
    },
    constants: { classes: 'uint32', classWeight: 'float32', labelWeight: 'float32' },
  },
  dense_backward_weight: {
    summary: 'dkernel = xᵀ·dy and dbias = the sum of dy over the rows',
    operands: {
      x: read('float32', 'rows', 'inputs'),
      dy: read('float32', 'rows', 'units'),
      dkernel: write('float32', 'inputs', 'units'),
      dbias: write('float32', 'units'),
    },
    constants: { inputs: 'uint32', units: 'uint32' },
  },
  dense_backward_input: {
    summary: 'dx = (dy·kernelᵀ) · the derivative of the activation and dropout (times scale) that made x',
    operands: {
      dy: read('float32', 'rows', 'units'),
      kernel: read('float32', 'inputs', 'units'),
      x: read('float32', 'rows', 'inputs'),
      dx: write('float32', 'rows', 'inputs'),
    },
    constants: { inputs: 'uint32', units: 'uint32', activation: 'uint32', scale: 'float32' },
  },
  sgd: {
    summary: 'v ← flush(momentum·v + g); p ← flush(p − step.learningRate·(v + weightDecay·p))',
    operands: {
      parameter: update('float32', 'count'),
      gradient: read('float32', 'count'),
      velocity: update('float32', 'count'),
    },
    constants: { count: 'uint32', momentum: 'float32', weightDecay: 'float32' },
  },
  adamw: {
    summary:
      'm ← flush(m + (1−β₁)(g − m)); v ← flush(v + (1−β₂)(g² − v)); p ← flush(p − step.learningRate·(c₁(m + lookahead·(g − m)) / (√(c₂v) + ε) + weightDecay·p))',
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
    summary: 'confusion[target, argmax of the logits] += 1 for each row; the lowest class wins a tie',
    operands: {
      logits: read('float32', 'rows', 'classes'),
      targets: read('uint32', 'rows'),
      confusion: update('uint32', 'classes', 'classes'),
    },
    constants: { classes: 'uint32' },
  },
  // Of int8 networks (quantisation.ts). Kernels are [units, inputs]: products take four inputs of a unit at once.
  gather_batch_int8: {
    summary: 'x[r, i] = images[order[step.first + r], i] >> 1, and the labels to targets: pixels in 7 bits',
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
    summary: 'y = float32(x·kernelᵀ + bias) · scale, rounded to the nearest, ties to even, within 0 and 127',
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
    summary: 'y = float32(x·kernelᵀ + bias) · scale: the logits',
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

/** Per-step values: a record of eight 32-bit words that every kernel may read. */
export const STEP_FIELDS = {
  /** Rows of this batch that are in use. */
  rows: 'uint32',
  /** Where in `order` the batch begins. */
  first: 'uint32',
  /** Optimizer steps taken before this one; the counter of the dropout masks. */
  number: 'uint32',
  /** Row of `metrics` that this step writes. */
  slot: 'uint32',
  learningRate: 'float32',
  /** AdamW's 1/(1−β₁ᵗ) and 1/(1−β₂ᵗ), computed on the host in float64. */
  correction1: 'float32',
  correction2: 'float32',
  /** Strength of the distortion: 1, or 0 for the images as they are. */
  distortion: 'float32',
} as const;

export type Step = { readonly [F in keyof typeof STEP_FIELDS]: number };

/** A step of one row that changes no parameter. */
export const STILL_STEP: Step = {
  rows: 1,
  first: 0,
  number: 0,
  slot: 0,
  learningRate: 0,
  correction1: 1,
  correction2: 1,
  distortion: 0,
};

export const STEP_BYTES = 32;

/** Values in order, each as its type says, little-endian. */
export function packWords(
  fields: { readonly [name: string]: 'uint32' | 'float32' },
  values: { readonly [name: string]: number },
  into: DataView,
  offset = 0,
): void {
  for (const [name, type] of Object.entries(fields)) {
    if (type === 'uint32') into.setUint32(offset, values[name], true);
    else into.setFloat32(offset, values[name], true);
    offset += 4;
  }
}
