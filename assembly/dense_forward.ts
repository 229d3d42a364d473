// y = activation(x·kernel + bias), then dropout. Threads own rows; bias, ReLU and dropout are applied to a block of
// rows while it is still in cache.
import { BLOCK_ROWS, product } from './product';
import { hash, toUnit } from './random';
import { shareBegin } from './share';
import { Step } from './step';

export function dense_forward(
  x: usize, // float32 [rows, inputs]
  kernel: usize, // float32 [inputs, units]
  bias: usize, // float32 [units]
  y: usize, // float32 [rows, units]
  inputs: u32,
  units: u32,
  relu: u32,
  dropout: f32,
  seed: u32,
  stream: u32,
  step: Step,
  thread: u32,
  threads: u32,
): void {
  const begin = shareBegin(step.rows, BLOCK_ROWS, thread, threads);
  const end = shareBegin(step.rows, BLOCK_ROWS, thread + 1, threads);
  const key = hash(seed, stream, step.number);
  for (let r = begin; r < end; r += BLOCK_ROWS) {
    const blockEnd = min(r + BLOCK_ROWS, end);
    product(x, (<usize>inputs) << 2, 4, kernel, y, r, blockEnd, units, inputs);
    for (let row = r; row < blockEnd; row++) {
      const to = y + ((<usize>row * units) << 2);
      addBias(to, bias, units, relu);
      if (dropout > 0) drop(to, units, key, row, dropout);
    }
  }
}

function addBias(y: usize, bias: usize, units: u32, relu: u32): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  const last = y + ((<usize>units) << 2);
  for (; y + 16 <= last; y += 16, bias += 16) {
    v128.store(y, f32x4.pmax(floor, f32x4.add(v128.load(y), v128.load(bias))));
  }
  for (; y < last; y += 4, bias += 4) {
    const sum = load<f32>(y) + load<f32>(bias);
    store<f32>(y, relu && !(sum > 0) ? 0 : sum);
  }
}

function drop(y: usize, units: u32, key: u32, row: u32, rate: f32): void {
  const scale: f32 = 1 / (1 - rate);
  for (let unit: u32 = 0; unit < units; unit++, y += 4) {
    store<f32>(y, toUnit(hash(key, row, unit)) >= rate ? load<f32>(y) * scale : 0);
  }
}
