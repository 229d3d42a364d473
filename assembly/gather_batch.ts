// x[r, i] = scale · images[order[step.first + r], i], and the labels to targets. Threads own rows.
import { shareBegin } from './share';
import { Step } from './step';

export function gather_batch(
  images: usize, // uint8 [samples, inputs]
  labels: usize, // uint8 [samples]
  order: usize, // uint32 [samples]
  x: usize, // float32 [rows, inputs]
  targets: usize, // uint32 [rows]
  inputs: u32,
  scale: f32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  const begin = shareBegin(step.rows, 1, thread, threads);
  const end = shareBegin(step.rows, 1, thread + 1, threads);
  const factor = f32x4.splat(scale);
  for (let r = begin; r < end; r++) {
    const sample = load<u32>(order + ((<usize>(step.first + r)) << 2));
    store<u32>(targets + ((<usize>r) << 2), load<u8>(labels + sample));
    let from = images + <usize>sample * inputs;
    let to = x + ((<usize>r * inputs) << 2);
    const last = from + inputs;
    for (; from + 8 <= last; from += 8, to += 32) {
      const pixels = v128.load8x8_u(from);
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(pixels)), factor));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(pixels)), factor), 16);
    }
    for (; from < last; from++, to += 4) store<f32>(to, <f32>load<u8>(from) * scale);
  }
}
