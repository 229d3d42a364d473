// How threads divide work: each owns whole tiles of the output, so no sum depends on how threads interleave.

/** First item of `thread`'s share of `count` items; its end is the next thread's first. */
// @ts-ignore: decorator
@inline
export function shareBegin(count: u32, thread: u32, threads: u32): u32 {
  return <u32>((<u64>count * thread) / threads);
}

/** The busiest thread's items when `count` are shared, as a multiple of the mean: 1 is perfect. */
function imbalance(count: u32, threads: u32): f32 {
  return <f32>(((count + threads - 1) / threads) * threads) / <f32>count;
}

/** Whether to share the first of two dimensions rather than the second. */
export function sharesFirst(first: u32, second: u32, threads: u32): bool {
  return imbalance(first, threads) <= imbalance(second, threads);
}
