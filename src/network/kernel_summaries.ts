// What each kernel computes, in a line, for readers: engines load the table without it.
import type { KernelName } from './kernels.ts';

export const KERNEL_SUMMARIES: { readonly [K in KernelName]: string } = {
  distort:
    'distorted[r] = images[order[step.first + r]] turned, scaled, sheared, shifted and bent at random, and its label',
  gather_batch: 'x[r, i] = scale · images[order[step.first + r], i], and the labels to targets',
  dense_forward:
    'y = activation(x·kernel + bias), then dropout: units are zeroed, the others times keptScale',
  softmax_cross_entropy:
    'dlogits = (softmax(logits) − target) / step.rows, target = classWeight everywhere, labelWeight more on the label; metrics[step.slot] = {sum of losses, correct rows}',
  dense_backward_weight: 'dkernel = xᵀ·dy and dbias = the sum of dy over the rows',
  dense_backward_input:
    'dx = (dy·kernelᵀ) · the derivative of the activation and dropout (times scale) that made x',
  sgd: 'v ← flush(momentum·v + g); p ← flush(p − step.learningRate·(v + weightDecay·p))',
  adamw:
    'm ← flush(m + (1−β₁)(g − m)); v ← flush(v + (1−β₂)(g² − v)); p ← flush(p − step.learningRate·(c₁(m + lookahead·(g − m)) / (√(c₂v) + ε) + weightDecay·p))',
  confusion: 'confusion[target, argmax of the logits] += 1 for each row; the lowest class wins a tie',
  gather_batch_int8:
    'x[r, i] = images[order[step.first + r], i] >> 1, and the labels to targets: pixels in 7 bits',
  dense_forward_int8:
    'y = float32(x·kernelᵀ + bias) · scale, rounded to the nearest, ties to even, within 0 and 127',
  dense_output_int8: 'y = float32(x·kernelᵀ + bias) · scale: the logits',
};
