// What the views share: the engines, the data set, the training under way and the runs that are kept. Views
// draw the state and call the actions.

import * as Comlink from 'comlink';
import { MNIST } from '../../data/dataset.ts';
import { messageOf } from '../../errors.ts';
import { sharedMemoryUnavailable } from '../../hosts/browser/shared_memory.ts';
import type { TrainEvent, TrainJob } from '../../jobs/job.ts';
import { fitNetwork } from '../../network/spec.ts';
import * as format from '../parts/format.ts';
import type { Router } from '../router.ts';
import type { KeptRun, SweepPart } from '../storage/kept_runs.ts';
import { claim, type Unfinished } from '../storage/unfinished.ts';
import { type EngineClient, WorkerEnded } from '../worker/engine_client.ts';
import type { Beginning, EngineWorker, TrainedRun } from '../worker/engine_worker.ts';
import { CurveRecorder } from './curves.ts';
import { EngineConnection } from './engine_connection.ts';
import {
  checkForm,
  type FormValues,
  fromKept,
  fromParams,
  isSameTraining,
  recipeValues,
  toParams,
} from './form.ts';
import { NetworkWatch } from './network_watch.ts';
import type { Peek } from './peek.ts';
import { problemOf } from './problems.ts';
import { Runs } from './runs.ts';
import { type Part, type Run, type SessionState, summaryOf } from './state.ts';
import { Store } from './store.ts';
import { afterEvent } from './training_events.ts';

/** What is trained other than the form says. */
export interface TrainRequest {
  readonly values?: FormValues;
  /** The run's name. */
  readonly name?: string;
  /** Judges by so many of the last training images, not by the test set. */
  readonly holdOut?: number;
  readonly sweep?: SweepPart;
  /** The id of the run that it will be; left out, a new one. */
  readonly id?: string;
  readonly resume?: Unfinished;
  /** After the first step. */
  readonly paused?: boolean;
  /** Which training of a sweep it is. */
  readonly part?: Part;
}

export class Session extends Store<SessionState> {
  readonly runs: Runs;
  /** The network as it learns: apart from the state, as it changes often and few draw it. */
  readonly network = new NetworkWatch((every) => this.connection.tell((remote) => remote.watch(every)));
  private readonly connection: EngineConnection;
  /** Counts trainings and workers' ends: a training that waits for its data must not begin after a stop. */
  private attempt = 0;
  private recorder = new CurveRecorder();
  private beginsPaused = false;

  constructor(readonly router: Router) {
    super({
      values: fromParams(router.paramsOf('train')),
      shape: MNIST,
      preview: [],
      loading: true,
      phase: 'idle',
      status: 'Looking for engines',
      epochs: [],
      kept: [],
      unfinished: [],
      tuned: 0,
      unreadable: 0,
    });
    router.listen(({ view, params }) => {
      if (view === 'train' && !this.busy) this.update({ values: fromParams(params), problem: undefined });
    });
    this.connection = new EngineConnection(this, {
      missing: (backend, why) => {
        this.edit({ backend: 'auto' });
        const title = format.ENGINE_TITLES[backend];
        this.update({
          problem: { message: `${title} cannot run here: ${why}. The engine is now chosen automatically.` },
        });
      },
      loaded: (shape) => this.edit({ network: fitNetwork(this.state.values.network, shape) }),
      specimens: (specimens) => this.network.begin(specimens),
      ended: (reason) => this.endedBy(reason),
    });
    this.connection.connect();
    this.runs = new Runs(this);
  }

  get busy(): boolean {
    return this.state.phase !== 'idle';
  }

  /** Changes fields; a complaint about them goes away once it no longer holds. */
  edit(changes: Partial<FormValues>): void {
    const values = { ...this.state.values, ...changes };
    this.update({ values, problem: this.state.problem && problemOf(values, this.state.shape) });
    this.router.keep('train', toParams(values));
  }

  chooseRecipe(name: string): void {
    const { network, ...values } = recipeValues(name);
    this.edit({ ...values, network: fitNetwork(network, this.state.shape) });
  }

  /** Reads four IDX files, or with none goes back to MNIST. */
  chooseDataset(files?: File[]): Promise<void> {
    return this.connection.chooseDataset(files);
  }

  /** Calls the worker that holds the data set, once it does. @throws Error if there is none */
  ask<T>(call: (remote: Comlink.Remote<EngineWorker>) => Promise<T>): Promise<T> {
    return this.connection.ask(call);
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
      this.update({ problem: problemOf(values, this.state.shape) });
      return undefined;
    }
    const job = { ...checked.job, holdOut: ask.holdOut };
    // randomUUID is for secure pages only.
    const id = resume?.id ?? ask.id ?? crypto.getRandomValues(new Uint32Array(4)).join('-');
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
      part: ask.part,
      epochs,
      curves: this.recorder.curves(),
    });
    try {
      const client = await this.connection.prepare();
      if (attempt !== this.attempt) return undefined;
      if (!client) {
        this.update({ phase: 'idle', status: 'Ready' });
        return undefined;
      }
      const beginning = { id, values: { ...values }, resume: resume?.snapshot, paused: ask.paused };
      // A training that leaves the test images unseen is not asked about them either.
      this.network.begin(await client.call((remote) => remote.specimens(job.holdOut)));
      const trained = await this.runJob(client, job, beginning);
      const run = this.runOf(trained, id, values, ask);
      this.update({ run, phase: 'idle', status: summaryOf(run) });
      await this.runs.keep(run);
      void this.measurePeak(run);
      return run;
    } catch (error) {
      if (error instanceof WorkerEnded) return undefined;
      this.update({ phase: 'idle', status: 'Training failed', problem: { message: messageOf(error) } });
      return undefined;
    } finally {
      release();
      void this.runs.listUnfinished();
    }
  }

  /** Fills the form with what a run was trained with, and trains it again. */
  async repeat({ values, holdOut }: KeptRun): Promise<void> {
    if (this.busy) return;
    this.edit(fromKept(values));
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
    this.edit(fromKept(resume.values));
    const checked = checkForm(this.state.values, shape);
    if (!('job' in checked) || !isSameTraining(checked.job, resume.job)) {
      const message =
        'This training was begun by another version of the page, which alone can go on with it.';
      this.update({ problem: { message } });
      return;
    }
    this.update({ unfinished: this.state.unfinished.filter(({ id }) => id !== resume.id) });
    await this.train({ resume, holdOut: resume.job.holdOut });
  }

  /** One step more of a paused training, or the first one of a new one. */
  step(): void {
    const { phase } = this.state;
    if (phase === 'idle') void this.train({ paused: true });
    else if (phase === 'paused') this.connection.tell((remote) => remote.step());
  }

  pause(): void {
    if (this.state.phase !== 'training') return;
    this.update({ phase: 'paused', status: 'Paused' });
    this.connection.tell((remote) => remote.pause());
  }

  resume(): void {
    if (this.state.phase !== 'paused') return;
    this.update({ phase: 'training', status: 'Training' });
    this.connection.tell((remote) => remote.resume());
  }

  /** The first time lets the run of steps end and keeps the model; the second time ends the worker. */
  stop(): void {
    if (!this.busy) return;
    if (this.state.phase === 'stopping' || this.state.phase === 'starting') {
      this.connection.terminate();
      return;
    }
    this.update({ phase: 'stopping', status: 'Stopping after the present steps' });
    this.connection.tell((remote) => remote.stop());
  }

  private runOf(
    { report, model }: TrainedRun,
    id: string,
    values: FormValues,
    { name: given, holdOut, sweep }: TrainRequest,
  ): Run {
    const { network, seed } = report;
    const curves = this.recorder.curves();
    const name = given ?? `${network}, seed ${seed}`;
    return { id, name, created: Date.now(), values: { ...values }, holdOut, sweep, report, curves, model };
  }

  /** Once for each engine, after a training, when nothing else goes on. */
  private async measurePeak({ report: { environment } }: Run): Promise<void> {
    const engine = format.engine(environment);
    if (this.state.peak?.engine === engine) return;
    const gflops = await this.ask((remote) => remote.peak(environment)).catch(() => undefined);
    if (gflops !== undefined) this.update({ peak: { engine, gflops } });
  }

  private endedBy({ message, wanted }: WorkerEnded): void {
    this.attempt++;
    const lost = this.busy ? ' Press Train to start it again, or Resume where it is offered.' : '';
    this.update({
      phase: 'idle',
      status: wanted ? 'Stopped' : 'The engine stopped',
      problem: wanted ? undefined : { message: `The engine’s worker stopped: ${message}.${lost}` },
    });
  }

  private runJob(client: EngineClient, job: TrainJob, beginning: Beginning): Promise<TrainedRun> {
    const onEvent = Comlink.proxy((event: TrainEvent) => this.receive(event));
    const onPeek = Comlink.proxy((peek: Peek) => this.network.receive(peek));
    const here = sharedMemoryUnavailable === undefined ? job : { ...job, threads: undefined };
    return client.call((remote) => remote.train(here, beginning, onEvent, onPeek));
  }

  private receive(event: TrainEvent): void {
    if (!this.busy) return;
    const changes = afterEvent(event, this.state, this.recorder, this.beginsPaused);
    // Each step of a paused training is waited for.
    const isFrequent = event.kind === 'progress' || event.kind === 'epoch';
    if (isFrequent && this.state.phase !== 'paused') this.updateInPace(changes);
    else this.update(changes);
  }
}
