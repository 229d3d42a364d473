// What the engine dispatches: the kernels of the kernel table, and those that fuse several of them.
import { adamw } from './adamw.ts';
import { confusion } from './confusion.ts';
import { dense_backward_input } from './dense_backward_input.ts';
import { dense_backward_weight } from './dense_backward_weight.ts';
import { dense_forward } from './dense_forward.ts';
import { dense_forward_int8, dense_output_int8 } from './dense_int8.ts';
import { distort } from './distort.ts';
import { gather_batch } from './gather_batch.ts';
import { gather_batch_int8 } from './gather_batch_int8.ts';
import { gather_dense_forward } from './gather_dense_forward.ts';
import type { WgslArguments, WgslKernel } from './kernel.ts';
import { output_layer } from './output_layer.ts';
import { sgd } from './sgd.ts';
import { softmax_cross_entropy } from './softmax_cross_entropy.ts';
import { sum_metrics } from './sum_metrics.ts';
import type { Tile } from './tiles.ts';

/** The products, which have tilings. */
export const WGSL_PRODUCTS = {
  gather_dense_forward,
  dense_forward,
  dense_backward_input,
  dense_backward_weight,
} as const satisfies { readonly [kernel: string]: WgslKernel<Tile> };

export type WgslProduct = keyof typeof WGSL_PRODUCTS;

const WGSL_KERNELS = {
  ...WGSL_PRODUCTS,
  distort,
  gather_batch,
  softmax_cross_entropy,
  output_layer,
  sum_metrics,
  sgd,
  adamw,
  confusion,
  gather_batch_int8,
  dense_forward_int8,
  dense_output_int8,
} as const;

export type WgslKernelName = keyof typeof WGSL_KERNELS;

/** A dispatch. */
export interface WgslCall extends WgslArguments {
  readonly kernel: WgslKernelName;
}

export function wgslKernel(name: WgslKernelName): WgslKernel {
  // A product's grid is asked with the product's own variants only.
  return WGSL_KERNELS[name] as WgslKernel;
}

export function isProduct(name: WgslKernelName): name is WgslProduct {
  return name in WGSL_PRODUCTS;
}
