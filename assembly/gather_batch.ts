// x[r, i] = scale · images[order[step.first + r], i], and the labels to targets. Threads own blocks of rows.
import { countsToBeginnings, ENTRY, pixelEnds, pixelEntries, rowList } from './active';
import { Context } from './context';
import { BLOCK, BLOCK_STEP, blockStride, blocks, PANEL, PANEL_STEP } from './layout';
import { shareBegin } from './share';
import { Step } from './step';
import { tileToBlock } from './tile';

export function gather_batch(
  images: usize, // uint8 [samples, inputs]
  labels: usize, // uint8 [samples]
  order: usize, // uint32 [samples]
  x: usize, // float32 [rows, inputs] in blocks
  targets: usize, // uint32 [rows]
  inputs: u32,
  scale: f32,
  step: Step,
  context: Context,
): void {
  const count = blocks(step.rows);
  const end = shareBegin(count, context.thread + 1, context.threads);
  for (let block = shareBegin(count, context.thread, context.threads); block < end; block++) {
    gatherBlock(images, labels, order, x + <usize>block * blockStride(inputs), targets, block, inputs, scale, step, context);
  }
}

/**
 * Lists the pixels that are not zero instead; `forWeights` says whether each pixel's rows are wanted as well.
 */
export function gather_batch_active(
  images: usize,
  labels: usize,
  order: usize,
  lists: usize, // as active.ts says
  targets: usize,
  inputs: u32,
  scale: f32,
  forWeights: u32,
  step: Step,
  context: Context,
): void {
  const ends = pixelEnds(lists, context.thread, inputs, context.capacity);
  if (forWeights) memory.fill(ends, 0, (<usize>inputs + 1) << 2);
  const blockCount = blocks(step.rows);
  const begin = shareBegin(blockCount, context.thread, context.threads) * BLOCK;
  const end = min(shareBegin(blockCount, context.thread + 1, context.threads) * BLOCK, step.rows);
  for (let r = begin; r < end; r++) {
    const sample = load<u32>(order + (<usize>(step.first + r) << 2));
    store<u32>(targets + (<usize>r << 2), load<u8>(labels + sample));
    const image = images + <usize>sample * inputs;
    markInk(image, context.scratch, inputs);
    const list = rowList(lists, r, inputs);
    listRow(image, context.scratch, list, inputs, scale);
    if (forWeights) countPixels(list, ends);
  }
  if (!forWeights) return;
  countsToBeginnings(ends, inputs);
  const entries = pixelEntries(lists, begin, inputs, context.capacity, context.threads);
  for (let r = begin; r < end; r++) listPixels(rowList(lists, r, inputs), r, ends, entries);
}

/** Rows past the last one repeat it. */
function gatherBlock(
  images: usize,
  labels: usize,
  order: usize,
  x: usize,
  targets: usize,
  block: u32,
  inputs: u32,
  scale: f32,
  step: Step,
  context: Context,
): void {
  const tile = context.scratch;
  const factor = f32x4.splat(scale);
  for (let row: u32 = 0; row < BLOCK; row++) {
    const r = min(block * BLOCK + row, step.rows - 1);
    const sample = load<u32>(order + (<usize>(step.first + r) << 2));
    store<u32>(targets + (<usize>r << 2), load<u8>(labels + sample));
  }
  let i: u32 = 0;
  for (; i + PANEL <= inputs; i += PANEL) {
    for (let row: u32 = 0; row < BLOCK; row++) {
      const pixels = v128.load8x8_u(imageOf(images, order, block, row, inputs, step) + i);
      const to = tile + <usize>row * PANEL_STEP;
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(pixels)), factor));
      v128.store(to, f32x4.mul(f32x4.convert_i32x4_u(i32x4.extend_high_i16x8_u(pixels)), factor), 16);
    }
    tileToBlock(tile, x + <usize>i * BLOCK_STEP);
  }
  for (; i < inputs; i++) {
    for (let row: u32 = 0; row < BLOCK; row++) {
      const pixel = load<u8>(imageOf(images, order, block, row, inputs, step) + i);
      store<f32>(x + <usize>i * BLOCK_STEP + (<usize>row << 2), <f32>pixel * scale);
    }
  }
}

// @ts-ignore: decorator
@inline
function imageOf(images: usize, order: usize, block: u32, row: u32, inputs: u32, step: Step): usize {
  const r = min(block * BLOCK + row, step.rows - 1);
  return images + <usize>load<u32>(order + (<usize>(step.first + r) << 2)) * inputs;
}

/**
 * Says of each pixel whether it is not background: masks[i] has a bit for each of 64 pixels. It goes before the
 * listing, whose branches nobody can foresee: so an image, which mostly comes from afar, is fetched at once.
 */
function markInk(image: usize, masks: usize, inputs: u32): void {
  for (let i: u32 = 0; i < inputs; i += 64) {
    let mask = inkMask(image + i);
    if (inputs - i < 64) mask &= (<u64>1 << (inputs - i)) - 1;
    store<u64>(masks + (i >> 3), mask);
  }
}

function listRow(image: usize, masks: usize, list: usize, inputs: u32, scale: f32): void {
  let entry = list + ENTRY;
  for (let i: u32 = 0; i < inputs; i += 64) {
    for (let mask = load<u64>(masks + (i >> 3)); mask != 0; mask &= mask - 1, entry += ENTRY) {
      const pixel = i + <u32>ctz<u64>(mask);
      store<u32>(entry, pixel * <u32>PANEL_STEP);
      store<f32>(entry, <f32>load<u8>(image + pixel) * scale, 4);
    }
  }
  store<u32>(list, <u32>((entry - list) / ENTRY) - 1);
}

/** Bit n says whether pixel n of 64 is not background. Past a row's end it reads what follows in memory. */
// @ts-ignore: decorator
@inline
function inkMask(pixels: usize): u64 {
  return (
    inkMask16(pixels) |
    (inkMask16(pixels + 16) << 16) |
    (inkMask16(pixels + 32) << 32) |
    (inkMask16(pixels + 48) << 48)
  );
}

// @ts-ignore: decorator
@inline
function inkMask16(pixels: usize): u64 {
  return <u64>i8x16.bitmask(i8x16.ne(v128.load(pixels), i8x16.splat(0)));
}

/** Counts where the pixels' ends will stand. */
function countPixels(list: usize, ends: usize): void {
  const end = list + <usize>(load<u32>(list) + 1) * ENTRY;
  for (let entry = list + ENTRY; entry < end; entry += ENTRY) {
    const counter = ends + endOffset(entry);
    store<u32>(counter, load<u32>(counter) + 1);
  }
}

/** Adds a row to the lists of its pixels. */
function listPixels(list: usize, row: u32, ends: usize, entries: usize): void {
  const rowOffset: u32 = row * <u32>PANEL_STEP;
  const end = list + <usize>(load<u32>(list) + 1) * ENTRY;
  for (let entry = list + ENTRY; entry < end; entry += ENTRY) {
    const cursor = ends + endOffset(entry);
    const count = load<u32>(cursor);
    store<u32>(cursor, count + 1);
    const to = entries + <usize>count * ENTRY;
    store<u32>(to, rowOffset);
    store<f32>(to, load<f32>(entry, 4), 4);
  }
}

/** Of the entry's pixel among the ends, in bytes. */
// @ts-ignore: decorator
@inline
function endOffset(entry: usize): usize {
  return <usize>(load<u32>(entry) / <u32>PANEL_STEP + 1) << 2;
}
