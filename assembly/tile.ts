// The products at the heart of every dense kernel, and what happens to a tile while it is in the nearest
// cache. A tile is float32 [6 rows][8 units].
import { BLOCK_STEP, PANEL_STEP } from './layout';

/** a·b + c in one instruction where the build has it (one rounding or two, as the processor likes). */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/**
 * tile[r, u] = sum over k of block[k, r]·panel[k, u]. Twelve accumulators hide the latency of the
 * multiply-add; each step loads two vectors of the panel and splats six values of the block.
 */
export function multiplyTile(block: usize, panel: usize, depth: u32, tile: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let s40 = f32x4.splat(0), s41 = f32x4.splat(0);
  let s50 = f32x4.splat(0), s51 = f32x4.splat(0);
  for (let k = depth; k > 0; k--) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const a0 = v128.load32_splat(block);
    s00 = madd(a0, b0, s00);
    s01 = madd(a0, b1, s01);
    const a1 = v128.load32_splat(block, 4);
    s10 = madd(a1, b0, s10);
    s11 = madd(a1, b1, s11);
    const a2 = v128.load32_splat(block, 8);
    s20 = madd(a2, b0, s20);
    s21 = madd(a2, b1, s21);
    const a3 = v128.load32_splat(block, 12);
    s30 = madd(a3, b0, s30);
    s31 = madd(a3, b1, s31);
    const a4 = v128.load32_splat(block, 16);
    s40 = madd(a4, b0, s40);
    s41 = madd(a4, b1, s41);
    const a5 = v128.load32_splat(block, 20);
    s50 = madd(a5, b0, s50);
    s51 = madd(a5, b1, s51);
    block += BLOCK_STEP;
    panel += PANEL_STEP;
  }
  storeTile(tile, s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51);
}

/**
 * tile[i, u] = sum over the rows r of x[r, i]·dy[r, u] for six adjacent inputs: `x` points to the first input
 * of the first block of rows, `dy` to the panel.
 */
export function multiplyRows(x: usize, stride: usize, dy: usize, rows: u32, tile: usize): void {
  let s00 = f32x4.splat(0), s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0), s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0), s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0), s31 = f32x4.splat(0);
  let s40 = f32x4.splat(0), s41 = f32x4.splat(0);
  let s50 = f32x4.splat(0), s51 = f32x4.splat(0);
  while (rows > 0) {
    // One block of rows, the last one perhaps of fewer.
    let row = x;
    const end = x + (<usize>min<u32>(rows, 6) << 2);
    rows -= min<u32>(rows, 6);
    do {
      const b0 = v128.load(dy);
      const b1 = v128.load(dy, 16);
      const a0 = v128.load32_splat(row);
      s00 = madd(a0, b0, s00);
      s01 = madd(a0, b1, s01);
      const a1 = v128.load32_splat(row, 24);
      s10 = madd(a1, b0, s10);
      s11 = madd(a1, b1, s11);
      const a2 = v128.load32_splat(row, 48);
      s20 = madd(a2, b0, s20);
      s21 = madd(a2, b1, s21);
      const a3 = v128.load32_splat(row, 72);
      s30 = madd(a3, b0, s30);
      s31 = madd(a3, b1, s31);
      const a4 = v128.load32_splat(row, 96);
      s40 = madd(a4, b0, s40);
      s41 = madd(a4, b1, s41);
      const a5 = v128.load32_splat(row, 120);
      s50 = madd(a5, b0, s50);
      s51 = madd(a5, b1, s51);
      dy += PANEL_STEP;
      row += 4;
    } while (row < end);
    x += stride;
  }
  storeTile(tile, s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51);
}

// @ts-ignore: decorator
@inline
export function storeTile(
  tile: usize,
  s00: v128, s01: v128, s10: v128, s11: v128, s20: v128, s21: v128,
  s30: v128, s31: v128, s40: v128, s41: v128, s50: v128, s51: v128,
): void {
  v128.store(tile, s00);
  v128.store(tile, s01, 16);
  v128.store(tile, s10, 32);
  v128.store(tile, s11, 48);
  v128.store(tile, s20, 64);
  v128.store(tile, s21, 80);
  v128.store(tile, s30, 96);
  v128.store(tile, s31, 112);
  v128.store(tile, s40, 128);
  v128.store(tile, s41, 144);
  v128.store(tile, s50, 160);
  v128.store(tile, s51, 176);
}

/** One row of four tiles that lie `toBytes` apart. */
// @ts-ignore: decorator
@inline
export function storeRow4(
  to: usize, toBytes: usize,
  s00: v128, s01: v128, s10: v128, s11: v128, s20: v128, s21: v128, s30: v128, s31: v128,
): void {
  v128.store(to, s00);
  v128.store(to, s01, 16);
  v128.store(to + toBytes, s10);
  v128.store(to + toBytes, s11, 16);
  v128.store(to + 2 * toBytes, s20);
  v128.store(to + 2 * toBytes, s21, 16);
  v128.store(to + 3 * toBytes, s30);
  v128.store(to + 3 * toBytes, s31, 16);
}

/** The tile's values become the eight columns of a block at `block`: [8][6]. */
export function tileToBlock(tile: usize, block: usize): void {
  for (let half = 0; half < 2; half++, tile += 16, block += 4 * BLOCK_STEP) {
    const r0 = v128.load(tile);
    const r1 = v128.load(tile, 32);
    const r2 = v128.load(tile, 64);
    const r3 = v128.load(tile, 96);
    const r4 = v128.load(tile, 128);
    const r5 = v128.load(tile, 160);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const low45 = v128.shuffle<f32>(r4, r5, 0, 4, 1, 5);
    const high45 = v128.shuffle<f32>(r4, r5, 2, 6, 3, 7);
    v128.store(block, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store64_lane(block, low45, 0, 16);
    v128.store(block, v128.shuffle<i64>(low01, low23, 1, 3), 24);
    v128.store64_lane(block, low45, 1, 40);
    v128.store(block, v128.shuffle<i64>(high01, high23, 0, 2), 48);
    v128.store64_lane(block, high45, 0, 64);
    v128.store(block, v128.shuffle<i64>(high01, high23, 1, 3), 72);
    v128.store64_lane(block, high45, 1, 88);
  }
}

/** The inverse of tileToBlock. */
export function blockToTile(block: usize, tile: usize): void {
  for (let half = 0; half < 2; half++, tile += 16, block += 4 * BLOCK_STEP) {
    const u0 = v128.load(block);
    const u1 = v128.load(block, 24);
    const u2 = v128.load(block, 48);
    const u3 = v128.load(block, 72);
    const low01 = v128.shuffle<f32>(u0, u1, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(u0, u1, 2, 6, 3, 7);
    const low23 = v128.shuffle<f32>(u2, u3, 0, 4, 1, 5);
    const high23 = v128.shuffle<f32>(u2, u3, 2, 6, 3, 7);
    // Rows 4 and 5 of four columns.
    const t01 = v128.shuffle<f32>(v128.load64_zero(block, 16), v128.load64_zero(block, 40), 0, 4, 1, 5);
    const t23 = v128.shuffle<f32>(v128.load64_zero(block, 64), v128.load64_zero(block, 88), 0, 4, 1, 5);
    v128.store(tile, v128.shuffle<i64>(low01, low23, 0, 2));
    v128.store(tile, v128.shuffle<i64>(low01, low23, 1, 3), 32);
    v128.store(tile, v128.shuffle<i64>(high01, high23, 0, 2), 64);
    v128.store(tile, v128.shuffle<i64>(high01, high23, 1, 3), 96);
    v128.store(tile, v128.shuffle<i64>(t01, t23, 0, 2), 128);
    v128.store(tile, v128.shuffle<i64>(t01, t23, 1, 3), 160);
  }
}
