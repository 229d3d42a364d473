// The page's end of the worker that tries texts: one that does not come back within its limit is ended, and the
// next trial has a new one.
import * as Comlink from 'comlink';
import { InputError } from '../../errors.ts';
import { WorkerClient } from '../../hosts/browser/worker_client.ts';
import { LIMITS, type Phase } from './trial.ts';
import type { TrialWorker } from './trial_worker.ts';

type Remote = Comlink.Remote<TrialWorker>;
type OnPhase = (phase: Phase) => void;

const WHAT: { readonly [P in Phase]: string } = {
  open: 'The device did not open',
  compile: 'The text was not compiled',
  run: 'The kernel did not end',
  time: 'The kernel was not timed',
};

export class Trials {
  private client: WorkerClient<TrialWorker> | undefined;

  /** @param limits other than those of the page, for tests */
  constructor(private readonly limits: { readonly [P in Phase]: number } = LIMITS) {}

  /**
   * Calls the worker.
   * @param call gets what it is to tell its phases by
   * @throws InputError if it did not come back in time: the worker is then ended; else what the worker threw
   */
  async run<T>(call: (remote: Remote, onPhase: OnPhase & Comlink.ProxyMarked) => Promise<T>): Promise<T> {
    const client = this.started();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const watch = (phase: Phase) => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          // First, as what ends with the worker says less.
          reject(new InputError(`${WHAT[phase]} within ${this.limits[phase] / 1000} seconds, and was ended`));
          this.end();
        }, this.limits[phase]);
      };
      watch('open');
      this.watch = watch;
    });
    try {
      const onPhase = Comlink.proxy((phase: Phase) => this.watch(phase));
      return await Promise.race([client.call((remote) => call(remote, onPhase)), late]);
    } finally {
      clearTimeout(timer);
      this.watch = () => {};
    }
  }

  private watch: OnPhase = () => {};

  /** What is under way ends as soon as it can. */
  stop(): void {
    this.client?.call((remote) => remote.stop()).catch(() => {});
  }

  /** Ends the worker, whatever it does. */
  end(): void {
    this.client?.terminate();
    this.client = undefined;
  }

  private started(): WorkerClient<TrialWorker> {
    if (this.client) return this.client;
    const client = new WorkerClient<TrialWorker>(
      'trial',
      (name) => new Worker(new URL('./trial_worker.ts', import.meta.url), { type: 'module', name }),
    );
    this.client = client;
    client.ended.catch(() => {
      if (this.client === client) this.client = undefined;
    });
    return client;
  }
}
