// The page's state and what can be done to it; the views draw the state and call the actions.
import * as Comlink from 'comlink';
import { render, type TemplateResult } from 'lit';
import type { EngineInfo } from '../engine/engine.ts';
import type { Availability } from '../engine/open.ts';
import { messageOf } from '../errors.ts';
import type { TrainEvent, TrainJob } from '../jobs/job.ts';
import type { EpochReport, Progress } from '../training/trainer.ts';
import { CurveRecorder, type Curves } from './curves.ts';
import { EngineClient, WorkerEnded } from './engine_client.ts';
import type { TrainedRun } from './engine_worker.ts';
import {
  checkForm,
  type DatasetShape,
  type Field,
  type FormValues,
  fitNetwork,
  fromFragment,
  recipeValues,
  toFragment,
} from './form.ts';
import * as format from './format.ts';
import type { Digit } from './views/digit_image.ts';

export type Phase = 'idle' | 'starting' | 'training' | 'paused' | 'stopping';

/** MNIST's shape, so that the form can be checked while the files are still on their way. */
const MNIST: DatasetShape = {
  name: 'MNIST',
  width: 28,
  height: 28,
  classes: 10,
  train: 60_000,
  test: 10_000,
};

export interface PageState {
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
  readonly run?: TrainedRun;
}

export class Page {
  state: PageState;
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
  private frameRequested = false;

  constructor(
    private readonly root: HTMLElement,
    private readonly view: (page: Page) => TemplateResult,
  ) {
    this.state = {
      values: fromFragment(location.hash),
      shape: MNIST,
      preview: [],
      loading: true,
      phase: 'idle',
      status: 'Looking for engines',
      epochs: [],
    };
  }

  start(): void {
    this.root.replaceChildren();
    addEventListener('hashchange', () => {
      if (this.state.phase === 'idle')
        this.update({ values: fromFragment(location.hash), problem: undefined });
    });
    render(this.view(this), this.root);
    this.connect();
  }

  get busy(): boolean {
    return this.state.phase !== 'idle';
  }

  /** Changes fields; a complaint about them goes away once it no longer holds. */
  edit(changes: Partial<FormValues>): void {
    const values = { ...this.state.values, ...changes };
    const checked = this.state.problem && checkForm(values, this.state.shape);
    this.update({ values, problem: checked && 'problem' in checked ? checked.problem : undefined });
    const fragment = toFragment(values);
    history.replaceState(null, '', fragment ? `#${fragment}` : location.pathname + location.search);
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

  async train(): Promise<void> {
    if (this.busy) return;
    const checked = checkForm(this.state.values, this.state.shape);
    if ('problem' in checked) {
      this.update({ problem: checked.problem });
      const field = this.root.querySelector<HTMLElement>(`[name="${checked.problem.field}"]`);
      field?.closest('details')?.setAttribute('open', '');
      field?.focus();
      field?.scrollIntoView({ block: 'center' });
      return;
    }
    this.root.querySelector('.live')?.scrollIntoView({ block: 'nearest' });
    this.recorder = new CurveRecorder();
    const attempt = ++this.attempt;
    this.update({
      phase: 'starting',
      status: 'Starting',
      problem: undefined,
      progress: undefined,
      engine: undefined,
      epochs: [],
      curves: this.curves(),
    });
    try {
      const client = await this.prepare();
      if (attempt !== this.attempt) return;
      if (!client) {
        this.update({ phase: 'idle', status: 'Ready' });
        return;
      }
      const run = await this.runJob(client, checked.job);
      this.update({ run, phase: 'idle', status: summary(run) });
    } catch (error) {
      if (error instanceof WorkerEnded) return;
      this.update({ phase: 'idle', status: 'Training failed', problem: { message: messageOf(error) } });
    }
  }

  pause(): void {
    if (this.state.phase !== 'training') return;
    this.update({ phase: 'paused', status: 'Paused' });
    this.client?.call((remote) => remote.pause()).catch(() => {});
  }

  resume(): void {
    if (this.state.phase !== 'paused') return;
    this.update({ phase: 'training', status: 'Training' });
    this.client?.call((remote) => remote.resume()).catch(() => {});
  }

  /** The first time lets the run of steps end and keeps the model; the second time ends the worker. */
  stop(): void {
    if (!this.busy) return;
    if (this.state.phase === 'stopping' || this.state.phase === 'starting') {
      this.client?.terminate();
      return;
    }
    this.update({ phase: 'stopping', status: 'Stopping after the present steps' });
    this.client?.call((remote) => remote.stop()).catch(() => {});
  }

  update(changes: Partial<PageState>): void {
    this.state = { ...this.state, ...changes };
    if (this.frameRequested) return;
    this.frameRequested = true;
    requestAnimationFrame(() => {
      this.frameRequested = false;
      render(this.view(this), this.root);
    });
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
    const lost = this.busy ? ' The training is lost; press Train to start it again.' : '';
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

  private runJob(client: EngineClient, job: TrainJob): Promise<TrainedRun> {
    const onEvent = Comlink.proxy((event: TrainEvent) => this.receive(event));
    const here = crossOriginIsolated ? job : { ...job, threads: undefined };
    return client.call((remote) => remote.train(here, onEvent));
  }

  private receive(event: TrainEvent): void {
    if (!this.busy) return;
    switch (event.kind) {
      case 'engine':
        this.update({
          engine: event.info,
          phase: 'training',
          status: `Training on ${engineTitle(event.info)}`,
        });
        return;
      case 'lost':
        this.update({
          problem: {
            message: `${event.message}; ${event.goesOn ? 'WASM goes on' : 'the last finished epoch is kept'}.`,
          },
        });
        return;
      case 'progress':
        this.recorder.addProgress(event.progress);
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

  private curves(): PageState['curves'] {
    return { loss: this.recorder.loss(), accuracy: this.recorder.accuracy() };
  }
}

/** "webgpu, NVIDIA H100" or "wasm, relaxed-simd, 8 threads" */
export function engineTitle({ backend, adapter, threads, simd }: Omit<EngineInfo, 'software'>): string {
  if (backend === 'wasm') return `wasm, ${simd}, ${format.plural(threads, 'thread')}`;
  return `${backend}, ${adapter}`;
}

function summary({ report }: TrainedRun): string {
  const stopped =
    report.keptEpoch > 0 ? `Stopped; kept epoch ${report.keptEpoch}` : 'Stopped in the first epoch';
  const kept = report.stopped ? stopped : 'Finished';
  return `${kept}: test accuracy ${format.percent(report.test.accuracy)} after ${format.duration(report.seconds)}`;
}
