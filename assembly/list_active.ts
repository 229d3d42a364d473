// Lists the values of a layer's output that are not zero, as gather_batch_active does for pixels. Most are:
// behind a ReLU three of four in a trained network. Threads own blocks of rows.
import { countsToBeginnings, ENTRY, pixelEnds, pixelEntries, rowList } from './active';
import { Context } from './context';
import { BLOCK, BLOCK_STEP, blockStride, blocks, PANEL_STEP } from './layout';
import { shareBegin } from './share';
import { Step } from './step';

/** `forWeights` says whether each unit's rows are wanted as well. */
export function list_active(
  y: usize, // float32 [rows, units] in blocks
  lists: usize, // as active.ts says
  units: u32,
  forWeights: u32,
  step: Step,
  context: Context,
): void {
  const unitEnds = pixelEnds(lists, context.thread, units, context.capacity);
  const blockCount = blocks(step.rows);
  const begin = shareBegin(blockCount, context.thread, context.threads);
  const end = shareBegin(blockCount, context.thread + 1, context.threads);
  const ofUnits = pixelEntries(lists, begin * BLOCK, units, context.capacity, context.threads);
  if (forWeights) countUnits(y, unitEnds, begin, end, units, step);
  const rowStride = rowList(0, 1, units);
  // Where the next entry of each of the block's rows goes.
  const ends = context.scratch;
  for (let block = begin; block < end; block++) {
    const first = block * BLOCK;
    const rows = min(BLOCK, step.rows - first);
    const list = rowList(lists, first, units);
    for (let row: u32 = 0; row < rows; row++) store<usize>(ends + row * sizeof<usize>(), list + row * rowStride + ENTRY);
    let from = y + <usize>block * blockStride(units);
    const present: u32 = (1 << rows) - 1;
    for (let unit: u32 = 0; unit < units; unit++, from += BLOCK_STEP) {
      let mask = present & activeRows(from);
      if (mask == 0) continue;
      const unitEnd = unitEnds + (<usize>(unit + 1) << 2);
      let to = forWeights ? ofUnits + <usize>load<u32>(unitEnd) * ENTRY : 0;
      if (forWeights) store<u32>(unitEnd, load<u32>(unitEnd) + <u32>popcnt<u32>(mask));
      for (; mask != 0; mask &= mask - 1) {
        const row = <u32>ctz<u32>(mask);
        const value = load<f32>(from + (<usize>row << 2));
        const cursor = ends + row * sizeof<usize>();
        const entry = load<usize>(cursor);
        store<usize>(cursor, entry + ENTRY);
        store<u32>(entry, unit * <u32>PANEL_STEP);
        store<f32>(entry, value, 4);
        if (!forWeights) continue;
        store<u32>(to, (first + row) * <u32>PANEL_STEP);
        store<f32>(to, value, 4);
        to += ENTRY;
      }
    }
    for (let row: u32 = 0; row < rows; row++) {
      const entries = load<usize>(ends + row * sizeof<usize>()) - list - row * rowStride;
      store<u32>(list + row * rowStride, <u32>(entries / ENTRY) - 1);
    }
  }
}

/** Where each unit's entries will begin, by counting them. */
function countUnits(y: usize, ends: usize, begin: u32, end: u32, units: u32, step: Step): void {
  memory.fill(ends, 0, (<usize>units + 1) << 2);
  for (let block = begin; block < end; block++) {
    const present: u32 = (1 << min(BLOCK, step.rows - block * BLOCK)) - 1;
    let from = y + <usize>block * blockStride(units);
    for (let unit: u32 = 0; unit < units; unit++, from += BLOCK_STEP) {
      const counter = ends + (<usize>(unit + 1) << 2);
      store<u32>(counter, load<u32>(counter) + <u32>popcnt<u32>(present & activeRows(from)));
    }
  }
  countsToBeginnings(ends, units);
}

/** Bit n says whether a unit is active in row n of the block. */
// @ts-ignore: decorator
@inline
function activeRows(from: usize): u32 {
  return isActive(v128.load(from)) | (isActive(v128.load64_zero(from, 16)) << 4);
}

/** Bit n says whether lane n is not zero. */
// @ts-ignore: decorator
@inline
function isActive(values: v128): u32 {
  return <u32>i32x4.bitmask(f32x4.ne(values, f32x4.splat(0)));
}
