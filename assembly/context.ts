// What a thread knows beside its operands: written once for each program by src/engine/wasm/engine.ts.
@unmanaged
export class Context {
  thread: u32;
  threads: u32;
  /** Rows that activations and gradients have room for, a multiple of BLOCK. */
  capacity: u32;
  /** This thread's own memory: five tiles, then room for four transposed panels of the largest kernel. */
  scratch: usize;
  /** Calls so far whose items threads take from each other (share.ts). */
  calls: u32;
  /** Threads, counted from this one, from whose shares nothing is left to take. */
  through: u32;
}
