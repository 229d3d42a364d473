// The page's end of the worker: calls that settle also when the worker dies.
import * as Comlink from 'comlink';
import type { EngineWorker } from './engine_worker.ts';
import { Threads } from './threads.ts';

/** The worker ended before it answered. */
export class WorkerEnded extends Error {
  override name = 'WorkerEnded';

  /** @param wanted the page ended it */
  constructor(
    reason: string,
    readonly wanted: boolean,
  ) {
    super(reason);
  }
}

export class EngineClient {
  /** Rejects with {@link WorkerEnded} when the worker is gone; never resolves. */
  readonly ended: Promise<never>;
  private readonly worker: Worker;
  private readonly threads = new Threads();
  private readonly remote: Comlink.Remote<EngineWorker>;
  private end!: (reason: WorkerEnded) => void;

  constructor() {
    const name = `mnist-kernels-engine-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    this.worker = new Worker(new URL('./engine_worker.ts', import.meta.url), { type: 'module', name });
    Comlink.expose(this.threads, this.worker);
    this.remote = Comlink.wrap<EngineWorker>(this.worker);
    this.ended = new Promise<never>((_, reject) => {
      this.end = reject;
    });
    this.ended.catch(() => {});
    this.worker.addEventListener('error', (event) => this.fail(event.message || 'it could not be loaded'));
    this.worker.addEventListener('messageerror', () => this.fail('a message could not be read'));
    void this.call((remote) => remote.ready())
      .then(() => navigator.locks?.request(name, () => this.fail('it ended unexpectedly')))
      .catch(() => {});
  }

  /** @throws WorkerEnded if the worker dies first, else what the worker threw */
  call<T>(run: (remote: Comlink.Remote<EngineWorker>) => Promise<T>): Promise<T> {
    return Promise.race([run(this.remote), this.ended]);
  }

  /** Ends the worker at once, whatever it is doing. */
  terminate(): void {
    this.endWith(new WorkerEnded('it was stopped', true));
  }

  private fail(reason: string): void {
    this.endWith(new WorkerEnded(reason, false));
  }

  private endWith(reason: WorkerEnded): void {
    this.worker.terminate();
    this.threads.terminate();
    this.end(reason);
  }
}
