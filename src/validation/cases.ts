// The inputs on which every kernel is held against the oracle: awkward shapes, and values drawn from the
// hash.
import { ACTIVATION_CODES, type Activation } from '../network/activation.ts';
import { distortionConstants, nodesOf } from '../network/distortion_field.ts';
import { type ElementType, KERNELS, type KernelName, kernelSpec } from '../network/kernels.ts';
import { type BufferSpec, type Plan, sizeOf, type TypedArray, typedArray } from '../network/plan.ts';
import { droppedDraws, hash, naturalOrder, STREAM, shuffledOrder, toUnit } from '../network/random.ts';
import { NO_TRAINING } from '../network/recipe.ts';
import type { Step } from '../network/step.ts';

export interface KernelCase {
  readonly kernel: KernelName;
  /** In words: "127×784→513, relu". */
  readonly shape: string;
  readonly constants: { readonly [constant: string]: number };
  readonly step: Step;
  /** The case's operands as buffers of the same names, with what they hold before the kernel runs. */
  readonly buffers: { readonly [operand: string]: BufferSpec };
  readonly contents: { readonly [operand: string]: TypedArray };
}

const ROWS = [1, 7, 127];
const INPUTS = [1, 5, 17, 68, 784];
const UNITS = [3, 10, 128, 132, 513];
const STRONG = { rotation: 15, scale: 0.15, shear: 0.2, shift: 2, elastic: 1, smoothness: 5, rest: 0 };
const DISTORTED = [
  { width: 28, height: 28, distortion: STRONG },
  { width: 28, height: 28, distortion: { ...STRONG, elastic: 0 } },
  { width: 14, height: 9, distortion: { ...STRONG, elastic: 3, shift: 8, rotation: 80 } },
  { width: 1, height: 5, distortion: STRONG },
];
/** Dropout of `dense_forward`: none twice, and a rate of 0.3. */
const DROPOUT = [0, 0, 0.3].map((rate) => ({ dropped: droppedDraws(rate), keptScale: 1 / (1 - rate) }));
const COUNTS = [1, 3, 5, 17, 784, 4099];

/** Rows beyond those in use: they must be left as they are. */
const SPARE_ROWS = 3;
const SLOT = 3;
const SLOTS = 5;
const FIRST = 2;

const cross = <A, B>(a: readonly A[], b: readonly B[]): [A, B][] =>
  a.flatMap((x) => b.map((y): [A, B] => [x, y]));

const made = new Map<KernelName, readonly KernelCase[]>();

/** Every case of one kernel, the same objects each time. */
export function casesOf(kernel: KernelName): readonly KernelCase[] {
  const cases =
    made.get(kernel) ??
    shapesOf(kernel).map(({ shape, dims, constants }, index) =>
      makeCase(kernel, shape, dims, constants, index),
    );
  made.set(kernel, cases);
  return cases;
}

interface Shape {
  readonly shape: string;
  readonly dims: { readonly [dimension: string]: number };
  readonly constants: { readonly [constant: string]: number };
}

const CODES = Object.keys(ACTIVATION_CODES) as Activation[];

function shapesOf(kernel: KernelName): Shape[] {
  switch (kernel) {
    case 'distort':
      return cross([1, 7, 33], DISTORTED).map(([rows, { width, height, distortion }]) => ({
        shape: `${rows}×${width}×${height}, ${distortion.elastic} px elastic`,
        dims: { rows, inputs: width * height, nodeRows: nodesOf(height), nodeColumns: nodesOf(width) },
        constants: {
          width,
          height,
          seed: 7,
          stream: STREAM.distortion,
          ...distortionConstants(distortion),
        },
      }));
    case 'gather_batch':
      return cross(ROWS, INPUTS).map(([rows, inputs]) => ({
        shape: `${rows}×${inputs}`,
        dims: { rows, inputs },
        constants: { inputs, scale: 1 / 255 },
      }));
    case 'dense_forward':
      return dense((index) => ({
        activation: index % CODES.length,
        ...DROPOUT[index % 3],
        seed: 7,
        stream: STREAM.dropout,
      }));
    case 'dense_backward_weight':
      return dense(() => ({}));
    case 'dense_backward_input':
      return dense((index) => ({ activation: index % CODES.length, scale: index % 2 ? 1 : 1.25 }));
    case 'softmax_cross_entropy':
      return classified((index, classes) => {
        const smoothing = index % 2 ? 0.1 : 0;
        return { classWeight: smoothing / classes, labelWeight: 1 - smoothing };
      });
    case 'confusion':
      return classified(() => ({}));
    case 'gather_batch_int8':
      return cross(ROWS, INPUTS).map(([rows, inputs]) => ({
        shape: `${rows}×${inputs}`,
        dims: { rows, inputs },
        constants: { inputs },
      }));
    case 'dense_forward_int8':
    case 'dense_output_int8':
      return dense(() => ({}));
    case 'sgd':
      return COUNTS.map((count) => ({
        shape: `${count}`,
        dims: { count },
        constants: { count, momentum: 0.9, weightDecay: count % 2 ? 0.01 : 0 },
      }));
    case 'adamw':
      return COUNTS.map((count) => ({
        shape: `${count}`,
        dims: { count },
        constants: {
          count,
          oneMinusBeta1: 1 - 0.9,
          oneMinusBeta2: 1 - 0.999,
          epsilon: count % 2 ? 1e-7 : 1e-2,
          lookahead: count % 4 > 1 ? 1 - 0.9 : 0,
          weightDecay: count % 2 ? 0.01 : 0,
        },
      }));
  }
}

function dense(extra: (index: number) => { [constant: string]: number }): Shape[] {
  return cross(cross(ROWS, INPUTS), UNITS).map(([[rows, inputs], units], index) => {
    const constants = extra(index);
    const name = CODES.find((each) => ACTIVATION_CODES[each] === constants.activation) ?? '';
    const flags = [name, constants.dropped ? 'dropout' : ''];
    return {
      shape: [`${rows}×${inputs}→${units}`, ...flags].filter(Boolean).join(', '),
      dims: { rows, inputs, units },
      constants: { inputs, units, ...constants },
    };
  });
}

function classified(extra: (index: number, classes: number) => { [constant: string]: number }): Shape[] {
  return cross(ROWS, UNITS).map(([rows, classes], index) => ({
    shape: `${rows}×${classes}`,
    dims: { rows, classes },
    constants: { classes, ...extra(index, classes) },
  }));
}

function makeCase(
  kernel: KernelName,
  shape: string,
  dims: Shape['dims'],
  constants: Shape['constants'],
  index: number,
): KernelCase {
  const rows = dims.rows ?? 1;
  const capacity: { [dimension: string]: number } = {
    ...dims,
    rows: rows + SPARE_ROWS,
    samples: rows + FIRST + 4,
    slots: SLOTS,
    two: 2,
  };
  const step: Step = {
    rows,
    first: FIRST,
    number: 11,
    slot: SLOT,
    learningRate: 0.05,
    correction1: 1 / (1 - 0.9 ** 4),
    correction2: 1 / (1 - 0.999 ** 4),
    distortion: 1,
  };
  const buffers: Record<string, BufferSpec> = {};
  const contents: Record<string, TypedArray> = {};
  for (const [position, [name, operand]] of Object.entries(kernelSpec(kernel).operands).entries()) {
    const spec: BufferSpec = {
      type: operand.type,
      shape: operand.shape.map((dimension) => capacity[dimension]),
      role: 'scratch',
    };
    buffers[name] = spec;
    contents[name] = draw(name, spec.type, sizeOf(spec), hash(index, position, 1), capacity);
  }
  // Kernels may leave out what comes from background.
  if (kernel === 'distort' && Math.floor(index / DISTORTED.length) % 2 === 1)
    blankBorders(contents.images, constants);
  if (kernel === 'sgd' || kernel === 'adamw') fade(contents, index);
  return { kernel, shape, constants, step, buffers, contents };
}

/** Leaves ink in the middle half of each image only. */
function blankBorders(images: TypedArray, { width, height }: KernelCase['constants']): void {
  const middle = (at: number, extent: number) => at >= extent / 4 && at < (3 * extent) / 4;
  for (let i = 0; i < images.length; i++)
    if (!middle(i % width, width) || !middle(Math.floor(i / width) % height, height)) images[i] = 0;
}

/**
 * Every third element has long had no gradient: its states are tiny, or subnormal, as is every other such
 * parameter.
 */
function fade({ parameter, gradient, ...states }: KernelCase['contents'], seed: number): void {
  for (let i = 0; i < gradient.length; i += 3) {
    const tiny = (draw: number) => 2 ** (-90 - 60 * toUnit(hash(seed, draw, i)));
    gradient[i] = 0;
    for (const [draw, state] of Object.values(states).entries()) state[i] = tiny(draw);
    if (i % 2 === 0) parameter[i] = -tiny(2);
  }
}

/**
 * Values that an operand may meet: some zeros among the floats, logits with ties, labels within the classes.
 */
function draw(
  operand: string,
  type: ElementType,
  size: number,
  seed: number,
  capacity: { readonly [dimension: string]: number },
): TypedArray {
  if (operand === 'order') return shuffledOrder(seed, 0, size);
  if (operand === 'confusion') return naturalOrder(size);
  const words = Array.from({ length: size }, (_, i) => hash(seed, 0, i));
  const values = typedArray(type, size);
  if (operand === 'targets') values.set(words.map((word) => word % (capacity.classes ?? 10)));
  // Activations of int8 networks have 7 bits, and weights no −128.
  else if (type === 'uint8') values.set(words.map((word) => word >>> (operand === 'x' ? 25 : 24)));
  else if (type === 'int8') values.set(words.map((word) => Math.max(-127, word >> 24)));
  else if (type === 'int32') values.set(words.map((word) => word >> 14));
  // Powers of two make ties.
  else if (operand === 'scale')
    values.set(words.map((word) => 2 ** -(8 + (word % 4)) * (word % 3 ? toUnit(word) : 1)));
  else if (operand === 'logits') values.set(words.map((word) => Math.round(40 * toUnit(word) - 20) / 2));
  else if (operand === 'moment2') values.set(words.map(toUnit));
  else values.set(words.map((word) => (word % 4 === 0 ? 0 : 2 * toUnit(word) - 1)));
  return values;
}

/** A plan of one kernel call, whose buffers are the case's operands. */
export function planOf({
  kernel,
  constants,
  buffers,
}: Pick<KernelCase, 'kernel' | 'constants' | 'buffers'>): Plan {
  const operands = Object.fromEntries(Object.keys(KERNELS[kernel].operands).map((name) => [name, name]));
  return {
    network: { widths: [1, 2] },
    recipe: { ...NO_TRAINING, name: kernel },
    seed: 0,
    batch: { train: 1, evaluate: 1 },
    buffers,
    constants: {},
    calls: { train: [{ kernel, operands, constants }], evaluate: [] },
  };
}
