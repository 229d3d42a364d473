// What a kernel computes and moves: the measure of a profile.
import { DISTORT_OPERATIONS } from '../../network/distortion.ts';
import type { Instruction } from './layout.ts';

/** "dense_forward 784→128" */
export function titleOf({ kernel, constants }: Instruction): string {
  return `${kernel} ${kernel.startsWith('dense') ? constants.slice(0, 2).join('→') : constants[0]}`;
}

/**
 * Floating-point operations, zeros that are skipped counted as well, and the bytes that are read and written
 * at least.
 */
export function costOf(
  { kernel, constants: [first, second] }: Instruction,
  rows: number,
): { operations: number; bytes: number } {
  if (kernel.startsWith('dense')) {
    const tensors = kernel.endsWith('adamw') ? 6 : kernel.endsWith('sgd') ? 4 : 1;
    return {
      operations: 2 * rows * first * second,
      bytes: 4 * (rows * (first + second) + tensors * first * second),
    };
  }
  if (kernel === 'distort')
    return { operations: DISTORT_OPERATIONS * rows * first * second, bytes: 2 * rows * first * second };
  if (kernel.startsWith('gather') || kernel === 'list_active')
    return { operations: rows * first, bytes: 5 * rows * first };
  if (kernel === 'sgd') return { operations: 5 * first, bytes: 4 * 5 * first };
  if (kernel === 'adamw') return { operations: 14 * first, bytes: 4 * 7 * first };
  return { operations: 6 * rows * first, bytes: 8 * rows * first };
}
