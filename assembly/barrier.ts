// Where all threads of a step meet between two kernels. Builds without threads pass through.

/**
 * A sleep lasts this long at most (nanoseconds): a browser that ends a thread must find it awake now and
 * then.
 */
const SLEEP: i64 = 50_000_000;

/** A thread that never comes, and has not said why, ends the wait after so many sleeps: a minute. */
const SLEEPS: u32 = 1200;

/**
 * Waits until `threads` threads have called it.
 * @param address three zeroed 32-bit words: threads that have arrived, the generation, and whether one failed
 * @param spins looks this often before it sleeps: waking up takes longer than most kernels of a small network
 * @returns 0 if not all came, 1 if they came while it looked, 2 if it had gone to sleep
 */
export function barrier(address: usize, threads: u32, spins: u32): u32 {
  if (!ASC_FEATURE_THREADS || threads == 1) return 1;
  const generation = atomic.load<u32>(address, 4);
  if (atomic.add<u32>(address, 1) == threads - 1) {
    atomic.store<u32>(address, 0);
    atomic.store<u32>(address, generation + 1, 4);
    atomic.notify(address + 4, -1);
    return 1;
  }
  for (let spin: u32 = 0; spin < spins; spin++) {
    if (atomic.load<u32>(address, 4) != generation) return 1;
  }
  for (let sleep: u32 = 0; sleep < SLEEPS; sleep++) {
    atomic.wait<u32>(address + 4, generation, SLEEP);
    if (atomic.load<u32>(address, 4) != generation) return 2;
    if (atomic.load<u32>(address, 8) != 0) return 0;
  }
  return 0;
}
