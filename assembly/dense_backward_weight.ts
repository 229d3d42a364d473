// dkernel = xᵀ·dy and dbias = the sum of dy over the rows; fused, the optimizer takes them at once. Threads
// own panels of units, as they do in dense_forward, or strips of six inputs; of lists, items of both (share.ts).
import { ENTRY, pixelEnds, pixelEntries } from './active';
import { Context } from './context';
import { multiplyList, multiplyList4 } from './dense_forward';
import { BLOCK, BLOCK_STEP, blockStride, blocks, PANEL_STEP, panels, TILE_BYTES } from './layout';
import { beginItems, nextItem, partsOf, shareBegin, sharesFirst } from './share';
import { Step } from './step';
import { multiplyRows } from './tile';
import { storeGradients, take, useAdamw, useDecay, useSgd } from './update';

/** Bytes of x that stay in the second cache while all panels of dy pass over them. */
const GROUP_BYTES: usize = 256 * 1024;

export function dense_backward_weight(
  x: usize, // float32 [rows, inputs] in blocks
  dy: usize, // float32 [rows, units], a gradient
  dkernel: usize, // float32 [inputs, units] in panels
  dbias: usize, // float32 [units], padded
  inputs: u32,
  units: u32,
  step: Step,
  context: Context,
): void {
  storeGradients();
  sumRows(dy, dbias, 0, 0, units, step, context);
  multiply(x, dy, dkernel, 0, 0, inputs, units, step, context);
}

export function dense_backward_weight_sgd(
  x: usize,
  dy: usize,
  kernel: usize,
  kernelVelocity: usize,
  bias: usize,
  biasVelocity: usize,
  inputs: u32,
  units: u32,
  momentum: f32,
  weightDecay: f32,
  step: Step,
  context: Context,
): void {
  useSgd(step.learningRate, momentum);
  useDecay(0);
  sumRows(dy, bias, biasVelocity, 0, units, step, context);
  useDecay(weightDecay);
  multiply(x, dy, kernel, kernelVelocity, 0, inputs, units, step, context);
}

export function dense_backward_weight_adamw(
  x: usize,
  dy: usize,
  kernel: usize,
  kernelMoment1: usize,
  kernelMoment2: usize,
  bias: usize,
  biasMoment1: usize,
  biasMoment2: usize,
  inputs: u32,
  units: u32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  lookahead: f32,
  weightDecay: f32,
  step: Step,
  context: Context,
): void {
  useAdamw(step.learningRate, oneMinusBeta1, oneMinusBeta2, epsilon, lookahead, step.correction1, step.correction2);
  useDecay(0);
  sumRows(dy, bias, biasMoment1, biasMoment2, units, step, context);
  useDecay(weightDecay);
  multiply(x, dy, kernel, kernelMoment1, kernelMoment2, inputs, units, step, context);
}

/** As dense_backward_weight_sgd, walking the lists of gather_batch_active instead of x. */
export function dense_backward_weight_active_sgd(
  lists: usize,
  dy: usize,
  kernel: usize,
  kernelVelocity: usize,
  bias: usize,
  biasVelocity: usize,
  inputs: u32,
  units: u32,
  momentum: f32,
  weightDecay: f32,
  step: Step,
  context: Context,
): void {
  useSgd(step.learningRate, momentum);
  useDecay(0);
  sumRows(dy, bias, biasVelocity, 0, units, step, context);
  useDecay(weightDecay);
  multiplyActive(lists, dy, kernel, kernelVelocity, 0, inputs, units, step, context);
}

/** As dense_backward_weight_adamw, walking the lists of gather_batch_active instead of x. */
export function dense_backward_weight_active_adamw(
  lists: usize,
  dy: usize,
  kernel: usize,
  kernelMoment1: usize,
  kernelMoment2: usize,
  bias: usize,
  biasMoment1: usize,
  biasMoment2: usize,
  inputs: u32,
  units: u32,
  oneMinusBeta1: f32,
  oneMinusBeta2: f32,
  epsilon: f32,
  lookahead: f32,
  weightDecay: f32,
  step: Step,
  context: Context,
): void {
  useAdamw(step.learningRate, oneMinusBeta1, oneMinusBeta2, epsilon, lookahead, step.correction1, step.correction2);
  useDecay(0);
  sumRows(dy, bias, biasMoment1, biasMoment2, units, step, context);
  useDecay(weightDecay);
  multiplyActive(lists, dy, kernel, kernelMoment1, kernelMoment2, inputs, units, step, context);
}

/** The bias gradient, panel by panel. */
function sumRows(
  dy: usize, target: usize, state1: usize, state2: usize, units: u32, step: Step, context: Context,
): void {
  const count = panels(units);
  const end = shareBegin(count, context.thread + 1, context.threads);
  const panelBytes = <usize>context.capacity * PANEL_STEP;
  for (let panel = shareBegin(count, context.thread, context.threads); panel < end; panel++) {
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
    let from = dy + <usize>panel * panelBytes;
    for (let r: u32 = 0; r < step.rows; r++, from += PANEL_STEP) {
      s0 = f32x4.add(s0, v128.load(from));
      s1 = f32x4.add(s1, v128.load(from, 16));
    }
    v128.store(context.scratch, s0);
    v128.store(context.scratch, s1, 16);
    const at: usize = <usize>panel * PANEL_STEP;
    take(context.scratch, target + at, state1 + at, state2 + at, 2);
  }
}

function multiply(
  x: usize, dy: usize, target: usize, state1: usize, state2: usize,
  inputs: u32, units: u32, step: Step, context: Context,
): void {
  const tile = context.scratch;
  const strips = (inputs + BLOCK - 1) / BLOCK;
  const unitPanels = panels(units);
  const byInputs = !sharesFirst(unitPanels, strips, context.threads);
  const stripBegin: u32 = byInputs ? shareBegin(strips, context.thread, context.threads) : 0;
  const stripEnd: u32 = byInputs ? shareBegin(strips, context.thread + 1, context.threads) : strips;
  const panelBegin: u32 = byInputs ? 0 : shareBegin(unitPanels, context.thread, context.threads);
  const panelEnd: u32 = byInputs ? unitPanels : shareBegin(unitPanels, context.thread + 1, context.threads);
  const xStride = blockStride(inputs);
  const dyBytes = <usize>context.capacity * PANEL_STEP;
  const group: u32 = max<u32>(1, <u32>(GROUP_BYTES / (<usize>step.rows * BLOCK_STEP)));

  for (let firstStrip = stripBegin; firstStrip < stripEnd; firstStrip += group) {
    const lastStrip = min(firstStrip + group, stripEnd);
    for (let panel = panelBegin; panel < panelEnd; panel++) {
      for (let strip = firstStrip; strip < lastStrip; strip++) {
        const input = strip * BLOCK;
        multiplyRows(x + <usize>input * BLOCK_STEP, xStride, dy + <usize>panel * dyBytes, step.rows, tile);
        const at = <usize>(panel * inputs + input) * PANEL_STEP;
        take(tile, target + at, state1 + at, state2 + at, 2 * min(BLOCK, inputs - input));
      }
    }
  }
}

/** Item by item: four panels, and of their inputs a part. */
function multiplyActive(
  lists: usize, dy: usize, target: usize, state1: usize, state2: usize,
  inputs: u32, units: u32, step: Step, context: Context,
): void {
  const tiles = context.scratch;
  const unitPanels = panels(units);
  const groups = (unitPanels + 3) / 4;
  const strips = (inputs + BLOCK - 1) / BLOCK;
  const dyBytes = <usize>context.capacity * PANEL_STEP;
  const kernelBytes = <usize>inputs * PANEL_STEP;
  const parts = partsOf(groups, strips, context.threads);
  beginItems(context);
  for (;;) {
    const item = nextItem(groups * parts, context);
    if (item < 0) break;
    const part = <u32>item % parts;
    const stripEnd = shareBegin(strips, part + 1, parts);
    let panel: u32 = (<u32>item / parts) * 4;
    const panelEnd = min(unitPanels, panel + 4);
    while (panel < panelEnd) {
      const width: u32 = panelEnd - panel >= 4 ? 4 : 1;
      const from = dy + <usize>panel * dyBytes;
      for (let strip = shareBegin(strips, part, parts); strip < stripEnd; strip++) {
        const first = strip * BLOCK;
        const pixels = min(BLOCK, inputs - first);
        for (let n: u32 = 0; n < pixels; n++) {
          multiplyPixel(lists, first + n, from, dyBytes, width, tiles + <usize>n * PANEL_STEP, inputs, step, context);
        }
        for (let n: u32 = 0; n < width; n++) {
          const at = <usize>(panel + n) * kernelBytes + <usize>first * PANEL_STEP;
          take(tiles + <usize>n * TILE_BYTES, target + at, state1 + at, state2 + at, 2 * pixels);
        }
      }
      panel += width;
    }
  }
}

/**
 * One pixel's gradients in `width` panels, over the parts that the threads wrote of its list: the rows in
 * order.
 */
// @ts-ignore: decorator
@inline
function multiplyPixel(
  lists: usize, pixel: u32, dy: usize, dyBytes: usize, width: u32, to: usize,
  inputs: u32, step: Step, context: Context,
): void {
  const blockCount = blocks(step.rows);
  for (let part: u32 = 0; part < context.threads; part++) {
    const ends = pixelEnds(lists, part, inputs, context.capacity) + (<usize>pixel << 2);
    const begin = load<u32>(ends);
    const count = load<u32>(ends, 4) - begin;
    const firstRow = shareBegin(blockCount, part, context.threads) * BLOCK;
    const entry = pixelEntries(lists, firstRow, inputs, context.capacity, context.threads) + <usize>begin * ENTRY;
    if (width == 4) multiplyList4(entry, count, dy, dyBytes, to, TILE_BYTES, part > 0);
    else multiplyList(entry, count, dy, to, part > 0);
  }
}
