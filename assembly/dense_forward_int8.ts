// y = float32(x·kernelᵀ + bias) · scale, rounded to bytes. Threads own panels of units or blocks of rows, as in
// dense_forward.
import { ENTRY, rowList } from './active';
import { Context } from './context';
import {
  multiplyByteList,
  multiplyByteList4,
  multiplyByteRow,
  multiplyByteRow4,
  multiplyBytes,
  words,
} from './int8';
import { BLOCK, BLOCK_STEP, blockStride, blocks, PANEL, PANEL_STEP, panels, TILE_BYTES } from './layout';
import { shareBegin, sharesFirst } from './share';
import { Step } from './step';
import { tileToBlock } from './tile';

/** Bytes of x that stay in the second cache while all panels pass over them. */
const GROUP_BYTES: usize = 256 * 1024;

export function dense_forward_int8(
  x: usize, // uint8 [rows, inputs] as blocks of words
  kernel: usize, // int8 [units, inputs] as panels of words
  bias: usize, // int32 [units], padded
  scale: usize, // float32 [units], padded
  y: usize, // uint8 [rows, units] as blocks of words
  inputs: u32,
  units: u32,
  step: Step,
  context: Context,
): void {
  multiplyLayer(x, kernel, bias, scale, y, inputs, units, false, step, context);
}

/** @param logits whether y is float32 [rows, units] in blocks */
export function multiplyLayer(
  x: usize, kernel: usize, bias: usize, scale: usize, y: usize,
  inputs: u32, units: u32, logits: bool, step: Step, context: Context,
): void {
  const tile = context.scratch;
  const depth = words(inputs);
  const rowBlocks = blocks(step.rows);
  const unitPanels = panels(units);
  const byRows = !sharesFirst(unitPanels, rowBlocks, context.threads);
  const blockBegin: u32 = byRows ? shareBegin(rowBlocks, context.thread, context.threads) : 0;
  const blockEnd: u32 = byRows ? shareBegin(rowBlocks, context.thread + 1, context.threads) : rowBlocks;
  const panelBegin: u32 = byRows ? 0 : shareBegin(unitPanels, context.thread, context.threads);
  const panelEnd: u32 = byRows ? unitPanels : shareBegin(unitPanels, context.thread + 1, context.threads);
  const xStride = blockStride(depth);
  const yStride = blockStride(logits ? units : words(units));
  const yPanel: usize = (logits ? PANEL : PANEL / 4) * BLOCK_STEP;
  const panelBytes: usize = <usize>depth * PANEL_STEP;
  // A single image: a tile would compute five rows that are empty.
  if (step.rows == 1) {
    const groups = (unitPanels + 3) / 4;
    const end = min(unitPanels, 4 * shareBegin(groups, context.thread + 1, context.threads));
    for (let panel: u32 = 4 * shareBegin(groups, context.thread, context.threads); panel < end; panel += 4) {
      const width: u32 = min<u32>(4, end - panel);
      if (width == 4) multiplyByteRow4(x, kernel + <usize>panel * panelBytes, depth, tile, TILE_BYTES);
      else for (let n: u32 = 0; n < width; n++) {
        multiplyByteRow(x, kernel + <usize>(panel + n) * panelBytes, depth, tile + n * TILE_BYTES);
      }
      for (let n: u32 = 0; n < width; n++) {
        const at = <usize>(panel + n);
        finish(tile + n * TILE_BYTES, bias + at * PANEL_STEP, scale + at * PANEL_STEP, y + at * yPanel, logits);
      }
    }
    return;
  }

  const group: u32 = max<u32>(1, <u32>(GROUP_BYTES / xStride));
  for (let first = blockBegin; first < blockEnd; first += group) {
    const last = min(first + group, blockEnd);
    for (let panel = panelBegin; panel < panelEnd; panel++) {
      const at = <usize>panel;
      for (let block = first; block < last; block++) {
        multiplyBytes(x + <usize>block * xStride, kernel + at * panelBytes, depth, tile);
        const to = y + <usize>block * yStride + at * yPanel;
        finish(tile, bias + at * PANEL_STEP, scale + at * PANEL_STEP, to, logits);
      }
    }
  }
}

/** As dense_forward_int8, walking the lists of gather_batch_int8_active instead of x. */
export function dense_forward_int8_active(
  lists: usize,
  kernel: usize,
  bias: usize,
  scale: usize,
  y: usize,
  inputs: u32,
  units: u32,
  step: Step,
  context: Context,
): void {
  const tile = context.scratch;
  const depth = words(inputs);
  const rowBlocks = blocks(step.rows);
  const unitPanels = panels(units);
  const yStride = blockStride(words(units));
  const yPanel: usize = (PANEL / 4) * BLOCK_STEP;
  const panelBytes: usize = <usize>depth * PANEL_STEP;
  // Four panels at once where there are four: eight accumulators for each word.
  const groups = (unitPanels + 3) / 4;
  const byRows = !sharesFirst(groups, rowBlocks, context.threads);
  const blockBegin: u32 = byRows ? shareBegin(rowBlocks, context.thread, context.threads) : 0;
  const blockEnd: u32 = byRows ? shareBegin(rowBlocks, context.thread + 1, context.threads) : rowBlocks;
  const panelEnd: u32 = byRows
    ? unitPanels
    : min(unitPanels, 4 * shareBegin(groups, context.thread + 1, context.threads));
  let panel: u32 = byRows ? 0 : 4 * shareBegin(groups, context.thread, context.threads);
  while (panel < panelEnd) {
    const width: u32 = panelEnd - panel >= 4 ? 4 : 1;
    const weights = kernel + <usize>panel * panelBytes;
    for (let block = blockBegin; block < blockEnd; block++) {
      const last = min((block + 1) * BLOCK, step.rows);
      for (let r = block * BLOCK; r < last; r++) {
        const list = rowList(lists, r, depth);
        const to = tile + <usize>(r - block * BLOCK) * PANEL_STEP;
        if (width == 4) multiplyByteList4(list + ENTRY, load<u32>(list), weights, panelBytes, to, TILE_BYTES);
        else multiplyByteList(list + ENTRY, load<u32>(list), weights, to);
      }
      for (let n: u32 = 0; n < width; n++) {
        const at = <usize>(panel + n);
        const to = y + <usize>block * yStride + at * yPanel;
        finish(tile + n * TILE_BYTES, bias + at * PANEL_STEP, scale + at * PANEL_STEP, to, false);
      }
    }
    panel += width;
  }
}

/** A tile's sums become what the layer puts out. */
function finish(tile: usize, bias: usize, scale: usize, y: usize, logits: bool): void {
  if (logits) {
    for (let at = tile; at < tile + TILE_BYTES; at += PANEL_STEP) {
      v128.store(at, scaled(at, bias, scale));
      v128.store(at, scaled(at + 16, bias + 16, scale + 16), 16);
    }
    tileToBlock(tile, y);
    return;
  }
  const zero = i8x16.splat(0);
  // Four units of six rows: a word a row.
  for (let half: usize = 0; half < 32; half += 16) {
    const b = bias + half;
    const s = scale + half;
    const at = tile + half;
    const q01 = i16x8.narrow_i32x4_s(rounded(at, b, s), rounded(at + 32, b, s));
    const q23 = i16x8.narrow_i32x4_s(rounded(at + 64, b, s), rounded(at + 96, b, s));
    const q45 = i16x8.narrow_i32x4_s(rounded(at + 128, b, s), rounded(at + 160, b, s));
    v128.store(y, i8x16.max_s(zero, i8x16.narrow_i16x8_s(q01, q23)));
    v128.store64_lane(y, i8x16.max_s(zero, i8x16.narrow_i16x8_s(q45, q45)), 0, 16);
    y += BLOCK_STEP;
  }
}

// @ts-ignore: decorator
@inline
function scaled(sums: usize, bias: usize, scale: usize): v128 {
  const sum = i32x4.add(v128.load(sums), v128.load(bias));
  return f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load(scale));
}

// @ts-ignore: decorator
@inline
function rounded(sums: usize, bias: usize, scale: usize): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(scaled(sums, bias, scale)));
}
