// The worker that computes, and the data set that it holds: started on demand, and anew when it ends.
import type * as Comlink from 'comlink';
import type { Backend } from '../../engine/engine.ts';
import { messageOf } from '../../errors.ts';
import { EngineClient, WorkerEnded } from '../worker/engine_client.ts';
import type { EngineWorker } from '../worker/engine_worker.ts';
import type { DatasetShape } from './form.ts';
import type { Specimen } from './peek.ts';
import type { SessionState } from './state.ts';
import type { Store } from './store.ts';

/** What a session makes of the connection's events. */
interface Listener {
  /** The backend that the form names cannot run here. */
  missing(backend: Backend, why: string): void;
  /** A data set of another shape than before is there. */
  loaded(shape: DatasetShape): void;
  /** The images that a training is watched with. */
  specimens(specimens: readonly Specimen[]): void;
  /** The worker ended, with what it was doing. */
  ended(reason: WorkerEnded): void;
}

export class EngineConnection {
  /** None after one that did not start. */
  private client: EngineClient | undefined;
  /** The worker has answered: if it ends now, another may do better. */
  private probed = false;
  private loaded: Promise<void> = Promise.resolve();
  /** The worker holds a data set. */
  private hasData = false;
  /** The data set's files; none for MNIST. */
  private files: File[] | undefined;

  constructor(
    private readonly store: Store<SessionState>,
    private readonly listener: Listener,
  ) {}

  connect(): void {
    const client = new EngineClient();
    this.client = client;
    this.hasData = false;
    this.probed = false;
    client.ended.catch((reason: WorkerEnded) => this.recover(reason));
    this.loaded = this.load(this.files);
    void this.probe(client);
  }

  /** Reads four IDX files, or with none goes back to MNIST. */
  chooseDataset(files?: File[]): Promise<void> {
    if (this.store.state.phase !== 'idle' || this.store.state.loading) return this.loaded;
    this.store.update({ problem: undefined });
    if (!this.client) this.connect();
    this.loaded = this.load(files);
    return this.loaded;
  }

  /** Waits for the data, starting the worker and reading the files again if that failed before. */
  async prepare(): Promise<EngineClient | undefined> {
    if (!this.client) this.connect();
    await this.loaded;
    if (!this.hasData && this.client) {
      this.loaded = this.load(this.files);
      await this.loaded;
    }
    return this.hasData ? this.client : undefined;
  }

  /** Calls the worker that holds the data set, once it does. @throws Error if there is none */
  async ask<T>(call: (remote: Comlink.Remote<EngineWorker>) => Promise<T>): Promise<T> {
    const client = await this.prepare();
    if (!client) throw new Error(this.store.state.problem?.message ?? 'the data set could not be loaded');
    return client.call(call);
  }

  /** What is said to a worker that has just ended does not matter. */
  tell(call: (remote: Comlink.Remote<EngineWorker>) => Promise<void>): void {
    this.client?.call(call).catch(() => {});
  }

  terminate(): void {
    this.client?.terminate();
  }

  /** A new worker takes the place of one that ended, at once unless that one did not even start. */
  private recover(reason: WorkerEnded): void {
    this.listener.ended(reason);
    if (this.probed) this.connect();
    else this.client = undefined;
  }

  private async probe(client: EngineClient): Promise<void> {
    try {
      const engines = await client.call((remote) => remote.probe());
      this.probed = true;
      this.store.update({ engines });
      const { backend } = this.store.state.values;
      const chosen = engines.find((engine) => engine.backend === backend);
      if (chosen?.unavailable) this.listener.missing(chosen.backend, chosen.unavailable);
    } catch (error) {
      if (!(error instanceof WorkerEnded)) this.store.update({ problem: { message: messageOf(error) } });
    }
  }

  private async load(files: File[] | undefined): Promise<void> {
    const { client } = this;
    if (!client) return;
    this.store.update({ loading: true });
    try {
      const base = new URL('.', document.baseURI).href;
      const { shape, preview, specimens } = await client.call((remote) => remote.load(base, files));
      if (client !== this.client) return;
      this.files = files;
      this.hasData = true;
      const { shape: old } = this.store.state;
      this.store.update({ shape, preview, loading: false });
      this.listener.specimens(specimens);
      const sameForm = old.width * old.height === shape.width * shape.height && old.classes === shape.classes;
      if (!sameForm) this.listener.loaded(shape);
      if (this.store.state.phase === 'idle') this.store.update({ status: 'Ready' });
    } catch (error) {
      if (client !== this.client) return;
      this.store.update({ loading: false });
      if (!(error instanceof WorkerEnded)) {
        this.store.update({ problem: { message: messageOf(error), field: 'dataset' }, status: 'Ready' });
      }
    }
  }
}
