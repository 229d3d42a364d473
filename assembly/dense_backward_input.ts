// dx = (dy·kernelᵀ) · scale where x > 0, else 0. Each panel of the kernel is transposed once, in vectors, and then met
// by all blocks of dy: that costs one part in `rows`. Threads own panels of inputs or blocks of rows.
import { Context } from './context';
import {
  BLOCK_STEP, blockStride, blocks, gradientBlocks, PANEL, PANEL_STEP, panels, TILE_BYTES,
} from './layout';
import { shareBegin, sharesFirst } from './share';
import { Step } from './step';
import { blockToTile, multiplyTile, tileToBlock } from './tile';

export function dense_backward_input(
  dy: usize, // float32 [rows, units], a gradient
  kernel: usize, // float32 [inputs, units] in panels
  x: usize, // float32 [rows, inputs] in blocks
  dx: usize, // float32 [rows, inputs], a gradient
  inputs: u32,
  units: u32,
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
    transposePanel(kernel, inputs, units, panel * PANEL, transposed);
    for (let block = blockBegin; block < blockEnd; block++) {
      multiplyTile(dyBlocks + <usize>block * dyStride, transposed, units, tile);
      blockToTile(x + <usize>block * xStride + column, xTile);
      derive(tile, xTile, scale, dx + <usize>panel * dxPanelBytes + <usize>block * TILE_BYTES);
      tileToBlock(tile, dxBlocks + <usize>block * xStride + column);
    }
  }
}

/** Scales the tile where the activation let its value pass, and stores it in place and as six rows of a panel. */
function derive(tile: usize, x: usize, scale: f32, to: usize): void {
  const factor = f32x4.splat(scale);
  const zero = f32x4.splat(0);
  for (let at: usize = 0; at < TILE_BYTES; at += 16) {
    const passed = f32x4.gt(v128.load(x + at), zero);
    const value = v128.and(f32x4.mul(v128.load(tile + at), factor), passed);
    v128.store(tile + at, value);
    v128.store(to + at, value);
  }
}

/** to[u, n] = kernel[input + n, u] for the eight inputs from `input` on, zero past the last one. */
function transposePanel(kernel: usize, inputs: u32, units: u32, input: u32, to: usize): void {
  const present = min(PANEL, inputs - input);
  const panelBytes = <usize>inputs * PANEL_STEP;
  const count = panels(units);
  for (let panel: u32 = 0; panel < count; panel++, to += <usize>PANEL * PANEL_STEP) {
    const from = kernel + <usize>panel * panelBytes + <usize>input * PANEL_STEP;
    if (present == PANEL) {
      for (let half: usize = 0; half < 32; half += 16) {
        transpose4(from + half, to + half * 8);
        transpose4(from + half + 4 * PANEL_STEP, to + half * 8 + 16);
      }
    } else {
      for (let u: u32 = 0; u < PANEL; u++) {
        for (let n: u32 = 0; n < PANEL; n++) {
          const value = n < present ? load<f32>(from + <usize>n * PANEL_STEP + (<usize>u << 2)) : 0;
          store<f32>(to + <usize>u * PANEL_STEP + (<usize>n << 2), value);
        }
      }
    }
  }
}

/** Four rows of four, 32 bytes apart, become four columns. */
function transpose4(from: usize, to: usize): void {
  const r0 = v128.load(from);
  const r1 = v128.load(from, 32);
  const r2 = v128.load(from, 64);
  const r3 = v128.load(from, 96);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96);
}
