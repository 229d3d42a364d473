// The WGSL source of each kernel and the grid that covers its output.
import adamw from '../../../shaders/adamw.wgsl?raw';
import confusion from '../../../shaders/confusion.wgsl?raw';
import dense_backward_input from '../../../shaders/dense_backward_input.wgsl?raw';
import dense_backward_weight from '../../../shaders/dense_backward_weight.wgsl?raw';
import dense_forward from '../../../shaders/dense_forward.wgsl?raw';
import gather_batch from '../../../shaders/gather_batch.wgsl?raw';
import sgd from '../../../shaders/sgd.wgsl?raw';
import softmax_cross_entropy from '../../../shaders/softmax_cross_entropy.wgsl?raw';
import type { KernelName } from '../../network/kernels.ts';

export interface WgslKernel {
  readonly source: string;
  /** Workgroups in x and y for a call's constants and the rows of its step. */
  readonly grid: (constants: { readonly [name: string]: number }, rows: number) => readonly [number, number];
}

/** Workgroups of a kernel that walks its elements in strides of the whole grid. */
const STRIDED_GROUPS = 4096;

const groups = (items: number, perGroup: number) => Math.ceil(items / perGroup);

/** Elements that one workgroup covers: its 8 × 8 invocations of 4 × 4 each, or its 64 invocations. */
const TILE = 32;
const WORKGROUP = 64;

export type WgslKernels = { readonly [K in KernelName]: WgslKernel };

export const WGSL_KERNELS: WgslKernels = {
  gather_batch: { source: gather_batch, grid: ({ inputs }, rows) => [groups(inputs, WORKGROUP), rows] },
  dense_forward: {
    source: dense_forward,
    grid: ({ units }, rows) => [groups(units, TILE), groups(rows, TILE)],
  },
  softmax_cross_entropy: { source: softmax_cross_entropy, grid: () => [1, 1] },
  dense_backward_weight: {
    source: dense_backward_weight,
    grid: ({ inputs, units }) => [groups(units, TILE), groups(inputs, TILE)],
  },
  dense_backward_input: {
    source: dense_backward_input,
    grid: ({ inputs }, rows) => [groups(inputs, TILE), groups(rows, TILE)],
  },
  sgd: { source: sgd, grid: ({ count }) => [Math.min(groups(count, WORKGROUP), STRIDED_GROUPS), 1] },
  adamw: { source: adamw, grid: ({ count }) => [Math.min(groups(count, WORKGROUP), STRIDED_GROUPS), 1] },
  confusion: { source: confusion, grid: (_, rows) => [groups(rows, WORKGROUP), 1] },
};
