// x[r, i] = images[order[step.first + r], i] >> 1, and the labels to targets. Threads own blocks of rows.
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

/** Past a row's end it takes what follows in memory, which meets weights that are zero. */
// @ts-ignore: decorator
@inline
function quantised(pixels: usize): v128 {
  return i8x16.shr_u(v128.load(pixels), 1);
}
