// dx = (dy·kernelᵀ) · the derivative of what made x. Each panel of the kernel is transposed once, in vectors,
// and then met by all blocks of dy: that costs one part in `rows`. Threads own panels of inputs or blocks of
// rows.
import { derivative } from './activation';
import { ENTRY, rowList } from './active';
import { Context } from './context';
import {
  BLOCK, BLOCK_STEP, blockStride, blocks, gradientBlocks, PANEL, PANEL_STEP, panels, TILE_BYTES,
} from './layout';
import { beginItems, nextItem, partsOf, shareBegin, sharesFirst } from './share';
import { Step } from './step';
import { blockToTile, madd, multiplyTile, storeRow4, tileToBlock } from './tile';

export function dense_backward_input(
  dy: usize, // float32 [rows, units], a gradient
  kernel: usize, // float32 [inputs, units] in panels
  x: usize, // float32 [rows, inputs] in blocks
  dx: usize, // float32 [rows, inputs], a gradient
  inputs: u32,
  units: u32,
  activation: u32,
  scale: f32,
  step: Step,
  context: Context,
): void {
  const tile = context.scratch;
  const xTile = tile + TILE_BYTES;
  const transposed = xTile + TILE_BYTES;
  const rowBlocks = blocks(step.rows);
  const inputPanels = panels(inputs);
  const byInputs = sharesFirst(inputPanels, rowBlocks, context.threads);
  const panelBegin: u32 = byInputs ? shareBegin(inputPanels, context.thread, context.threads) : 0;
  const panelEnd: u32 = byInputs ? shareBegin(inputPanels, context.thread + 1, context.threads) : inputPanels;
  const blockBegin: u32 = byInputs ? 0 : shareBegin(rowBlocks, context.thread, context.threads);
  const blockEnd: u32 = byInputs ? rowBlocks : shareBegin(rowBlocks, context.thread + 1, context.threads);
  const dyBlocks = gradientBlocks(dy, units, context.capacity);
  const dxBlocks = gradientBlocks(dx, inputs, context.capacity);
  const dyStride = blockStride(units);
  const xStride = blockStride(inputs);
  const dxPanelBytes = <usize>context.capacity * PANEL_STEP;

  for (let panel = panelBegin; panel < panelEnd; panel++) {
    const column: usize = <usize>(panel * PANEL) * BLOCK_STEP;
    transposePanels(kernel, inputs, units, panel, 1, transposed, PANEL_STEP);
    for (let block = blockBegin; block < blockEnd; block++) {
      multiplyTile(dyBlocks + <usize>block * dyStride, transposed, units, tile);
      blockToTile(x + <usize>block * xStride + column, xTile);
      derive(tile, xTile, activation, scale, dx + <usize>panel * dxPanelBytes + <usize>block * TILE_BYTES);
      tileToBlock(tile, dxBlocks + <usize>block * xStride + column);
    }
  }
}

/**
 * As dense_backward_input, where dy is zero wherever the layer's output is: of each row only the units in its
 * list are walked, for four panels at once.
 */
export function dense_backward_input_active(
  dy: usize,
  lists: usize, // of the layer's output, as active.ts says
  kernel: usize,
  x: usize,
  dx: usize,
  inputs: u32,
  units: u32,
  activation: u32,
  scale: f32,
  step: Step,
  context: Context,
): void {
  const tiles = context.scratch;
  const xTile = tiles + 4 * TILE_BYTES;
  const transposed = xTile + TILE_BYTES;
  const rowBlocks = blocks(step.rows);
  const inputPanels = panels(inputs);
  const groups = (inputPanels + 3) / 4;
  const parts = partsOf(groups, rowBlocks, context.threads);
  const dyBlocks = gradientBlocks(dy, units, context.capacity);
  const dxBlocks = gradientBlocks(dx, inputs, context.capacity);
  const dyStride = blockStride(units);
  const xStride = blockStride(inputs);
  const dxPanelBytes = <usize>context.capacity * PANEL_STEP;

  let inScratch: u32 = inputPanels;
  beginItems(context);
  for (;;) {
    const item = nextItem(groups * parts, context);
    if (item < 0) break;
    const panel: u32 = (<u32>item / parts) * 4;
    const width = min(4, inputPanels - panel);
    if (panel != inScratch) transposePanels(kernel, inputs, units, panel, width, transposed, 4 * PANEL_STEP);
    inScratch = panel;
    const part = <u32>item % parts;
    const blockEnd = shareBegin(rowBlocks, part + 1, parts);
    for (let block = shareBegin(rowBlocks, part, parts); block < blockEnd; block++) {
      const from = dyBlocks + <usize>block * dyStride;
      const rows = min(BLOCK, step.rows - block * BLOCK);
      for (let row: u32 = 0; row < rows; row++) {
        const list = rowList(lists, block * BLOCK + row, units);
        multiplyActive4(list + ENTRY, load<u32>(list), from + (<usize>row << 2), transposed, tiles + <usize>row * PANEL_STEP);
      }
      for (let n: u32 = 0; n < width; n++) {
        const column: usize = <usize>((panel + n) * PANEL) * BLOCK_STEP;
        const tile = tiles + <usize>n * TILE_BYTES;
        blockToTile(x + <usize>block * xStride + column, xTile);
        derive(tile, xTile, activation, scale, dx + <usize>(panel + n) * dxPanelBytes + <usize>block * TILE_BYTES);
        tileToBlock(tile, dxBlocks + <usize>block * xStride + column);
      }
    }
  }
}

/** Sums of dy·panel over a list of units, for four panels that lie side by side, to four tiles. */
function multiplyActive4(entry: usize, count: u32, dy: usize, panels: usize, to: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  for (; count > 0; count--, entry += ENTRY) {
    const offset = <usize>load<u32>(entry);
    // A unit is PANEL_STEP bytes of a panel, BLOCK_STEP bytes of a block, and here a row of four panels.
    const a = v128.load32_splat(dy + offset - (offset >> 2));
    const row = panels + (offset << 2);
    s00 = madd(a, v128.load(row), s00);
    s01 = madd(a, v128.load(row, 16), s01);
    s10 = madd(a, v128.load(row, 32), s10);
    s11 = madd(a, v128.load(row, 48), s11);
    s20 = madd(a, v128.load(row, 64), s20);
    s21 = madd(a, v128.load(row, 80), s21);
    s30 = madd(a, v128.load(row, 96), s30);
    s31 = madd(a, v128.load(row, 112), s31);
  }
  storeRow4(to, TILE_BYTES, s00, s01, s10, s11, s20, s21, s30, s31);
}

/** Takes the tile through the derivative, and stores it in place and as six rows of a panel. */
function derive(tile: usize, x: usize, activation: u32, scale: f32, to: usize): void {
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < TILE_BYTES; at += 16) {
    const d = derivative(v128.load(x + at), scale, activation);
    const value = v128.and(f32x4.mul(v128.load(tile + at), d), f32x4.ne(d, zero));
    v128.store(tile + at, value);
    v128.store(to + at, value);
  }
}

/**
 * to[u, n] = kernel[8·panel + n, u] for the inputs n of `width` panels of inputs side by side, zero past the last one;
 * rows are `stride` bytes apart. What lies side by side in memory is read at once.
 */
function transposePanels(
  kernel: usize, inputs: u32, units: u32, panel: u32, width: u32, to: usize, stride: usize,
): void {
  const count = panels(units);
  let from = kernel + <usize>(panel * PANEL) * PANEL_STEP;
  for (let u: u32 = 0; u < count; u++, to += <usize>PANEL * stride, from += <usize>inputs * PANEL_STEP) {
    for (let n: u32 = 0; n < width; n++) {
      const present = min(PANEL, inputs - (panel + n) * PANEL);
      transposePanel(from + <usize>(n * PANEL) * PANEL_STEP, present, to + <usize>n * PANEL_STEP, stride);
    }
  }
}

/** Eight units of eight inputs, of which `present` are there; the rows at `to` are `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function transposePanel(from: usize, present: u32, to: usize, stride: usize): void {
  if (present == PANEL) {
    for (let half: usize = 0; half < 2; half++) {
      transpose4(from + half * 16, to + half * 4 * stride, stride);
      transpose4(from + half * 16 + 4 * PANEL_STEP, to + half * 4 * stride + 16, stride);
    }
  } else {
    for (let u: u32 = 0; u < PANEL; u++) {
      for (let n: u32 = 0; n < PANEL; n++) {
        const value = n < present ? load<f32>(from + <usize>n * PANEL_STEP + (<usize>u << 2)) : 0;
        store<f32>(to + <usize>u * stride + (<usize>n << 2), value);
      }
    }
  }
}

/** Four rows of four, 32 bytes apart, become four columns, whose rows are `stride` bytes apart. */
function transpose4(from: usize, to: usize, stride: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from, 32);
  const r2 = v128.load(from, 64);
  const r3 = v128.load(from, 96);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to + stride, v128.shuffle<i64>(low01, low23, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<i64>(high01, high23, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<i64>(high01, high23, 1, 3));
}
