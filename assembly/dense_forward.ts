// y = activation(x·kernel + bias), then dropout. Threads own panels of units, as they do in
// dense_backward_weight, so that weights stay in one core's cache; where there are too few panels, blocks of
// rows.
import { activateTile, RELU } from './activation';
import { ENTRY, rowList } from './active';
import { Context } from './context';
import { BLOCK, BLOCK_STEP, blockStride, blocks, PANEL, PANEL_STEP, panels, TILE_BYTES } from './layout';
import { hash } from './random';
import { beginItems, nextItem, partsOf, shareBegin, sharesFirst } from './share';
import { Step } from './step';
import { madd, multiplyTile, storeRow4, tileToBlock } from './tile';

/** Bytes of x that stay in the second cache while all panels pass over them. */
const GROUP_BYTES: usize = 256 * 1024;

export function dense_forward(
  x: usize, // float32 [rows, inputs] in blocks
  kernel: usize, // float32 [inputs, units] in panels
  bias: usize, // float32 [units], padded
  y: usize, // float32 [rows, units] in blocks
  inputs: u32,
  units: u32,
  activation: u32,
  dropped: u32,
  keptScale: f32,
  seed: u32,
  stream: u32,
  step: Step,
  context: Context,
): void {
  const tile = context.scratch;
  const key = hash(seed, stream, step.number);
  const rowBlocks = blocks(step.rows);
  const unitPanels = panels(units);
  const byRows = !sharesFirst(unitPanels, rowBlocks, context.threads);
  const blockBegin: u32 = byRows ? shareBegin(rowBlocks, context.thread, context.threads) : 0;
  const blockEnd: u32 = byRows ? shareBegin(rowBlocks, context.thread + 1, context.threads) : rowBlocks;
  const panelBegin: u32 = byRows ? 0 : shareBegin(unitPanels, context.thread, context.threads);
  const panelEnd: u32 = byRows ? unitPanels : shareBegin(unitPanels, context.thread + 1, context.threads);
  const xStride = blockStride(inputs);
  const yStride = blockStride(units);
  const panelBytes: usize = <usize>inputs * PANEL_STEP;
  // A single image: a tile would compute five rows that are empty.
  if (step.rows == 1) {
    const groups = (unitPanels + 3) / 4;
    const end = min(unitPanels, 4 * shareBegin(groups, context.thread + 1, context.threads));
    for (let panel: u32 = 4 * shareBegin(groups, context.thread, context.threads); panel < end; panel += 4) {
      const width: u32 = min<u32>(4, end - panel);
      if (width == 4) multiplyRow4(x, kernel + <usize>panel * panelBytes, inputs, tile, TILE_BYTES);
      else for (let n: u32 = 0; n < width; n++) {
        multiplyRow(x, kernel + <usize>(panel + n) * panelBytes, inputs, tile + n * TILE_BYTES);
      }
      for (let n: u32 = 0; n < width; n++) {
        const each = tile + <usize>n * TILE_BYTES;
        finish(each, bias + <usize>(panel + n) * PANEL_STEP, activation, dropped, keptScale, key, 0, panel + n);
        tileToBlock(each, y + <usize>((panel + n) * PANEL) * BLOCK_STEP);
      }
    }
    return;
  }

  const group: u32 = max<u32>(1, <u32>(GROUP_BYTES / xStride));
  for (let first = blockBegin; first < blockEnd; first += group) {
    const last = min(first + group, blockEnd);
    for (let panel = panelBegin; panel < panelEnd; panel++) {
      for (let block = first; block < last; block++) {
        multiplyTile(x + <usize>block * xStride, kernel + <usize>panel * panelBytes, inputs, tile);
        finish(tile, bias + <usize>panel * PANEL_STEP, activation, dropped, keptScale, key, block, panel);
        tileToBlock(tile, y + <usize>block * yStride + <usize>(panel * PANEL) * BLOCK_STEP);
      }
    }
  }
}

/** As dense_forward, walking the lists of gather_batch_active instead of x. */
export function dense_forward_active(
  lists: usize,
  kernel: usize,
  bias: usize,
  y: usize,
  inputs: u32,
  units: u32,
  activation: u32,
  dropped: u32,
  keptScale: f32,
  seed: u32,
  stream: u32,
  step: Step,
  context: Context,
): void {
  const tile = context.scratch;
  const key = hash(seed, stream, step.number);
  const rowBlocks = blocks(step.rows);
  const unitPanels = panels(units);
  const yStride = blockStride(units);
  const panelBytes: usize = <usize>inputs * PANEL_STEP;
  // Four panels at once where there are four: eight accumulators for each splat.
  const groups = (unitPanels + 3) / 4;
  const parts = partsOf(groups, rowBlocks, context.threads);
  beginItems(context);
  for (;;) {
    const item = nextItem(groups * parts, context);
    if (item < 0) break;
    const part = <u32>item % parts;
    const blockBegin = shareBegin(rowBlocks, part, parts);
    const blockEnd = shareBegin(rowBlocks, part + 1, parts);
    let panel: u32 = (<u32>item / parts) * 4;
    const panelEnd = min(unitPanels, panel + 4);
    while (panel < panelEnd) {
      const width: u32 = panelEnd - panel >= 4 ? 4 : 1;
      const weights = kernel + <usize>panel * panelBytes;
      for (let block = blockBegin; block < blockEnd; block++) {
        const last = min((block + 1) * BLOCK, step.rows);
        for (let r = block * BLOCK; r < last; r++) {
          const list = rowList(lists, r, inputs);
          const to = tile + <usize>(r - block * BLOCK) * PANEL_STEP;
          if (width == 4) multiplyList4(list + ENTRY, load<u32>(list), weights, panelBytes, to, TILE_BYTES, false);
          else multiplyList(list + ENTRY, load<u32>(list), weights, to, false);
        }
        for (let n: u32 = 0; n < width; n++) {
          const each = tile + <usize>n * TILE_BYTES;
          finish(each, bias + <usize>(panel + n) * PANEL_STEP, activation, dropped, keptScale, key, block, panel + n);
          tileToBlock(each, y + <usize>block * yStride + <usize>((panel + n) * PANEL) * BLOCK_STEP);
        }
      }
      panel += width;
    }
  }
}

/**
 * Eight sums of value·panel[offset] over a list, stored at `to`; with `more` they go on from what is there.
 */
export function multiplyList(entry: usize, count: u32, panel: usize, to: usize, more: bool): void {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  if (more) {
    s0 = v128.load(to);
    s1 = v128.load(to, 16);
  }
  for (; count > 0; count--, entry += ENTRY) {
    const a = v128.load32_splat(entry, 4);
    const at = panel + load<u32>(entry);
    s0 = madd(a, v128.load(at), s0);
    s1 = madd(a, v128.load(at, 16), s1);
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
}

/** As multiplyList for four panels that lie `panelBytes` apart, whose sums go `toBytes` apart. */
export function multiplyList4(
  entry: usize, count: u32, panel: usize, panelBytes: usize, to: usize, toBytes: usize, more: bool,
): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  if (more) {
    s00 = v128.load(to);
    s01 = v128.load(to, 16);
    s10 = v128.load(to + toBytes);
    s11 = v128.load(to + toBytes, 16);
    s20 = v128.load(to + 2 * toBytes);
    s21 = v128.load(to + 2 * toBytes, 16);
    s30 = v128.load(to + 3 * toBytes);
    s31 = v128.load(to + 3 * toBytes, 16);
  }
  const panel1 = panel + panelBytes;
  const panel2 = panel1 + panelBytes;
  const panel3 = panel2 + panelBytes;
  for (; count > 0; count--, entry += ENTRY) {
    const offset = <usize>load<u32>(entry);
    const a = v128.load32_splat(entry, 4);
    s00 = madd(a, v128.load(panel + offset), s00);
    s01 = madd(a, v128.load(panel + offset, 16), s01);
    s10 = madd(a, v128.load(panel1 + offset), s10);
    s11 = madd(a, v128.load(panel1 + offset, 16), s11);
    s20 = madd(a, v128.load(panel2 + offset), s20);
    s21 = madd(a, v128.load(panel2 + offset, 16), s21);
    s30 = madd(a, v128.load(panel3 + offset), s30);
    s31 = madd(a, v128.load(panel3 + offset, 16), s31);
  }
  storeRow4(to, toBytes, s00, s01, s10, s11, s20, s21, s30, s31);
}

/** Eight sums of x[0, k]·panel[k] over the inputs k, stored at `to`. */
function multiplyRow(x: usize, panel: usize, inputs: u32, to: usize): void {
  let s0 = f32x4.splat(0), s1 = f32x4.splat(0);
  for (; inputs > 0; inputs--, x += BLOCK_STEP, panel += PANEL_STEP) {
    const a = v128.load32_splat(x);
    s0 = madd(a, v128.load(panel), s0);
    s1 = madd(a, v128.load(panel, 16), s1);
  }
  v128.store(to, s0);
  v128.store(to, s1, 16);
}

/** As multiplyRow for four panels, one after the other, whose sums go `toBytes` apart. */
function multiplyRow4(x: usize, panel: usize, inputs: u32, to: usize, toBytes: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  const panelBytes: usize = <usize>inputs * PANEL_STEP;
  let panel1 = panel + panelBytes;
  let panel2 = panel1 + panelBytes;
  let panel3 = panel2 + panelBytes;
  for (; inputs > 0; inputs--) {
    const a = v128.load32_splat(x);
    s00 = madd(a, v128.load(panel), s00);
    s01 = madd(a, v128.load(panel, 16), s01);
    s10 = madd(a, v128.load(panel1), s10);
    s11 = madd(a, v128.load(panel1, 16), s11);
    s20 = madd(a, v128.load(panel2), s20);
    s21 = madd(a, v128.load(panel2, 16), s21);
    s30 = madd(a, v128.load(panel3), s30);
    s31 = madd(a, v128.load(panel3, 16), s31);
    x += BLOCK_STEP;
    panel += PANEL_STEP;
    panel1 += PANEL_STEP;
    panel2 += PANEL_STEP;
    panel3 += PANEL_STEP;
  }
  storeRow4(to, toBytes, s00, s01, s10, s11, s20, s21, s30, s31);
}

/** Bias, activation and dropout on a tile. */
function finish(
  tile: usize, bias: usize, activation: u32, dropped: u32, keptScale: f32, key: u32, block: u32, panel: u32,
): void {
  const floor = f32x4.splat(activation == RELU ? 0 : -Infinity);
  const b0 = v128.load(bias);
  const b1 = v128.load(bias, 16);
  for (let at = tile; at < tile + TILE_BYTES; at += PANEL_STEP) {
    v128.store(at, f32x4.pmax(floor, f32x4.add(v128.load(at), b0)));
    v128.store(at, f32x4.pmax(floor, f32x4.add(v128.load(at, 16), b1)), 16);
  }
  if (activation > RELU) activateTile(tile, activation);
  if (dropped > 0) drop(tile, dropped, keptScale, key, block, panel);
}

function drop(tile: usize, dropped: u32, keptScale: f32, key: u32, block: u32, panel: u32): void {
  for (let row: u32 = 0; row < BLOCK; row++) {
    for (let n: u32 = 0; n < PANEL; n++, tile += 4) {
      const kept = hash(key, block * BLOCK + row, panel * PANEL + n) >> 8 >= dropped;
      store<f32>(tile, kept ? load<f32>(tile) * keptScale : 0);
    }
  }
}
