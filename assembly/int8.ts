// Products of bytes, of int8 networks (src/network/quantisation.ts): activations of 7 bits times signed weights,
// summed in int32. Four inputs make a word, and words lie as floats do elsewhere: activations in blocks of 6 rows,
// weights in panels of 8 units (layout.ts). A tile is int32 [6 rows][8 units].
import { ENTRY } from './active';
import { BLOCK_STEP, PANEL_STEP } from './layout';
import { storeRow4, storeTile } from './tile';

/** Words that hold so many bytes. */
// @ts-ignore: decorator
@inline
export function words(bytes: u32): u32 {
  return (bytes + 3) / 4;
}

/** c + the products of each word's four bytes. */
// @ts-ignore: decorator
@inline
function dot(activations: v128, weights: v128, c: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(weights, activations, c);
}

/** tile[r, u] = sum over the words k of block[k, r]·panel[k, u], as multiplyTile in tile.ts. */
export function multiplyBytes(block: usize, panel: usize, depth: u32, tile: usize): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    multiplySix(block, panel, depth, tile);
  } else {
    multiplyThree(block, panel, depth, tile);
    multiplyThree(block + BLOCK_STEP / 2, panel, depth, tile + 3 * PANEL_STEP);
  }
}

// @ts-ignore: decorator
@inline
function multiplySix(block: usize, panel: usize, depth: u32, tile: usize): void {
  let s00 = i32x4.splat(0), s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0), s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0), s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0), s31 = i32x4.splat(0);
  let s40 = i32x4.splat(0), s41 = i32x4.splat(0);
  let s50 = i32x4.splat(0), s51 = i32x4.splat(0);
  for (; depth > 0; depth--) {
    const b0 = v128.load(panel);
    const b1 = v128.load(panel, 16);
    const a0 = v128.load32_splat(block);
    s00 = dot(a0, b0, s00);
    s01 = dot(a0, b1, s01);
    const a1 = v128.load32_splat(block, 4);
    s10 = dot(a1, b0, s10);
    s11 = dot(a1, b1, s11);
    const a2 = v128.load32_splat(block, 8);
    s20 = dot(a2, b0, s20);
    s21 = dot(a2, b1, s21);
    const a3 = v128.load32_splat(block, 12);
    s30 = dot(a3, b0, s30);
    s31 = dot(a3, b1, s31);
    const a4 = v128.load32_splat(block, 16);
    s40 = dot(a4, b0, s40);
    s41 = dot(a4, b1, s41);
    const a5 = v128.load32_splat(block, 20);
    s50 = dot(a5, b0, s50);
    s51 = dot(a5, b1, s51);
    block += BLOCK_STEP;
    panel += PANEL_STEP;
  }
  storeTile(tile, s00, s01, s10, s11, s20, s21, s30, s31, s40, s41, s50, s51);
}

/**
 * Three rows of a tile without the instruction of relaxed SIMD: the bytes of two units become eight numbers of 16
 * bits, and two sums of each unit are added up at the end.
 */
function multiplyThree(block: usize, panel: usize, depth: u32, tile: usize): void {
  let s00 = i32x4.splat(0), s01 = i32x4.splat(0), s02 = i32x4.splat(0), s03 = i32x4.splat(0);
  let s10 = i32x4.splat(0), s11 = i32x4.splat(0), s12 = i32x4.splat(0), s13 = i32x4.splat(0);
  let s20 = i32x4.splat(0), s21 = i32x4.splat(0), s22 = i32x4.splat(0), s23 = i32x4.splat(0);
  for (; depth > 0; depth--) {
    const b0 = v128.load8x8_s(panel);
    const b1 = v128.load8x8_s(panel, 8);
    const b2 = v128.load8x8_s(panel, 16);
    const b3 = v128.load8x8_s(panel, 24);
    const a0 = i16x8.extend_low_i8x16_s(v128.load32_splat(block));
    s00 = i32x4.add(s00, i32x4.dot_i16x8_s(a0, b0));
    s01 = i32x4.add(s01, i32x4.dot_i16x8_s(a0, b1));
    s02 = i32x4.add(s02, i32x4.dot_i16x8_s(a0, b2));
    s03 = i32x4.add(s03, i32x4.dot_i16x8_s(a0, b3));
    const a1 = i16x8.extend_low_i8x16_s(v128.load32_splat(block, 4));
    s10 = i32x4.add(s10, i32x4.dot_i16x8_s(a1, b0));
    s11 = i32x4.add(s11, i32x4.dot_i16x8_s(a1, b1));
    s12 = i32x4.add(s12, i32x4.dot_i16x8_s(a1, b2));
    s13 = i32x4.add(s13, i32x4.dot_i16x8_s(a1, b3));
    const a2 = i16x8.extend_low_i8x16_s(v128.load32_splat(block, 8));
    s20 = i32x4.add(s20, i32x4.dot_i16x8_s(a2, b0));
    s21 = i32x4.add(s21, i32x4.dot_i16x8_s(a2, b1));
    s22 = i32x4.add(s22, i32x4.dot_i16x8_s(a2, b2));
    s23 = i32x4.add(s23, i32x4.dot_i16x8_s(a2, b3));
    block += BLOCK_STEP;
    panel += PANEL_STEP;
  }
  v128.store(tile, addPairs(s00, s01));
  v128.store(tile, addPairs(s02, s03), 16);
  v128.store(tile, addPairs(s10, s11), 32);
  v128.store(tile, addPairs(s12, s13), 48);
  v128.store(tile, addPairs(s20, s21), 64);
  v128.store(tile, addPairs(s22, s23), 80);
}

// @ts-ignore: decorator
@inline
function addPairs(low: v128, high: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

/** The first row alone of four tiles, whose panels lie one after the other and whose sums go `toBytes` apart. */
export function multiplyByteRow4(x: usize, panel: usize, depth: u32, to: usize, toBytes: usize): void {
  const panelBytes: usize = <usize>depth * PANEL_STEP;
  if (!ASC_FEATURE_RELAXED_SIMD) {
    for (let n = 0; n < 4; n++) multiplyByteRow(x, panel + n * panelBytes, depth, to + n * toBytes);
    return;
  }
  let s00 = i32x4.splat(0), s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0), s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0), s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0), s31 = i32x4.splat(0);
  let panel1 = panel + panelBytes;
  let panel2 = panel1 + panelBytes;
  let panel3 = panel2 + panelBytes;
  for (; depth > 0; depth--) {
    const a = v128.load32_splat(x);
    s00 = dot(a, v128.load(panel), s00);
    s01 = dot(a, v128.load(panel, 16), s01);
    s10 = dot(a, v128.load(panel1), s10);
    s11 = dot(a, v128.load(panel1, 16), s11);
    s20 = dot(a, v128.load(panel2), s20);
    s21 = dot(a, v128.load(panel2, 16), s21);
    s30 = dot(a, v128.load(panel3), s30);
    s31 = dot(a, v128.load(panel3, 16), s31);
    x += BLOCK_STEP;
    panel += PANEL_STEP;
    panel1 += PANEL_STEP;
    panel2 += PANEL_STEP;
    panel3 += PANEL_STEP;
  }
  storeRow4(to, toBytes, s00, s01, s10, s11, s20, s21, s30, s31);
}

/** The first row of one tile. */
export function multiplyByteRow(x: usize, panel: usize, depth: u32, to: usize): void {
  let s0 = i32x4.splat(0), s1 = i32x4.splat(0), s2 = i32x4.splat(0), s3 = i32x4.splat(0);
  for (; depth > 0; depth--) {
    const a = i16x8.extend_low_i8x16_s(v128.load32_splat(x));
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(a, v128.load8x8_s(panel)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(a, v128.load8x8_s(panel, 8)));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(a, v128.load8x8_s(panel, 16)));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(a, v128.load8x8_s(panel, 24)));
    x += BLOCK_STEP;
    panel += PANEL_STEP;
  }
  v128.store(to, addPairs(s0, s1));
  v128.store(to, addPairs(s2, s3), 16);
}

/** Eight sums over the words of a list, as multiplyList in dense_forward.ts. */
export function multiplyByteList(entry: usize, count: u32, panel: usize, to: usize): void {
  let s0 = i32x4.splat(0), s1 = i32x4.splat(0), s2 = i32x4.splat(0), s3 = i32x4.splat(0);
  for (; count > 0; count--, entry += ENTRY) {
    const a = i16x8.extend_low_i8x16_s(v128.load32_splat(entry, 4));
    const at = panel + load<u32>(entry);
    s0 = i32x4.add(s0, i32x4.dot_i16x8_s(a, v128.load8x8_s(at)));
    s1 = i32x4.add(s1, i32x4.dot_i16x8_s(a, v128.load8x8_s(at, 8)));
    s2 = i32x4.add(s2, i32x4.dot_i16x8_s(a, v128.load8x8_s(at, 16)));
    s3 = i32x4.add(s3, i32x4.dot_i16x8_s(a, v128.load8x8_s(at, 24)));
  }
  v128.store(to, addPairs(s0, s1));
  v128.store(to, addPairs(s2, s3), 16);
}

/** As multiplyByteList for four panels that lie `panelBytes` apart, whose sums go `toBytes` apart. */
export function multiplyByteList4(
  entry: usize, count: u32, panel: usize, panelBytes: usize, to: usize, toBytes: usize,
): void {
  if (!ASC_FEATURE_RELAXED_SIMD) {
    for (let n = 0; n < 4; n++) multiplyByteList(entry, count, panel + n * panelBytes, to + n * toBytes);
    return;
  }
  let s00 = i32x4.splat(0), s01 = i32x4.splat(0);
  let s10 = i32x4.splat(0), s11 = i32x4.splat(0);
  let s20 = i32x4.splat(0), s21 = i32x4.splat(0);
  let s30 = i32x4.splat(0), s31 = i32x4.splat(0);
  const panel1 = panel + panelBytes;
  const panel2 = panel1 + panelBytes;
  const panel3 = panel2 + panelBytes;
  for (; count > 0; count--, entry += ENTRY) {
    const offset = <usize>load<u32>(entry);
    const a = v128.load32_splat(entry, 4);
    s00 = dot(a, v128.load(panel + offset), s00);
    s01 = dot(a, v128.load(panel + offset, 16), s01);
    s10 = dot(a, v128.load(panel1 + offset), s10);
    s11 = dot(a, v128.load(panel1 + offset, 16), s11);
    s20 = dot(a, v128.load(panel2 + offset), s20);
    s21 = dot(a, v128.load(panel2 + offset, 16), s21);
    s30 = dot(a, v128.load(panel3 + offset), s30);
    s31 = dot(a, v128.load(panel3 + offset, 16), s31);
  }
  storeRow4(to, toBytes, s00, s01, s10, s11, s20, s21, s30, s31);
}
