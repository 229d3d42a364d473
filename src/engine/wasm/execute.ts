// What every thread does with a program: each step, each kernel, its share; where one call needs what another wrote, it
// waits for the others.
import { STEP_BYTES } from '../../network/kernels.ts';
import { BARRIER_OFFSET, type Instruction, STEPS_OFFSET } from './layout.ts';

export interface KernelExports {
  readonly barrier: (address: number, threads: number, spins: number) => number;
  readonly roofline: (rounds: number) => number;
  readonly [kernel: string]: (...args: number[]) => number | undefined;
}

export async function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Promise<KernelExports> {
  const instance = await WebAssembly.instantiate(module, {
    env: { memory, abort: (_message: number, _file: number, line: number) => abort(line) },
  });
  return instance.exports as KernelExports;
}

function abort(line: number): never {
  throw new Error(`a WASM kernel stopped at line ${line}`);
}

/** Who executes: one thread among others. */
export interface Crew {
  /** Byte offset of this thread's context. */
  readonly context: number;
  readonly threads: number;
  /** Looks at a barrier before it sleeps: many where every thread has a processor, few where they share. */
  readonly spins: number;
}

/**
 * @throws Error if another thread does not come to a barrier
 */
export function execute(
  kernels: KernelExports,
  instructions: readonly Instruction[],
  steps: number,
  { context, threads, spins }: Crew,
): void {
  const { barrier } = kernels;
  for (let step = 0; step < steps; step++) {
    const address = STEPS_OFFSET + step * STEP_BYTES;
    for (const { kernel, args, wait } of instructions) {
      kernels[kernel](...args, address, context);
      if (wait && !barrier(BARRIER_OFFSET, threads, spins))
        throw new Error('a WASM thread stopped answering');
    }
  }
}
