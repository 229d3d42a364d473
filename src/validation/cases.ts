// The inputs on which every kernel is held against the oracle: awkward shapes, and values drawn from the
// hash.
import { type ElementType, KERNELS, type KernelName, kernelSpec } from '../network/kernels.ts';
import { type BufferSpec, type Plan, sizeOf, type TypedArray, typedArray } from '../network/plan.ts';
import { hash, naturalOrder, shuffledOrder, toUnit } from '../network/random.ts';
import { NO_TRAINING } from '../network/recipe.ts';
import type { Step } from '../network/step.ts';
import { AWKWARD, type Extents, type Shape, shapesOf, USUAL } from './shapes.ts';

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

/** Of a dense layer. */
interface LayerShape {
  readonly inputs: number;
  readonly units: number;
}

/** Rows beyond those in use: they must be left as they are. */
const SPARE_ROWS = 3;
const SLOT = 3;
const SLOTS = 5;
const FIRST = 2;

/** Batches of so many rows have images with ink in the middle alone. */
const BLANK_ROWS = 7;

const made = new Map<Extents, Map<KernelName, readonly KernelCase[]>>();

/** Every case of one kernel, the same objects each time: awkward shapes. */
export function casesOf(kernel: KernelName): readonly KernelCase[] {
  return casesWith(kernel, AWKWARD);
}

/** Cases of the shapes that trainings have, for what is timed. */
export function usualCasesOf(kernel: KernelName): readonly KernelCase[] {
  return casesWith(kernel, USUAL);
}

/** The case of one layer of a training. @param rows of a batch */
export function caseOfLayer(kernel: KernelName, rows: number, layer: LayerShape): KernelCase {
  const { inputs, units } = layer;
  const extents: Extents = {
    ...USUAL,
    rows: [rows],
    inputs: [inputs],
    units: [units],
    counts: [inputs * units],
    distorted: { ...USUAL.distorted, rows: [rows] },
  };
  const [{ shape, dims, constants }] = shapesOf(kernel, extents);
  return makeCase(kernel, shape, dims, constants, 0);
}

function casesWith(kernel: KernelName, extents: Extents): readonly KernelCase[] {
  const known = made.get(extents) ?? new Map<KernelName, readonly KernelCase[]>();
  made.set(extents, known);
  const cases =
    known.get(kernel) ??
    shapesOf(kernel, extents).map(({ shape, dims, constants }, index) =>
      makeCase(kernel, shape, dims, constants, index),
    );
  known.set(kernel, cases);
  return cases;
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
  if (kernel === 'distort' && rows === BLANK_ROWS) blankBorders(contents.images, constants);
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
