// What every thread does with a program: each step, each kernel, its share; where one call needs what another
// wrote, it waits for the others.
import { STEP_BYTES } from '../../network/step.ts';
import { BARRIER_OFFSET, type Instruction, STEPS_OFFSET } from './memory_map.ts';

export interface KernelExports {
  readonly barrier: (address: number, threads: number, spins: number) => number;
  readonly roofline: (rounds: number) => number;
  readonly [kernel: string]: (...args: number[]) => number | undefined;
}

/** Modules over one memory. @returns all that they export */
export async function instantiate(
  modules: readonly WebAssembly.Module[],
  memory: WebAssembly.Memory,
): Promise<KernelExports> {
  const env = { memory, abort: (_message: number, _file: number, line: number) => abort(line) };
  const instances = await Promise.all(modules.map((module) => WebAssembly.instantiate(module, { env })));
  return Object.assign({}, ...instances.map(({ exports }) => exports)) as KernelExports;
}

function abort(line: number): never {
  throw new Error(`a WASM kernel stopped at line ${line}`);
}

/** Who executes: one thread among others. */
export interface Crew {
  /** Byte offset of this thread's context. */
  readonly context: number;
  readonly threads: number;
  /**
   * Looks at a barrier before it sleeps. It begins with {@link MOST_SPINS}, and goes on with as many as pay.
   */
  spins: number;
}

/** About a millisecond: waking up takes longer than most kernels of a small network. */
export const MOST_SPINS = 400_000;
const FEWEST_SPINS = 1000;
/**
 * A run begins with so many at least, which take as long as waking up: with few looks most waits end in a sleep, and the
 * looks would stay few.
 */
const FIRST_SPINS = 25_000;

/** What assembly/barrier.ts returns. */
const NOT_ALL_CAME = 0;
const SLEPT = 2;

/**
 * @throws Error if another thread does not come to a barrier
 */
export function execute(
  kernels: KernelExports,
  instructions: readonly Instruction[],
  steps: number,
  crew: Crew,
): void {
  const { barrier } = kernels;
  const { context, threads } = crew;
  crew.spins = Math.max(crew.spins, FIRST_SPINS);
  for (let step = 0; step < steps; step++) {
    const address = STEPS_OFFSET + step * STEP_BYTES;
    for (const { kernel, args, wait } of instructions) {
      kernels[kernel](...args, address, context);
      if (!wait) continue;
      const came = barrier(BARRIER_OFFSET, threads, crew.spins);
      if (came === NOT_ALL_CAME) throw new Error('a WASM thread stopped answering');
      crew.spins = patience(crew.spins, came === SLEPT);
    }
  }
}

/**
 * Where threads share processors the one that looks keeps another from coming; nobody tells which have one of
 * their own (WebKit speaks of four processors where there are two). So the looks become fewer while more than
 * a third of the waits end in a sleep, and more while fewer do.
 */
function patience(spins: number, slept: boolean): number {
  return slept ? Math.max(FEWEST_SPINS, 0.75 * spins) : Math.min(MOST_SPINS, 1.125 * spins);
}
