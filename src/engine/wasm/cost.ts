// What an instruction computes and moves: that of the kernels of the table that it stands for. And whether a job
// is worth the help of other threads.
import { COST, type Cost, weightUpdate } from '../../network/cost.ts';
import type { KernelName } from '../../network/kernels.ts';
import type { Step } from '../../network/step.ts';
import type { Instruction } from './memory_map.ts';

type CostOf = (constants: { readonly [constant: string]: number }, rows: number) => Cost;

/** Of the kernels that the table does not have. */
const OWN: { readonly [kernel: string]: CostOf } = {
  gather_batch_active: COST.gather_batch,
  gather_batch_int8_active: COST.gather_batch_int8,
  dense_forward_active: COST.dense_forward,
  dense_forward_int8_active: COST.dense_forward_int8,
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

/** Of one thread, in a millisecond: of float32, and of bytes. */
const OPERATIONS = 2e7;
const BYTE_OPERATIONS = 1e8;
/** Milliseconds until helpers that sleep are at work. */
const WAKING = 0.05;
/** Milliseconds that threads wait for each other once. */
const MEETING = 0.002;

/**
 * Whether the threads are through with the steps before one alone would be: reading a single image takes less
 * than waking a helper. The result is the same.
 */
export function helpersPay(
  instructions: readonly Instruction[],
  steps: readonly Step[],
  threads: number,
): boolean {
  if (threads === 1) return false;
  const meetings = steps.length * instructions.filter(({ wait }) => wait).length;
  const overhead = WAKING + meetings * MEETING;
  let saved = 0;
  for (const { rows } of steps) {
    for (const instruction of instructions) {
      const speed = instruction.kernel.includes('_int8') ? BYTE_OPERATIONS : OPERATIONS;
      saved += costOf(instruction, rows).operations / speed;
    }
    if ((1 - 1 / threads) * saved > overhead) return true;
  }
  return false;
}
