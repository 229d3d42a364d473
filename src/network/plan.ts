// A plan, plain data that any engine executes: buffers, and the kernel calls of one training step and of one
// evaluation step.
import { InputError } from '../errors.ts';
import type { ElementType, KernelName } from './kernels.ts';
import type { Recipe } from './recipe.ts';
import type { NetworkSpec } from './spec.ts';

export interface BufferSpec {
  readonly type: ElementType;
  readonly shape: readonly number[];
  /**
   * `parameter` and `state` (the optimizer's) outlive a step and are what a checkpoint holds; `data` is
   * written by the host; `scratch` belongs to the step; `result` is read by the host.
   */
  readonly role: 'parameter' | 'state' | 'data' | 'scratch' | 'result';
}

/** One kernel with its operands bound to buffers of the plan. */
export interface KernelCall {
  readonly kernel: KernelName;
  /** Operand name to buffer name. */
  readonly operands: { readonly [operand: string]: string };
  readonly constants: { readonly [constant: string]: number };
}

export const PHASES = ['train', 'evaluate'] as const;
/**
 * `train` works on trainImages in trainOrder, `evaluate` on testImages in testOrder without dropout or
 * smoothing.
 */
export type Phase = (typeof PHASES)[number];

export interface Plan {
  readonly network: NetworkSpec;
  readonly recipe: Recipe;
  readonly seed: number;
  /** Rows that the buffers of a step have room for, by phase. */
  readonly batch: { readonly [P in Phase]: number };
  readonly buffers: { readonly [name: string]: BufferSpec };
  readonly calls: { readonly [P in Phase]: readonly KernelCall[] };
  /** What the host writes to buffers of the role `data` before the first step, beside the data set. */
  readonly constants: { readonly [buffer: string]: Float32Array | Uint32Array };
}

/** Steps that one `run` may execute: the rows of the `metrics` buffer. */
export const MAX_STEPS_PER_RUN = 512;

export const BYTES_PER_ELEMENT: { readonly [T in ElementType]: number } = {
  float32: 4,
  uint32: 4,
  int32: 4,
  uint8: 1,
  int8: 1,
};

export type TypedArray = Float32Array | Uint32Array | Int32Array | Uint8Array | Int8Array;

/** Elements of an array of such a shape. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Elements of a buffer. */
export function sizeOf({ shape }: Pick<BufferSpec, 'shape'>): number {
  return elementsOf(shape);
}

/** Bytes of a buffer. */
export function bytesOf(buffer: BufferSpec): number {
  return sizeOf(buffer) * BYTES_PER_ELEMENT[buffer.type];
}

/** By the type of their elements. */
export const ARRAYS = {
  float32: Float32Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
} as const;

/** A zeroed array of the element type, or a view of `bytes`. */
export function typedArray(
  type: ElementType,
  size: number | ArrayBufferLike,
  offset?: number,
  length?: number,
): TypedArray {
  const Constructor = ARRAYS[type];
  return typeof size === 'number'
    ? new Constructor(size)
    : new Constructor(size as ArrayBuffer, offset, length);
}

/**
 * What every executor asks of a write, before anything is written.
 * @throws Error if the plan has no such buffer; InputError if `data` is of another type, or longer than the
 * buffer
 */
export function checkWrite({ buffers }: Plan, name: string, data: TypedArray): void {
  const spec = buffers[name];
  if (!spec) throw new Error(`the plan has no buffer "${name}"`);
  if (data instanceof ARRAYS[spec.type] && data.length <= sizeOf(spec)) return;
  throw new InputError(
    `buffer "${name}": a ${data.constructor.name} of ${data.length} elements, ` +
      `expected a ${ARRAYS[spec.type].name} of at most ${sizeOf(spec)}`,
  );
}

/** Names of a plan's buffers with one of the given roles, in the plan's order. */
export function buffersOf(plan: Plan, ...roles: BufferSpec['role'][]): string[] {
  return Object.keys(plan.buffers).filter((name) => roles.includes(plan.buffers[name].role));
}
