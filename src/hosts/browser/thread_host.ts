// A browser's processors and threads, all that the WASM engine needs of it.
import type { Remote } from 'comlink';
import type { Thread, ThreadHost } from '../../engine/host.ts';
import { sharedMemoryUnavailable } from './shared_memory.ts';
import type { Threads } from './threads.ts';

/** @param page starts the threads; left out, there are none */
export function threadHost(page?: Remote<Threads>): ThreadHost {
  return {
    processors: navigator.hardwareConcurrency || 1,
    threadsUnavailable: threadsUnavailable(page !== undefined),
    spawnThread: () => spawnThread(page!),
  };
}

function threadsUnavailable(startable: boolean): string | undefined {
  if (typeof document !== 'undefined')
    return 'the engine runs in the page itself, where a thread must not wait';
  if (!startable) return 'this worker has no page that starts threads';
  return sharedMemoryUnavailable;
}

/** Threads that are free: one that ended its work is used again, also by another engine. */
const idle: number[] = [];
let started = 0;

function spawnThread(page: Remote<Threads>): Thread {
  const thread = idle.pop() ?? started++;
  return {
    begin: (start) => page.begin(thread, start),
    end: () => void idle.push(thread),
    abandon: () => page.abandon(thread),
  };
}
