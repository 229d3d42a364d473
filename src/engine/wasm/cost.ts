// What an instruction computes and moves: that of the kernels of the table that it stands for.
import { COST, type Cost, weightUpdate } from '../../network/cost.ts';
import type { KernelName } from '../../network/kernels.ts';
import type { Instruction } from './layout.ts';

type CostOf = (constants: { readonly [constant: string]: number }, rows: number) => Cost;

/** Of the kernels that the table does not have. */
const OWN: { readonly [kernel: string]: CostOf } = {
  gather_batch_active: COST.gather_batch,
  dense_forward_active: COST.dense_forward,
  dense_backward_input_active: COST.dense_backward_input,
  dense_backward_weight_sgd: (layer, rows) => weightUpdate('sgd', layer, rows),
  dense_backward_weight_adamw: (layer, rows) => weightUpdate('adamw', layer, rows),
  dense_backward_weight_active_sgd: (layer, rows) => weightUpdate('sgd', layer, rows),
  dense_backward_weight_active_adamw: (layer, rows) => weightUpdate('adamw', layer, rows),
  // Looks at each value, and lists those that are not zero.
  list_active: ({ units }, rows) => ({ operations: rows * units, bytes: 5 * rows * units }),
};

export function costOf({ kernel, constants }: Instruction, rows: number): Cost {
  return (OWN[kernel] ?? COST[kernel as KernelName])(constants, rows);
}
