// confusion[target, argmax of the logits] += 1 for each row; the lowest class wins a tie. The first thread does it.
import { Step } from './step';

export function confusion(
  logits: usize, // float32 [rows, classes]
  targets: usize, // uint32 [rows]
  confusion: usize, // uint32 [classes, classes]
  classes: u32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  if (thread != 0) return;
  for (let r: u32 = 0; r < step.rows; r++) {
    const row = logits + ((<usize>r * classes) << 2);
    let largest = load<f32>(row);
    let best: u32 = 0;
    for (let c: u32 = 1; c < classes; c++) {
      const logit = load<f32>(row + ((<usize>c) << 2));
      if (logit > largest) {
        largest = logit;
        best = c;
      }
    }
    const cell = confusion + ((<usize>(load<u32>(targets + ((<usize>r) << 2)) * classes + best)) << 2);
    store<u32>(cell, load<u32>(cell) + 1);
  }
}
