// What a thread knows beside its operands: written once for each program by src/engine/wasm/engine.ts.
@unmanaged
export class Context {
  thread: u32;
  threads: u32;
  /** Rows that activations and gradients have room for, a multiple of BLOCK. */
  capacity: u32;
  /** This thread's own memory: five tiles, then room for four transposed panels of the largest kernel. */
  scratch: usize;
}
