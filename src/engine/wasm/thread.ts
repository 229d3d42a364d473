// A helper thread: it sleeps until the engine announces a job in shared memory, executes its share, and
// sleeps again. No message passes once it runs.
import { type Crew, execute, instantiate } from './execute.ts';
import { BARRIER, BARRIER_OFFSET, JOB, JOB_OFFSET, LEAVE, PROGRAMS, type Programs } from './memory_map.ts';

export interface ThreadStart {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  readonly programs: Programs;
  readonly crew: Crew;
}

/** The engine's end: wakes the helper threads of this memory. */
export function announce(memory: WebAssembly.Memory, program: number, steps: number): void {
  const job = new Int32Array(memory.buffer, JOB_OFFSET, JOB.words);
  job[JOB.program] = program;
  job[JOB.steps] = steps;
  Atomics.add(job, JOB.sequence, 1);
  Atomics.notify(job, JOB.sequence);
}

/** A browser that ends a thread must find it awake now and then. */
const SLEEP_MILLISECONDS = 200;

/** Returns when the engine announces LEAVE; the thread is then free for another program. */
export async function serve(start: ThreadStart, ready: () => void): Promise<void> {
  const kernels = await instantiate(start.modules, start.memory);
  const job = new Int32Array(start.memory.buffer, JOB_OFFSET, JOB.words);
  let sequence = Atomics.load(job, JOB.sequence);
  ready();
  for (;;) {
    Atomics.wait(job, JOB.sequence, sequence, SLEEP_MILLISECONDS);
    const announced = Atomics.load(job, JOB.sequence);
    if (announced === sequence) continue;
    sequence = announced;
    if (job[JOB.program] === LEAVE) return;
    const instructions = start.programs[PROGRAMS[job[JOB.program]]];
    try {
      execute(kernels, instructions, job[JOB.steps], start.crew);
    } catch (error) {
      giveUp(start.memory);
      throw error;
    }
  }
}

/**
 * Tells all who wait at the barrier of this memory, or will, that not all will come: nothing runs in it
 * again.
 */
export function giveUp(memory: WebAssembly.Memory): void {
  const barrier = new Int32Array(memory.buffer, BARRIER_OFFSET, BARRIER.words);
  Atomics.store(barrier, BARRIER.failed, 1);
  Atomics.notify(barrier, BARRIER.generation);
}
