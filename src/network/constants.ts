// What kernels take of a recipe as constants.
import type { KernelCall } from './plan.ts';
import { droppedDraws } from './random.ts';
import type { Optimizer } from './recipe.ts';

/**
 * The constants that a kernel takes of an optimizer, beside its count and weight decay. Differences are taken
 * here, in double precision: 1 − β₂ of a β₂ that was rounded to float32 is off by 10⁻⁵.
 */
export function optimizerConstants(optimizer: Optimizer): KernelCall['constants'] {
  if (optimizer.kind === 'sgd') return { momentum: optimizer.momentum };
  const { beta1, beta2, epsilon, nesterov } = optimizer;
  const oneMinusBeta1 = 1 - beta1;
  return { oneMinusBeta1, oneMinusBeta2: 1 - beta2, epsilon, lookahead: nesterov ? oneMinusBeta1 : 0 };
}

/** The constants that `dense_forward` takes of a dropout rate. */
export function dropoutConstants(rate: number): { readonly dropped: number; readonly keptScale: number } {
  return { dropped: droppedDraws(rate), keptScale: 1 / (1 - rate) };
}

/** The weights of label smoothing in a row's loss: of each class, and of the label beside. */
export function targetWeights(
  smoothing: number,
  classes: number,
): { readonly classWeight: number; readonly labelWeight: number } {
  return { classWeight: smoothing / classes, labelWeight: 1 - smoothing };
}
