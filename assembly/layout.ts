// How operands lie in this engine's memory, the same as in src/engine/wasm/packing.ts:
//   kernel [inputs, units]     panels of 8 units:   [units/8][inputs][8]
//   activation [rows, n]       blocks of 6 rows:    [rows/6][n][6], each block at a stride of blockStride(n)
//   gradient [rows, n]         panels of 8 columns: [n/8][capacity][8], and then the same as blocks of 6 rows
//   bias [units]               padded to 8
// Four inputs of an int8 network make a word; its words lie like these floats (int8.ts).
// A product of a block and a panel then reads both from beginning to end, for any shape and without packing.

/** Rows of a tile; with two vectors of units they make 12 accumulators, and 15 registers in all. */
export const BLOCK: u32 = 6;
/** Units of a panel. */
export const PANEL: u32 = 8;
/** Bytes of one input of a block and of one row of a panel. */
export const BLOCK_STEP: usize = 24;
export const PANEL_STEP: usize = 32;
/** A tile of 6 rows × 8 units. */
export const TILE_BYTES: usize = 192;

// @ts-ignore: decorator
@inline
export function blocks(rows: u32): u32 {
  return (rows + BLOCK - 1) / BLOCK;
}

// @ts-ignore: decorator
@inline
export function panels(units: u32): u32 {
  return (units + PANEL - 1) / PANEL;
}

/**
 * Bytes from one block of `columns` columns to the next: an odd number of cache lines, so that blocks spread
 * over a cache.
 */
// @ts-ignore: decorator
@inline
export function blockStride(columns: u32): usize {
  return ((<usize>(panels(columns) * PANEL) * BLOCK_STEP + 63) / 64 | 1) * 64;
}

/** Where the blocks of a gradient begin. */
// @ts-ignore: decorator
@inline
export function gradientBlocks(gradient: usize, columns: u32, capacity: u32): usize {
  return gradient + <usize>(panels(columns) * capacity) * PANEL_STEP;
}
