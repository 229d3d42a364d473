// dx = (dy·kernelᵀ) · scale where x > 0, else 0. Each element is a dot product of two contiguous rows; a block shares
// the loads of two rows of dy and four rows of the kernel. Threads own rows.
import { madd } from './product';
import { shareBegin } from './share';
import { Step } from './step';

const BLOCK_ROWS: u32 = 2;

export function dense_backward_input(
  dy: usize, // float32 [rows, units]
  kernel: usize, // float32 [inputs, units]
  x: usize, // float32 [rows, inputs]
  dx: usize, // float32 [rows, inputs]
  inputs: u32,
  units: u32,
  scale: f32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  const begin = shareBegin(step.rows, BLOCK_ROWS, thread, threads);
  const end = shareBegin(step.rows, BLOCK_ROWS, thread + 1, threads);
  const dyRow: usize = <usize>units << 2;
  const xRow: usize = <usize>inputs << 2;
  const vectors: usize = <usize>(units & ~3) << 2;
  for (let r = begin; r < end; r += BLOCK_ROWS) {
    // Past the edge a block repeats the last row or input, and stores the same value again.
    const r1 = min(r + 1, end - 1);
    const dy0 = dy + <usize>r * dyRow;
    const dy1 = dy + <usize>r1 * dyRow;
    for (let i: u32 = 0; i < inputs; i += 4) {
      const k0 = kernel + <usize>i * dyRow;
      const k1 = kernel + <usize>min(i + 1, inputs - 1) * dyRow;
      const k2 = kernel + <usize>min(i + 2, inputs - 1) * dyRow;
      const k3 = kernel + <usize>min(i + 3, inputs - 1) * dyRow;
      let s00 = f32x4.splat(0), s01 = f32x4.splat(0), s02 = f32x4.splat(0), s03 = f32x4.splat(0);
      let s10 = f32x4.splat(0), s11 = f32x4.splat(0), s12 = f32x4.splat(0), s13 = f32x4.splat(0);
      for (let at: usize = 0; at < vectors; at += 16) {
        const d0 = v128.load(dy0 + at);
        const d1 = v128.load(dy1 + at);
        const w0 = v128.load(k0 + at);
        s00 = madd(d0, w0, s00);
        s10 = madd(d1, w0, s10);
        const w1 = v128.load(k1 + at);
        s01 = madd(d0, w1, s01);
        s11 = madd(d1, w1, s11);
        const w2 = v128.load(k2 + at);
        s02 = madd(d0, w2, s02);
        s12 = madd(d1, w2, s12);
        const w3 = v128.load(k3 + at);
        s03 = madd(d0, w3, s03);
        s13 = madd(d1, w3, s13);
      }
      const i1 = min(i + 1, inputs - 1);
      const i2 = min(i + 2, inputs - 1);
      const i3 = min(i + 3, inputs - 1);
      const x0 = <usize>r * xRow;
      const x1 = <usize>r1 * xRow;
      finish(s00, dy0, k0, vectors, dyRow, x, dx, x0 + (<usize>i << 2), scale);
      finish(s01, dy0, k1, vectors, dyRow, x, dx, x0 + (<usize>i1 << 2), scale);
      finish(s02, dy0, k2, vectors, dyRow, x, dx, x0 + (<usize>i2 << 2), scale);
      finish(s03, dy0, k3, vectors, dyRow, x, dx, x0 + (<usize>i3 << 2), scale);
      finish(s10, dy1, k0, vectors, dyRow, x, dx, x1 + (<usize>i << 2), scale);
      finish(s11, dy1, k1, vectors, dyRow, x, dx, x1 + (<usize>i1 << 2), scale);
      finish(s12, dy1, k2, vectors, dyRow, x, dx, x1 + (<usize>i2 << 2), scale);
      finish(s13, dy1, k3, vectors, dyRow, x, dx, x1 + (<usize>i3 << 2), scale);
    }
  }
}

/** Adds the four lanes and the units left over from `from`, and stores what the activation's derivative lets pass. */
// @ts-ignore: decorator
@inline
function finish(
  lanes: v128, dy: usize, kernel: usize, from: usize, row: usize, x: usize, dx: usize, at: usize, scale: f32,
): void {
  let sum: f32 =
    f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
  for (; from < row; from += 4) sum += load<f32>(dy + from) * load<f32>(kernel + from);
  store<f32>(dx + at, load<f32>(x + at) > 0 ? sum * scale : 0);
}
