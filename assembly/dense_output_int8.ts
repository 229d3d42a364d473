// y = float32(x·kernelᵀ + bias) · scale: the logits.
import { Context } from './context';
import { multiplyLayer } from './dense_forward_int8';
import { Step } from './step';

export function dense_output_int8(
  x: usize, // uint8 [rows, inputs] as blocks of words
  kernel: usize, // int8 [units, inputs] as panels of words
  bias: usize, // int32 [units], padded
  scale: usize, // float32 [units], padded
  y: usize, // float32 [rows, units] in blocks
  inputs: u32,
  units: u32,
  step: Step,
  context: Context,
): void {
  multiplyLayer(x, kernel, bias, scale, y, inputs, units, true, step, context);
}
