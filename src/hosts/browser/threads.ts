// The page's end of WASM threads. A worker could start its own, but in Firefox that stands still for good now
// and then (about once in fifty times); and only direct messages between page and worker carry shared memory
// there reliably.

/** Far longer than a script takes to load and a thread to begin. */
const PATIENCE = 20_000;

/** A thread that fails says so at once; one that hangs says nothing. */
const FAILURE_MILLISECONDS = 1000;

const NOT_LOADED = 'its script could not be loaded';

/** The helper threads of one worker, by numbers of its choice; Comlink exposes them to it. */
export class Threads {
  /** What the worker asks for afterwards is not started any more. */
  protected ended = false;
  private readonly workers = new Map<number, Worker>();
  /** What threads failed with. */
  private readonly problems = new Map<number, string>();

  /** @param startWorker starts src/engine/wasm/thread_browser.ts, which bundlers find where it is written */
  constructor(private readonly startWorker: () => Worker) {}

  /** Starts a thread that is not there yet, so that its script loads before it is to begin. */
  start(thread: number): void {
    if (this.ended || this.workers.has(thread)) return;
    const worker = this.startWorker();
    this.workers.set(thread, worker);
    worker.onerror = ({ message }) => this.problems.set(thread, message || NOT_LOADED);
  }

  /**
   * Settles when the thread waits for the first job. One that is new starts; others must have ended the last
   * one.
   * @param start a ThreadStart (src/engine/wasm/thread.ts)
   * @throws Error if the thread cannot begin
   */
  async begin(thread: number, start: unknown): Promise<void> {
    if (this.ended) throw new Error('the threads were ended');
    this.start(thread);
    const worker = this.workers.get(thread)!;
    const problem = this.problems.get(thread);
    this.problems.delete(thread);
    if (problem !== undefined) {
      this.workers.delete(thread);
      worker.terminate();
      throw new Error(`a WASM thread failed: ${problem}`);
    }
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        clearTimeout(late);
        this.problems.set(thread, why);
        reject(new Error(`a WASM thread failed: ${why}`));
      };
      const late = setTimeout(fail, PATIENCE, `it did not begin in ${PATIENCE / 1000} s`);
      worker.onmessage = ({ data: problem }: MessageEvent<string | undefined>) => {
        clearTimeout(late);
        if (problem === undefined) resolve();
        else fail(problem);
      };
      worker.onmessageerror = () => fail('its message could not be read');
      worker.onerror = ({ message }) => fail(message || NOT_LOADED);
      worker.postMessage(start);
    });
  }

  /**
   * Ends a thread that may not come back to its event loop.
   * @returns what it failed with, if it said so
   */
  async abandon(thread: number): Promise<string | undefined> {
    const end = performance.now() + FAILURE_MILLISECONDS;
    while (!this.problems.has(thread) && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 50));
    this.workers.get(thread)?.terminate();
    this.workers.delete(thread);
    return this.problems.get(thread);
  }

  terminate(): void {
    this.ended = true;
    for (const worker of this.workers.values()) worker.terminate();
  }
}
