// dlogits = (softmax(logits) − target) / step.rows; metrics[step.slot] = {sum of losses, correct rows}.
// The first thread does it all: the sum of the losses has one order, and there is little to share.
import { exp, log } from './exponential';
import { Step } from './step';

export function softmax_cross_entropy(
  logits: usize, // float32 [rows, classes]
  targets: usize, // uint32 [rows]
  dlogits: usize, // float32 [rows, classes]
  metrics: usize, // float32 [slots, 2]
  classes: u32,
  smoothing: f32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  if (thread != 0) return;
  const rows = step.rows;
  const scale: f32 = 1 / <f32>rows;
  const low: f32 = smoothing / <f32>classes;
  const high: f32 = 1 - smoothing;
  let lossSum: f32 = 0;
  let correct: u32 = 0;
  for (let r: u32 = 0; r < rows; r++) {
    const at = (<usize>r * classes) << 2;
    const target = load<u32>(targets + ((<usize>r) << 2));

    let largest = load<f32>(logits + at);
    let best: u32 = 0;
    for (let c: u32 = 1; c < classes; c++) {
      const logit = load<f32>(logits + at + ((<usize>c) << 2));
      if (logit > largest) {
        largest = logit;
        best = c;
      }
    }
    if (best == target) correct++;

    let sum: f32 = 0;
    let shifted: f32 = 0;
    for (let c: u32 = 0; c < classes; c++) {
      const z = load<f32>(logits + at + ((<usize>c) << 2)) - largest;
      const e = exp(z);
      store<f32>(dlogits + at + ((<usize>c) << 2), e);
      sum += e;
      shifted += z;
    }
    // The loss is −Σ target·(z − log sum): `high` on the label, `low` on every class.
    lossSum += log(sum) - high * (load<f32>(logits + at + ((<usize>target) << 2)) - largest) - low * shifted;

    const inverse: f32 = 1 / sum;
    for (let c: u32 = 0; c < classes; c++) {
      const to = dlogits + at + ((<usize>c) << 2);
      store<f32>(to, (load<f32>(to) * inverse - low - (c == target ? high : 0)) * scale);
    }
  }
  const to = metrics + ((<usize>step.slot) << 3);
  store<f32>(to, lossSum);
  store<f32>(to, <f32>correct, 4);
}
