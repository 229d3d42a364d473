// A helper thread: it sleeps until the engine announces a job in shared memory, executes its share, and sleeps again.
// No message passes once it runs.
import { PHASES } from '../../network/plan.ts';
import { execute, instantiate } from './execute.ts';
import { JOB, JOB_OFFSET, LEAVE, type Program } from './layout.ts';

/** The message that ends a thread in a browser. */
export const END = 'end';

export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly program: Program;
  readonly thread: number;
  readonly threads: number;
}

/** Returns when the engine announces LEAVE; the thread is then free for another program. */
export async function serve(start: ThreadStart, ready: () => void): Promise<void> {
  const kernels = await instantiate(start.module, start.memory);
  const job = new Int32Array(start.memory.buffer, JOB_OFFSET, JOB.words);
  let sequence = Atomics.load(job, JOB.sequence);
  ready();
  for (;;) {
    Atomics.wait(job, JOB.sequence, sequence);
    const announced = Atomics.load(job, JOB.sequence);
    if (announced === sequence) continue;
    sequence = announced;
    if (job[JOB.phase] === LEAVE) return;
    execute(kernels, start.program[PHASES[job[JOB.phase]]], job[JOB.steps], start.thread, start.threads);
  }
}
