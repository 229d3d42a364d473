// confusion[target, argmax of the logits] += 1 for each row; the lowest class wins a tie. The first thread
// does it.
import { Context } from './context';
import { BLOCK, BLOCK_STEP, blockStride } from './layout';
import { Step } from './step';

export function confusion(
  logits: usize, // float32 [rows, classes] in blocks
  targets: usize, // uint32 [rows]
  confusion: usize, // uint32 [classes, classes]
  classes: u32,
  step: Step,
  context: Context,
): void {
  if (context.thread != 0) return;
  const stride = blockStride(classes);
  for (let r: u32 = 0; r < step.rows; r++) {
    const row = logits + <usize>(r / BLOCK) * stride + (<usize>(r % BLOCK) << 2);
    let largest = load<f32>(row);
    let best: u32 = 0;
    for (let c: u32 = 1; c < classes; c++) {
      const logit = load<f32>(row + <usize>c * BLOCK_STEP);
      if (logit > largest) {
        largest = logit;
        best = c;
      }
    }
    const target = load<u32>(targets + (<usize>r << 2));
    const cell = confusion + (<usize>(target * classes + best) << 2);
    store<u32>(cell, load<u32>(cell) + 1);
  }
}
