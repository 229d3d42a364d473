// dkernel = xᵀ·dy and dbias = the sum of dy over the rows. Threads own rows of dkernel (inputs) and parts of dbias.
import { BLOCK_ROWS, product } from './product';
import { shareBegin } from './share';
import { Step } from './step';

export function dense_backward_weight(
  x: usize, // float32 [rows, inputs]
  dy: usize, // float32 [rows, units]
  dkernel: usize, // float32 [inputs, units]
  dbias: usize, // float32 [units]
  inputs: u32,
  units: u32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  const begin = shareBegin(inputs, BLOCK_ROWS, thread, threads);
  const end = shareBegin(inputs, BLOCK_ROWS, thread + 1, threads);
  product(x, 4, (<usize>inputs) << 2, dy, dkernel, begin, end, units, step.rows);

  const row: usize = (<usize>units) << 2;
  const unitEnd = shareBegin(units, 1, thread + 1, threads);
  for (let unit = shareBegin(units, 1, thread, threads); unit < unitEnd; unit++) {
    let sum: f32 = 0;
    let from = dy + ((<usize>unit) << 2);
    for (let r: u32 = 0; r < step.rows; r++, from += row) sum += load<f32>(from);
    store<f32>(dbias + ((<usize>unit) << 2), sum);
  }
}
