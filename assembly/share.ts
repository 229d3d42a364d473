// How threads divide work: each owns whole tiles of the output, so no sum depends on how threads interleave.

/** First item of `thread`'s share of `count` items in tiles of `tile`; its end is the next thread's first. */
// @ts-ignore: decorator
@inline
export function shareBegin(count: u32, tile: u32, thread: u32, threads: u32): u32 {
  const tiles: u64 = (<u64>count + tile - 1) / tile;
  return <u32>min<u64>(count, ((tiles * thread) / threads) * tile);
}
