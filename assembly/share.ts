// How threads divide work: each tile of the output is computed whole by one thread, so no sum depends on how threads
// interleave. Small calls are divided once. Of large ones each thread has a share of items, and who is through with
// its own helps others: processors may be unequal, or busy with something else.
import { Context } from './context';

/** Bytes from one thread's context to the next; CONTEXT_BYTES in src/engine/wasm/memory_map.ts. */
const CONTEXT_BYTES: usize = 128;
/**
 * Where a share's state lies behind its thread's context, on a cache line of its own: the call in the upper 32 bits,
 * then 16 bits of items taken from the share's end, and 16 of those taken from its beginning.
 */
const TAKEN: usize = 64;
const FROM_END: u32 = 0x10000;

/** Items of a thread's share, at least, where a call can be divided so. */
const ITEMS: u32 = 8;

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

/** Parts of each of `count` items, so that threads have enough to take from each other; at most `most`. */
export function partsOf(count: u32, most: u32, threads: u32): u32 {
  if (threads == 1) return 1;
  return max<u32>(1, min<u32>(most, (ITEMS * threads + count - 1) / count));
}

/** Before a call's first item. All threads make the same calls in the same order. */
export function beginItems(context: Context): void {
  context.calls++;
  context.through = 0;
}

/**
 * The next of `count` items (65535 a thread at most), or -1 if all are taken. A thread takes its own share from the
 * beginning, which its cache is ready for, and then from the ends of others'.
 */
export function nextItem(count: u32, context: Context): i32 {
  const thread = context.thread, threads = context.threads, calls = context.calls;
  for (; context.through < threads; context.through++) {
    const owner = (thread + context.through) % threads;
    const begin = shareBegin(count, owner, threads);
    const items = shareBegin(count, owner + 1, threads) - begin;
    const state = changetype<usize>(context) + (<usize>owner - <usize>thread) * CONTEXT_BYTES + TAKEN;
    for (;;) {
      const seen = ASC_FEATURE_THREADS ? atomic.load<u64>(state) : load<u64>(state);
      const ahead = <i32>(<u32>(seen >> 32) - calls);
      // Its owner is at a later call, as nothing of this one was left.
      if (ahead > 0) break;
      const taken: u32 = ahead == 0 ? <u32>seen : 0;
      const fromBeginning = taken & (FROM_END - 1);
      const fromEnd = taken / FROM_END;
      if (fromBeginning + fromEnd == items) break;
      const isOwn = owner == thread;
      const next = (<u64>calls << 32) | <u64>(taken + (isOwn ? 1 : FROM_END));
      if (!replace(state, seen, next)) continue;
      return isOwn ? begin + fromBeginning : begin + items - 1 - fromEnd;
    }
  }
  return -1;
}

/** Whether nobody was faster. */
function replace(state: usize, seen: u64, next: u64): bool {
  if (ASC_FEATURE_THREADS) return atomic.cmpxchg<u64>(state, seen, next) == seen;
  store<u64>(state, next);
  return true;
}
