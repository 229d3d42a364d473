// The page's end of a worker: calls that settle also when the worker dies.
import * as Comlink from 'comlink';
import { Failure } from '../../failure.ts';
import type { Lifeline } from './lifeline.ts';

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

/** A worker that exposes `Api`. */
export class WorkerClient<Api extends Lifeline> {
  /** Rejects with {@link WorkerEnded} when the worker is gone; never resolves. */
  readonly ended: Promise<never>;
  private readonly worker: Worker;
  private readonly remote: Comlink.Remote<Api>;
  private readonly failure = new Failure();
  private end!: (reason: WorkerEnded) => void;

  /** @param start starts the worker under a name that no other has */
  constructor(kind: string, start: (name: string) => Worker) {
    const name = `mnist-kernels-${kind}-${crypto.getRandomValues(new Uint32Array(2)).join('-')}`;
    this.worker = start(name);
    this.remote = Comlink.wrap<Api>(this.worker);
    this.ended = new Promise<never>((_, reject) => {
      this.end = reject;
    });
    this.ended.catch(() => {});
    this.worker.addEventListener('error', (event) => this.fail(event.message || 'it could not be loaded'));
    this.worker.addEventListener('messageerror', () => this.fail('a message could not be read'));
    const lifeline = this.remote as unknown as Comlink.Remote<Lifeline>;
    void this.failure
      .during(lifeline.ready())
      .then(() => navigator.locks?.request(name, () => this.fail('it ended unexpectedly')))
      .catch(() => {});
  }

  /** @throws WorkerEnded if the worker dies first, else what the worker threw */
  call<T>(run: (remote: Comlink.Remote<Api>) => Promise<T>): Promise<T> {
    return this.failure.during(run(this.remote));
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
    this.failure.raise(reason);
    this.end(reason);
  }
}
