// What a WGSL kernel is to this engine.
import type { Cost } from '../../../network/cost.ts';

/** What a dispatch gives a kernel. */
export interface WgslArguments {
  /** Operand to buffer of the plan. */
  readonly operands: { readonly [operand: string]: string };
  readonly constants: { readonly [constant: string]: number };
  /** Pipeline-overridable constants. */
  readonly overrides?: { readonly [override: string]: number };
  /** Only of `dense_backward_weight`. */
  readonly layers?: readonly LayerOperands[];
}

/** One layer of a `dense_backward_weight`: buffers of the plan. */
export interface LayerOperands {
  readonly inputs: number;
  readonly units: number;
  readonly x: string;
  readonly dy: string;
  /** What the gradients are stored in, or update. */
  readonly kernel: string;
  readonly bias: string;
}

/** Workgroups in x and y for the rows of a step. */
export type Grid = (rows: number) => readonly [number, number];

/** A shader with named constants set. */
export interface Variant {
  readonly name: string;
  /** The file in shaders/, without `.wgsl`. */
  readonly shader: string;
  readonly constants?: { readonly [name: string]: number };
}

export interface WgslKernel<V extends Variant = Variant> {
  /** Of group 0 in order, before the constants: the buffer or arena that is bound, and whether it is written. */
  readonly bindings: { readonly [name: string]: 'read' | 'write' };
  /** The fields of `constants`, in order. */
  readonly constants: { readonly [name: string]: 'uint32' | 'float32' };
  /** One, or several to choose from (select.ts). */
  readonly variants: readonly V[];
  readonly grid: (given: WgslArguments, variant: V) => Grid;
  readonly cost: (given: WgslArguments, rows: number) => Cost;
}

/** The only variant of a kernel whose shader has its name. */
export function alone(shader: string): readonly [Variant] {
  return [{ name: shader, shader }];
}

/** Invocations of a workgroup of the kernels that are no products. */
export const WORKGROUP = 64;

/** Workgroups that cover so many items. */
export function groups(items: number, perGroup: number): number {
  return Math.ceil(items / perGroup);
}
