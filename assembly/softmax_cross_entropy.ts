// dlogits = (softmax(logits) − target) / step.rows; metrics[step.slot] = {sum of losses, correct rows}.
// A block's six rows lie side by side, so vectors run over rows: the first four, and the last four once more.
// One thread does it all: it is over in microseconds, and the sum of the losses has one order.
import { Context } from './context';
import { exp, log } from './exponential';
import {
  BLOCK,
  BLOCK_STEP,
  blockStride,
  blocks,
  gradientBlocks,
  PANEL,
  PANEL_STEP,
  panels,
  TILE_BYTES,
} from './layout';
import { Step } from './step';
import { blockToTile } from './tile';

export function softmax_cross_entropy(
  logits: usize, // float32 [rows, classes] in blocks
  targets: usize, // uint32 [rows]
  dlogits: usize, // float32 [rows, classes], a gradient
  metrics: usize, // float32 [slots, 2]
  classes: u32,
  classWeight: f32, // of each class in a row's target
  labelWeight: f32, // of the label beside
  step: Step,
  context: Context,
): void {
  if (context.thread != 0) return;
  const stride = blockStride(classes);
  const panelBytes = <usize>context.capacity * PANEL_STEP;
  const gradients = gradientBlocks(dlogits, classes, context.capacity);
  const count = blocks(step.rows);
  const losses = context.scratch;
  const hits = context.scratch + 32;
  let loss: f64 = 0;
  let correct: u32 = 0;
  for (let block: u32 = 0; block < count; block++) {
    const from = logits + <usize>block * stride;
    const to = gradients + <usize>block * stride;
    const first = block * BLOCK;
    for (let half: u32 = 0; half < 4; half += 2) {
      const at: usize = <usize>half << 2;
      softmaxRows(from + at, targets, first + half, to + at, losses + at, hits + at, classes, classWeight, labelWeight, step.rows);
    }
    const rows = min(BLOCK, step.rows - first);
    for (let r: u32 = 0; r < rows; r++) {
      loss += <f64>load<f32>(losses + (<usize>r << 2));
      correct += load<u32>(hits + (<usize>r << 2));
    }
    for (let panel: u32 = 0; panel < panels(classes); panel++) {
      const tile = dlogits + <usize>panel * panelBytes + <usize>block * TILE_BYTES;
      blockToTile(to + <usize>(panel * PANEL) * BLOCK_STEP, tile);
    }
  }
  const slot = metrics + (<usize>step.slot << 3);
  store<f32>(slot, <f32>loss);
  store<f32>(slot, <f32>correct, 4);
}

/** Four rows from `row` on. Rows past the last one get values that nobody reads. */
function softmaxRows(
  logits: usize, targets: usize, row: u32, dlogits: usize, losses: usize, hits: usize,
  classes: u32, classWeight: f32, labelWeight: f32, rows: u32,
): void {
  const target = targetsOf(targets, row, rows);
  const low = f32x4.splat(classWeight);
  const high = f32x4.splat(labelWeight);
  const bytes: usize = <usize>classes * BLOCK_STEP;

  let largest = v128.load(logits);
  let best = i32x4.splat(0);
  for (let c: u32 = 1; c < classes; c++) {
    const logit = v128.load(logits + <usize>c * BLOCK_STEP);
    const greater = f32x4.gt(logit, largest);
    largest = v128.bitselect(logit, largest, greater);
    best = v128.bitselect(i32x4.splat(c), best, greater);
  }
  v128.store(hits, v128.and(i32x4.eq(best, target), i32x4.splat(1)));

  let sum = f32x4.splat(0);
  let shifted = f32x4.splat(0);
  let label = f32x4.splat(0);
  for (let at: usize = 0, c: u32 = 0; at < bytes; at += BLOCK_STEP, c++) {
    const z = f32x4.sub(v128.load(logits + at), largest);
    const e = exp(z);
    v128.store(dlogits + at, e);
    sum = f32x4.add(sum, e);
    shifted = f32x4.add(shifted, z);
    label = v128.bitselect(z, label, i32x4.eq(target, i32x4.splat(c)));
  }
  // The loss is −Σ target·(z − log sum): `high` on the label, `low` on every class.
  v128.store(losses, f32x4.sub(f32x4.sub(log(sum), f32x4.mul(high, label)), f32x4.mul(low, shifted)));

  const inverse = f32x4.div(f32x4.splat(1), sum);
  const scale = f32x4.splat(1 / <f32>rows);
  for (let at: usize = 0, c: u32 = 0; at < bytes; at += BLOCK_STEP, c++) {
    const hit = v128.and(high, i32x4.eq(target, i32x4.splat(c)));
    const probability = f32x4.mul(v128.load(dlogits + at), inverse);
    v128.store(dlogits + at, f32x4.mul(f32x4.sub(f32x4.sub(probability, low), hit), scale));
  }
  const padded: usize = <usize>(panels(classes) * PANEL) * BLOCK_STEP;
  for (let at = bytes; at < padded; at += BLOCK_STEP) v128.store(dlogits + at, f32x4.splat(0));
}

function targetsOf(targets: usize, row: u32, rows: u32): v128 {
  let target = i32x4.splat(0);
  target = i32x4.replace_lane(target, 0, load<u32>(targets + (<usize>min(row, rows - 1) << 2)));
  target = i32x4.replace_lane(target, 1, load<u32>(targets + (<usize>min(row + 1, rows - 1) << 2)));
  target = i32x4.replace_lane(target, 2, load<u32>(targets + (<usize>min(row + 2, rows - 1) << 2)));
  return i32x4.replace_lane(target, 3, load<u32>(targets + (<usize>min(row + 3, rows - 1) << 2)));
}
