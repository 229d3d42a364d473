// Errors to plant in the sources of kernels: the tests show that each is noticed, and the page offers them as
// exercises.
import type { Tiling } from '../../engine/webgpu/kernels/tiles.ts';
import { tilingsOf } from '../../engine/webgpu/select.ts';
import type { KernelName } from '../../network/kernels.ts';
import { adamw } from './adamw.ts';
import { confusion } from './confusion.ts';
import { dense_backward_input } from './dense_backward_input.ts';
import { dense_backward_weight } from './dense_backward_weight.ts';
import { dense_forward } from './dense_forward.ts';
import { dense_forward_int8 } from './dense_forward_int8.ts';
import { dense_output_int8 } from './dense_output_int8.ts';
import { distort } from './distort.ts';
import { gather_batch } from './gather_batch.ts';
import { gather_batch_int8 } from './gather_batch_int8.ts';
import { sgd } from './sgd.ts';
import { softmax_cross_entropy } from './softmax_cross_entropy.ts';

/** An error to plant: the first occurrence of `from` becomes `to`. */
export interface PlantedError {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

export interface PlantedErrors {
  /** In the kernel's own file. */
  readonly wgsl: readonly PlantedError[];
  /** In the files of a product's other tilings. */
  readonly registers?: readonly PlantedError[];
  readonly eights?: readonly PlantedError[];
  readonly split?: readonly PlantedError[];
  readonly assembly: readonly (PlantedError & { /** If not the kernel's own. */ readonly file?: string })[];
}

export const PLANTED: { readonly [K in KernelName]: PlantedErrors } = {
  adamw,
  confusion,
  dense_backward_input,
  dense_backward_weight,
  dense_forward,
  dense_forward_int8,
  dense_output_int8,
  distort,
  gather_batch,
  gather_batch_int8,
  sgd,
  softmax_cross_entropy,
};

/** The errors of one file of shaders/. */
export interface ErrorsOfShader {
  /** Without `.wgsl`. */
  readonly shader: string;
  /** That the file runs as; of a kernel that is no product, any. */
  readonly tiling: Tiling;
  readonly errors: readonly PlantedError[];
}

export function plantedInShaders(kernel: KernelName): readonly ErrorsOfShader[] {
  const { wgsl, registers = [], eights = [], split = [] } = PLANTED[kernel];
  const files: readonly ErrorsOfShader[] = [
    { shader: kernel, tiling: tilingsOf(kernel).length > 0 ? '32x32' : 'registers', errors: wgsl },
    { shader: `${kernel}_registers`, tiling: 'registers', errors: registers },
    { shader: `${kernel}_8x8`, tiling: '64x64', errors: eights },
    { shader: `${kernel}_split`, tiling: 'split', errors: split },
  ];
  return files.filter(({ errors }) => errors.length > 0);
}
