// x[r, i] = images[order[step.first + r], i] >> 1, and the labels to targets. Threads own blocks of rows.
import { ENTRY, rowList } from './active';
import { Context } from './context';
import { words } from './int8';
import { BLOCK, BLOCK_STEP, blockStride, blocks, PANEL_STEP } from './layout';
import { shareBegin } from './share';
import { Step } from './step';
import { tileToBlock } from './tile';

/** Eight words of six rows make a tile. */
const TILE_PIXELS: u32 = 32;

export function gather_batch_int8(
  images: usize, // uint8 [samples, inputs]
  labels: usize, // uint8 [samples]
  order: usize, // uint32 [samples]
  x: usize, // uint8 [rows, inputs] as blocks of words
  targets: usize, // uint32 [rows]
  inputs: u32,
  step: Step,
  context: Context,
): void {
  const tile = context.scratch;
  const stride = blockStride(words(inputs));
  const count = blocks(step.rows);
  const end = shareBegin(count, context.thread + 1, context.threads);
  for (let block = shareBegin(count, context.thread, context.threads); block < end; block++) {
    const last = min((block + 1) * BLOCK, step.rows);
    for (let r = block * BLOCK; r < last; r++) {
      const sample = load<u32>(order + (<usize>(step.first + r) << 2));
      store<u32>(targets + (<usize>r << 2), load<u8>(labels + sample));
    }
    for (let i: u32 = 0; i < inputs; i += TILE_PIXELS) {
      for (let r = block * BLOCK; r < last; r++) {
        const image = images + <usize>load<u32>(order + (<usize>(step.first + r) << 2)) * inputs;
        const to = tile + <usize>(r - block * BLOCK) * PANEL_STEP;
        v128.store(to, quantised(image + i));
        v128.store(to, quantised(image + i + 16), 16);
      }
      tileToBlock(tile, x + <usize>block * stride + <usize>(i / 4) * BLOCK_STEP);
    }
  }
}

/** Lists the words that are not zero instead: as active.ts says, with four pixels in place of a float. */
export function gather_batch_int8_active(
  images: usize,
  labels: usize,
  order: usize,
  lists: usize,
  targets: usize,
  inputs: u32,
  step: Step,
  context: Context,
): void {
  const count = blocks(step.rows);
  const begin = shareBegin(count, context.thread, context.threads) * BLOCK;
  const end = min(shareBegin(count, context.thread + 1, context.threads) * BLOCK, step.rows);
  for (let r = begin; r < end; r++) {
    const sample = load<u32>(order + (<usize>(step.first + r) << 2));
    store<u32>(targets + (<usize>r << 2), load<u8>(labels + sample));
    listWords(images + <usize>sample * inputs, rowList(lists, r, words(inputs)), words(inputs), context.scratch);
  }
}

/** Sixteen pixels at a time, and of those the words that are not zero. */
function listWords(image: usize, list: usize, count: u32, scratch: usize): void {
  let entry = list + ENTRY;
  for (let first: u32 = 0; first < count; first += 4) {
    const pixels = quantised(image + 4 * first);
    let mask = i32x4.bitmask(i32x4.ne(pixels, i32x4.splat(0)));
    if (count - first < 4) mask &= (1 << (count - first)) - 1;
    if (mask == 0) continue;
    v128.store(scratch, pixels);
    for (; mask != 0; mask &= mask - 1, entry += ENTRY) {
      const n: u32 = ctz(mask);
      store<u32>(entry, (first + n) * <u32>PANEL_STEP);
      store<u32>(entry, load<u32>(scratch + (<usize>n << 2)), 4);
    }
  }
  store<u32>(list, <u32>((entry - list) / ENTRY) - 1);
}

/** Past a row's end it takes what follows in memory, which meets weights that are zero. */
// @ts-ignore: decorator
@inline
function quantised(pixels: usize): v128 {
  return i8x16.shr_u(v128.load(pixels), 1);
}
