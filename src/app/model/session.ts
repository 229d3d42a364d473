// What the views share: the engines, the data set, the training under way and the runs that are kept. Views draw the state
// and call the actions.
import * as Comlink from 'comlink';
import type { EngineInfo } from '../../engine/engine.ts';
import type { Availability } from '../../engine/open.ts';
import { messageOf } from '../../errors.ts';
import type { TrainEvent, TrainJob } from '../../jobs/job.ts';
import type { EpochReport, Progress } from '../../training/trainer.ts';
import type { Digit } from '../parts/digit_image.ts';
import * as format from '../parts/format.ts';
import type { Router } from '../router.ts';
import { EngineClient, WorkerEnded } from '../worker/engine_client.ts';
import type { Beginning, EngineWorker, TrainedRun } from '../worker/engine_worker.ts';
import { sharedMemoryUnavailable } from '../worker/shared_memory.ts';
import { claim, forget, listUnfinished, type Unfinished } from '../worker/unfinished.ts';
import { CurveRecorder, type Curves } from './curves.ts';
import {
  checkForm,
  type DatasetShape,
  type Field,
  type FormValues,
  fitNetwork,
  fromParams,
  MNIST,
  recipeValues,
  toParams,
} from './form.ts';
import { deleteRun, type KeptRun, keepRun, listRuns, modelOf, renameRun } from './kept_runs.ts';

export type Phase = 'idle' | 'starting' | 'training' | 'paused' | 'stopping';

export interface SessionState {
  readonly values: FormValues;
  /** What is wrong, next to the form; `field` if one of its fields is. */
  readonly problem?: { readonly message: string; readonly field?: Field | 'dataset' };
  readonly engines?: readonly Availability[];
  readonly shape: DatasetShape;
  readonly preview: readonly Digit[];
  readonly loading: boolean;
  readonly phase: Phase;
  /** Read out by screen readers when it changes. */
  readonly status: string;
  readonly engine?: EngineInfo;
  readonly progress?: Progress;
  readonly epochs: readonly EpochReport[];
  readonly curves?: { readonly loss: Curves; readonly accuracy: Curves };
  /** The last training of this visit. */
  readonly run?: Run;
  /** Of the training that is shown. */
  readonly job?: TrainJob;
  /** The newest first. */
  readonly kept: readonly KeptRun[];
  /** Trainings that a reload or crash cut short; the newest first. */
  readonly unfinished: readonly Unfinished[];
  /** GFLOP/s that the engine of the last training could do at most. */
  readonly peak?: { readonly engine: string; readonly gflops: number };
}

/** What is trained other than the form says. */
export interface TrainRequest {
  readonly values?: FormValues;
  /** Of the run. */
  readonly name?: string;
  /** Judges by so many of the last training images, not by the test set. */
  readonly holdOut?: number;
  readonly resume?: Unfinished;
  /** After the first step. */
  readonly paused?: boolean;
}

/** A finished training with its model. */
export interface Run extends KeptRun {
  /** A safetensors file. */
  readonly model: Uint8Array;
}

export class Session {
  state: SessionState;
  /** None after one that did not start. */
  private client: EngineClient | undefined;
  /** The worker has answered: if it ends now, another may do better. */
  private probed = false;
  private loaded: Promise<void> = Promise.resolve();
  /** The worker holds a data set. */
  private hasData = false;
  /** The data set's files; none for MNIST. */
  private files: File[] | undefined;
  /** Counts trainings and workers' ends: a training that waits for its data must not begin after a stop. */
  private attempt = 0;
  private recorder = new CurveRecorder();
  private beginsPaused = false;
  private frameRequested = false;
  private readonly listeners = new Set<() => void>();

  constructor(readonly router: Router) {
    this.state = {
      values: fromParams(router.paramsOf('train')),
      shape: MNIST,
      preview: [],
      loading: true,
      phase: 'idle',
      status: 'Looking for engines',
      epochs: [],
      kept: [],
      unfinished: [],
    };
    router.listen(({ view, params }) => {
      if (view === 'train' && !this.busy) this.update({ values: fromParams(params), problem: undefined });
    });
    this.connect();
    void this.listKept();
    void this.listUnfinished();
  }

  /** Called before the next frame whenever the state has changed. @returns what ends that */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get busy(): boolean {
    return this.state.phase !== 'idle';
  }

  /** Changes fields; a complaint about them goes away once it no longer holds. */
  edit(changes: Partial<FormValues>): void {
    const values = { ...this.state.values, ...changes };
    const checked = this.state.problem && checkForm(values, this.state.shape);
    this.update({ values, problem: checked && 'problem' in checked ? checked.problem : undefined });
    this.router.keep('train', toParams(values));
  }

  chooseRecipe(name: string): void {
    const { network, ...values } = recipeValues(name);
    this.edit({ ...values, network: fitNetwork(network, this.state.shape) });
  }

  /** Reads four IDX files, or with none goes back to MNIST. */
  chooseDataset(files?: File[]): Promise<void> {
    if (this.busy || this.state.loading) return this.loaded;
    this.update({ problem: undefined });
    if (!this.client) this.connect();
    this.loaded = this.load(files);
    return this.loaded;
  }

  /**
   * Trains what the form says, or what is asked for instead.
   * @returns the run, or undefined if there is none: a message says why
   */
  async train(ask: TrainRequest = {}): Promise<Run | undefined> {
    if (this.busy) return undefined;
    const { values = this.state.values, resume } = ask;
    const checked = checkForm(values, this.state.shape);
    if ('problem' in checked) {
      this.update({ problem: checked.problem });
      return undefined;
    }
    const job = { ...checked.job, holdOut: ask.holdOut };
    // randomUUID is for secure pages only.
    const id = resume?.id ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
    this.recorder = new CurveRecorder();
    const { epochs = [], curve = [] } = resume?.snapshot ?? {};
    this.recorder.addPoints(curve);
    for (const report of epochs) this.recorder.addEpoch(report);
    const attempt = ++this.attempt;
    const release = claim(id);
    this.beginsPaused = ask.paused ?? false;
    this.update({
      phase: 'starting',
      status: 'Starting',
      problem: undefined,
      progress: undefined,
      engine: undefined,
      job,
      epochs,
      curves: this.curves(),
    });
    try {
      const client = await this.prepare();
      if (attempt !== this.attempt) return undefined;
      if (!client) {
        this.update({ phase: 'idle', status: 'Ready' });
        return undefined;
      }
      const beginning = { id, values, resume: resume?.snapshot, paused: ask.paused };
      const trained = await this.runJob(client, job, beginning);
      const run = this.runOf(trained, id, values, ask);
      this.update({ run, phase: 'idle', status: summary(run) });
      await this.keep(run);
      void this.measurePeak(run);
      return run;
    } catch (error) {
      if (error instanceof WorkerEnded) return undefined;
      this.update({ phase: 'idle', status: 'Training failed', problem: { message: messageOf(error) } });
      return undefined;
    } finally {
      release();
      void this.listUnfinished();
    }
  }

  /** Fills the form with what a run was trained with, and trains it again. */
  async repeat({ values, holdOut }: KeptRun): Promise<void> {
    if (this.busy) return;
    this.edit(values);
    await this.train({ holdOut });
  }

  /** Goes on with a training that was cut short. */
  async goOn(resume: Unfinished): Promise<void> {
    if (this.busy) return;
    const { name, train, test } = resume.shape;
    const { shape } = this.state;
    if (shape.name !== name || shape.train !== train || shape.test !== test) {
      const message = `This training is of ${name}: choose its files first, then resume.`;
      this.update({ problem: { message, field: 'dataset' } });
      return;
    }
    this.edit(resume.values);
    this.update({ unfinished: this.state.unfinished.filter(({ id }) => id !== resume.id) });
    await this.train({ resume, holdOut: resume.job.holdOut });
  }

  async discard({ id }: Unfinished): Promise<void> {
    await this.orComplain(forget(id));
    await this.listUnfinished();
  }

  /** One step more of a paused training, or the first one of a new one. */
  step(): void {
    const { phase } = this.state;
    if (phase === 'idle') void this.train({ paused: true });
    else if (phase === 'paused') this.tell((remote) => remote.step());
  }

  /**
   * The model of a kept run, or of the last one.
   * @throws Error if the browser has it no longer
   */
  async modelOf(id: string): Promise<Uint8Array> {
    const { run } = this.state;
    const model = run?.id === id ? run.model : await modelOf(id);
    if (!model) throw new Error('the model of this run is not kept any more');
    return model;
  }

  async rename(run: KeptRun, name: string): Promise<void> {
    await this.orComplain(renameRun(run, name));
    await this.listKept();
  }

  async delete({ id }: KeptRun): Promise<void> {
    await this.orComplain(deleteRun(id));
    if (this.state.run?.id === id) this.update({ run: undefined });
    await this.listKept();
  }

  /** Calls the worker that holds the data set, once it does. @throws Error if there is none */
  async ask<T>(call: (remote: Comlink.Remote<EngineWorker>) => Promise<T>): Promise<T> {
    const client = await this.prepare();
    if (!client) throw new Error(this.state.problem?.message ?? 'the data set could not be loaded');
    return client.call(call);
  }

  pause(): void {
    if (this.state.phase !== 'training') return;
    this.update({ phase: 'paused', status: 'Paused' });
    this.tell((remote) => remote.pause());
  }

  resume(): void {
    if (this.state.phase !== 'paused') return;
    this.update({ phase: 'training', status: 'Training' });
    this.tell((remote) => remote.resume());
  }

  /** The first time lets the run of steps end and keeps the model; the second time ends the worker. */
  stop(): void {
    if (!this.busy) return;
    if (this.state.phase === 'stopping' || this.state.phase === 'starting') {
      this.client?.terminate();
      return;
    }
    this.update({ phase: 'stopping', status: 'Stopping after the present steps' });
    this.tell((remote) => remote.stop());
  }

  update(changes: Partial<SessionState>): void {
    this.state = { ...this.state, ...changes };
    if (this.frameRequested) return;
    this.frameRequested = true;
    requestAnimationFrame(() => {
      this.frameRequested = false;
      for (const listener of this.listeners) listener();
    });
  }

  private runOf(
    { report, model }: TrainedRun,
    id: string,
    values: FormValues,
    { name: given, holdOut }: TrainRequest,
  ): Run {
    const { network, seed } = report;
    const curves = { loss: this.recorder.loss(), accuracy: this.recorder.accuracy() };
    const name = given ?? `${network}, seed ${seed}`;
    return { id, name, created: Date.now(), values, holdOut, report, curves, model };
  }

  /** A full disk loses nothing of what is shown. */
  private async keep({ model, ...run }: Run): Promise<void> {
    try {
      await keepRun(run, model);
      await this.listKept();
    } catch (error) {
      const message = `This run is shown but could not be kept (${messageOf(error)}): download what you need of it.`;
      this.update({ problem: { message } });
    }
  }

  /** Private windows may keep nothing: then there are none. */
  private async listKept(): Promise<void> {
    this.update({ kept: await listRuns().catch(() => []) });
  }

  private async listUnfinished(): Promise<void> {
    this.update({ unfinished: await listUnfinished().catch(() => []) });
  }

  /** Once for each engine, after a training, when nothing else goes on. */
  private async measurePeak({ report: { environment } }: Run): Promise<void> {
    const engine = engineTitle(environment);
    if (this.state.peak?.engine === engine) return;
    const gflops = await this.ask((remote) => remote.peak(environment)).catch(() => undefined);
    if (gflops !== undefined) this.update({ peak: { engine, gflops } });
  }

  private async orComplain(change: Promise<unknown>): Promise<void> {
    await change.catch((error: unknown) =>
      this.update({ problem: { message: `This browser did not keep the change: ${messageOf(error)}` } }),
    );
  }

  /** What is said to a worker that has just ended does not matter. */
  private tell(call: (remote: Comlink.Remote<EngineWorker>) => Promise<void>): void {
    this.client?.call(call).catch(() => {});
  }

  private connect(): void {
    const client = new EngineClient();
    this.client = client;
    this.hasData = false;
    this.probed = false;
    client.ended.catch((reason: WorkerEnded) => this.recover(reason));
    this.loaded = this.load(this.files);
    void this.probe(client);
  }

  /** A new worker takes the place of one that ended, at once unless that one did not even start. */
  private recover({ message, wanted }: WorkerEnded): void {
    this.attempt++;
    const lost = this.busy ? ' Press Train to start it again, or Resume where it is offered.' : '';
    this.update({
      phase: 'idle',
      status: wanted ? 'Stopped' : 'The engine stopped',
      problem: wanted ? undefined : { message: `The engine’s worker stopped: ${message}.${lost}` },
    });
    if (this.probed) this.connect();
    else this.client = undefined;
  }

  /** Waits for the data, starting the worker and reading the files again if that failed before. */
  private async prepare(): Promise<EngineClient | undefined> {
    if (!this.client) this.connect();
    await this.loaded;
    if (!this.hasData && this.client) {
      this.loaded = this.load(this.files);
      await this.loaded;
    }
    return this.hasData ? this.client : undefined;
  }

  private async probe(client: EngineClient): Promise<void> {
    try {
      const engines = await client.call((remote) => remote.probe());
      this.probed = true;
      const { backend } = this.state.values;
      const missing = engines.find((engine) => engine.backend === backend)?.unavailable;
      this.update({ engines });
      if (!missing) return;
      this.edit({ backend: 'auto' });
      this.update({
        problem: { message: `${backend} cannot run here: ${missing}. The engine is now auto.` },
      });
    } catch (error) {
      if (!(error instanceof WorkerEnded)) this.update({ problem: { message: messageOf(error) } });
    }
  }

  private async load(files: File[] | undefined): Promise<void> {
    const { client } = this;
    if (!client) return;
    this.update({ loading: true });
    try {
      const base = new URL('.', document.baseURI).href;
      const { shape, preview } = await client.call((remote) => remote.load(base, files));
      if (client !== this.client) return;
      const { shape: old, values } = this.state;
      const sameForm = old.width * old.height === shape.width * shape.height && old.classes === shape.classes;
      this.files = files;
      this.hasData = true;
      this.update({ shape, preview, loading: false });
      if (!sameForm) this.edit({ network: fitNetwork(values.network, shape) });
      if (!this.busy) this.update({ status: 'Ready' });
    } catch (error) {
      if (client !== this.client) return;
      this.update({ loading: false });
      if (!(error instanceof WorkerEnded)) {
        this.update({ problem: { message: messageOf(error), field: 'dataset' }, status: 'Ready' });
      }
    }
  }

  private runJob(client: EngineClient, job: TrainJob, beginning: Beginning): Promise<TrainedRun> {
    const onEvent = Comlink.proxy((event: TrainEvent) => this.receive(event));
    const here = sharedMemoryUnavailable === undefined ? job : { ...job, threads: undefined };
    return client.call((remote) => remote.train(here, beginning, onEvent));
  }

  private receive(event: TrainEvent): void {
    if (!this.busy) return;
    switch (event.kind) {
      case 'engine':
        this.update({
          engine: event.info,
          phase: this.beginsPaused ? 'paused' : 'training',
          status: `${this.beginsPaused ? 'Paused' : 'Training'} on ${engineTitle(event.info)}`,
        });
        return;
      case 'moved': {
        const moved = `The training was computed on ${event.from.join(' and ')} so far and goes on with ${event.to}: its numbers will differ from those of a run without interruption.`;
        const before = this.state.problem?.message;
        this.update({ problem: { message: before ? `${before} ${moved}` : moved } });
        return;
      }
      case 'lost':
        this.update({
          problem: {
            message: `${event.message}; ${event.goesOn ? 'WASM goes on' : 'the last finished epoch is kept'}.`,
          },
        });
        return;
      case 'progress':
        this.recorder.addPoints(event.progress.points);
        this.update({ progress: event.progress, curves: this.curves() });
        return;
      case 'epoch': {
        const { epoch, testAccuracy } = event.report;
        this.recorder.addEpoch(event.report);
        this.update({ epochs: [...this.state.epochs, event.report], curves: this.curves() });
        // A pause or stop that was asked for is still what matters.
        if (this.state.phase === 'training') {
          this.update({ status: `Epoch ${epoch}: test accuracy ${format.percent(testAccuracy)}` });
        }
      }
    }
  }

  private curves(): SessionState['curves'] {
    return { loss: this.recorder.loss(), accuracy: this.recorder.accuracy() };
  }
}

/** "webgpu, NVIDIA H100" or "wasm, relaxed-simd, 8 threads" */
export function engineTitle({ backend, adapter, threads, simd }: Omit<EngineInfo, 'software'>): string {
  if (backend === 'wasm') return `wasm, ${simd}, ${format.plural(threads, 'thread')}`;
  return `${backend}, ${adapter}`;
}

function summary({ report }: Run): string {
  const stopped =
    report.keptEpoch > 0 ? `Stopped; kept epoch ${report.keptEpoch}` : 'Stopped in the first epoch';
  const kept = report.stopped ? stopped : 'Finished';
  return `${kept}: test accuracy ${format.percent(report.test.accuracy)} after ${format.duration(report.seconds)}`;
}
