// How each kernel's operands lie in WASM memory.
import type { KERNELS, KernelName } from '../../network/kernels.ts';
import type { Packing } from './packing.ts';

/**
 * How a kernel wants its operands to lie, those not named `plain`; or that it goes over them element by
 * element.
 */
const PACKINGS: {
  readonly [K in KernelName]:
    | { readonly [O in keyof (typeof KERNELS)[K]['operands']]?: Packing }
    | 'elementwise';
} = {
  distort: {},
  gather_batch: { x: 'blocks' },
  dense_forward: { x: 'blocks', kernel: 'panels', bias: 'vector', y: 'blocks' },
  softmax_cross_entropy: { logits: 'blocks', dlogits: 'gradient' },
  dense_backward_weight: { x: 'blocks', dy: 'gradient', dkernel: 'panels', dbias: 'vector' },
  dense_backward_input: { dy: 'gradient', kernel: 'panels', x: 'blocks', dx: 'gradient' },
  sgd: 'elementwise',
  adamw: 'elementwise',
  confusion: { logits: 'blocks' },
  gather_batch_int8: { x: 'byte blocks' },
  dense_forward_int8: {
    x: 'byte blocks',
    kernel: 'byte panels',
    bias: 'vector',
    scale: 'vector',
    y: 'byte blocks',
  },
  dense_output_int8: {
    x: 'byte blocks',
    kernel: 'byte panels',
    bias: 'vector',
    scale: 'vector',
    y: 'blocks',
  },
};

/** Undefined: the kernel goes over it element by element. */
export function packingOf(kernel: KernelName, operand: string): Packing | undefined {
  const packings: { readonly [operand: string]: Packing } | 'elementwise' = PACKINGS[kernel];
  return packings === 'elementwise' ? undefined : (packings[operand] ?? 'plain');
}
