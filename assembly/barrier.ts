// Where all threads of a step meet between two kernels. Builds without threads pass through.

/** Looks this often before it sleeps: kernels of a small network are over in microseconds. */
const SPINS: u32 = 20_000;

/** A thread that never comes ends the wait after this long (nanoseconds). */
const TIMEOUT: i64 = 60_000_000_000;

/**
 * Waits until `threads` threads have called it.
 * @param address two zeroed 32-bit words: threads that have arrived, and the generation
 * @returns whether all came
 */
export function barrier(address: usize, threads: u32): bool {
  if (!ASC_FEATURE_THREADS || threads == 1) return true;
  const generation = atomic.load<u32>(address, 4);
  if (atomic.add<u32>(address, 1) == threads - 1) {
    atomic.store<u32>(address, 0);
    atomic.store<u32>(address, generation + 1, 4);
    atomic.notify(address + 4, -1);
    return true;
  }
  for (let spin: u32 = 0; spin < SPINS; spin++) {
    if (atomic.load<u32>(address, 4) != generation) return true;
  }
  while (atomic.load<u32>(address, 4) == generation) {
    if (atomic.wait<u32>(address + 4, generation, TIMEOUT) == AtomicWaitResult.TIMED_OUT) return false;
  }
  return true;
}
