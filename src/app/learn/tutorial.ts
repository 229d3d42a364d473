// The tutorial as it stands: where the reader is, what the lab said, and the training. The steps draw it and
// call its actions.
import * as Comlink from 'comlink';
import { messageOf } from '../../errors.ts';
import { WorkerClient, WorkerEnded } from '../../hosts/browser/worker_client.ts';
import type { TrainEvent } from '../../jobs/job.ts';
import type { Progress } from '../../training/events.ts';
import { CurveRecorder, type Curves } from '../model/curves.ts';
import type { Difference, Lab, Pass, Trained } from './lab.ts';
import type { LabData } from './lab_plan.ts';
import type { LabWorker } from './lab_worker.ts';
import type { Place } from './place.ts';

/** An update that was made, with the same batch before and after. */
export interface Update {
  readonly rate: number;
  /** Optimizer steps. */
  readonly count: number;
  readonly before: Pass;
  readonly after: Pass;
}

/** The loss at several learning rates, ascending, from the same weights and on the same batch. */
export interface Courses {
  readonly rates: readonly number[];
  /** The losses with each rate, before each step and after the last. */
  readonly losses: readonly (readonly number[])[];
}

export interface Training {
  readonly progress?: Progress;
  readonly loss: Curves;
  readonly accuracy: Curves;
}

/** Too small, good and too large for this network. */
export const EXAMPLE_RATES = { sgd: [0.001, 0.1, 10], adamw: [0.0001, 0.01, 1] } as const;
export const TRIED_STEPS = 20;

const USES_PASS: readonly string[] = ['data', 'network', 'forward', 'loss', 'backward', 'update'];

/** A value that is computed again once what it depends on has changed. */
class Memo<T> {
  value: T | undefined;
  private key: string | undefined;

  /** @param key all that the value depends on */
  async update(key: string, compute: () => Promise<T>): Promise<void> {
    if (key === this.key) return;
    this.value = await compute();
    this.key = key;
  }
}

export class Tutorial {
  data: LabData | undefined;
  updates: readonly Update[] = [];
  training: Training | undefined;
  /** A training is under way. */
  busy = false;
  trained: Trained | undefined;
  problem: { readonly message: string; readonly again: () => void } | undefined;
  private readonly knownPass = new Memo<Pass>();
  private readonly knownDifference = new Memo<Difference>();
  private readonly knownCourses = new Memo<Courses>();
  private client: WorkerClient<LabWorker> | undefined;
  private opening: Promise<Comlink.Remote<Lab>> | undefined;
  /** Counts changes of the weights. */
  private age = 0;
  /** Calls of the lab are made one after the other, each for what is wanted by then. */
  private queue: Promise<void> = Promise.resolve();

  /**
   * @param changed called when there is something new to draw
   * @param keep puts a place into the address
   */
  constructor(
    public place: Place,
    private readonly changed: () => void,
    private readonly keep: (place: Place) => void,
  ) {}

  get pass(): Pass | undefined {
    return this.knownPass.value;
  }

  get difference(): Difference | undefined {
    return this.knownDifference.value;
  }

  get courses(): Courses | undefined {
    return this.knownCourses.value;
  }

  /** Shows a place; what it needs of the lab is computed now. */
  show(place: Place): void {
    const { hidden, optimizer } = this.place;
    if (place.hidden !== hidden || place.optimizer !== optimizer) this.updates = [];
    this.place = place;
    this.enqueue(() => this.refresh());
  }

  edit(changes: Partial<Place>): void {
    const place = { ...this.place, ...changes };
    this.keep(place);
    this.show(place);
  }

  /** Optimizer steps, each on the next batch, beginning with the present one. */
  update(count: number): void {
    this.enqueue(async () => {
      await this.refresh();
      const { rate, batch } = this.place;
      const before = this.pass!;
      await this.call((lab) => lab.update(before.settings, batch, rate, count));
      this.age++;
      await this.refresh();
      this.updates = [...this.updates, { rate, count, before, after: this.pass! }];
    });
  }

  /** Back to the initial weights. */
  reset(): void {
    this.enqueue(async () => {
      await this.call((lab) => lab.reset());
      this.beginAnew();
      await this.refresh();
    });
  }

  async train(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = undefined;
    this.trained = undefined;
    const recorder = new CurveRecorder();
    const receive = (event: TrainEvent) => {
      if (event.kind === 'epoch') recorder.addEpoch(event.report);
      if (event.kind === 'progress') recorder.addPoints(event.progress.points);
      const progress = event.kind === 'progress' ? event.progress : this.training?.progress;
      this.training = { progress, loss: recorder.loss(), accuracy: recorder.accuracy() };
      this.changed();
    };
    this.training = { loss: recorder.loss(), accuracy: recorder.accuracy() };
    this.changed();
    try {
      this.trained = await this.call((lab) => lab.train(Comlink.proxy(receive)));
    } catch (error) {
      this.training = undefined;
      this.complain(error, () => void this.train());
    }
    this.busy = false;
    this.changed();
  }

  private async refresh(): Promise<void> {
    await this.call((lab) => lab.data());
    const { step, hidden, optimizer, batch, rate } = this.place;
    if (!USES_PASS.includes(step)) return;
    const settings = { hidden, optimizer };
    const key = `${hidden} ${optimizer} ${batch} ${this.age}`;
    await this.knownPass.update(key, () => this.call((lab) => lab.pass(settings, batch)));
    if (step === 'backward') {
      const weight = weightOf(this.pass!, this.place).index;
      await this.knownDifference.update(`${key} ${weight}`, () =>
        this.call((lab) => lab.difference(settings, batch, weight)),
      );
    }
    if (step === 'update') {
      // The reader's may be one of the examples.
      const rates = [...new Set([...EXAMPLE_RATES[optimizer], rate])].sort((a, b) => a - b);
      await this.knownCourses.update(`${key} ${rate}`, async () => ({
        rates,
        losses: await this.call((lab) => lab.tryRates(settings, batch, rates, TRIED_STEPS)),
      }));
    }
  }

  private enqueue(action: () => Promise<void>): void {
    this.queue = this.queue.then(async () => {
      try {
        this.problem = undefined;
        await action();
      } catch (error) {
        this.complain(error, () => this.enqueue(action));
      }
      this.changed();
    });
  }

  private complain(error: unknown, again: () => void): void {
    const ended = error instanceof WorkerEnded;
    const message = ended
      ? `The worker of this tutorial stopped: ${error.message}. The small network begins anew.`
      : `That did not work: ${messageOf(error)}.`;
    this.problem = { message, again };
  }

  private async call<T>(run: (lab: Comlink.Remote<Lab>) => Promise<T>): Promise<T> {
    const client = this.connect();
    this.opening ??= this.open(client);
    const lab = await this.opening;
    return client.call(() => run(lab));
  }

  private connect(): WorkerClient<LabWorker> {
    if (this.client) return this.client;
    const start = (name: string) =>
      new Worker(new URL('./lab_worker.ts', import.meta.url), { type: 'module', name });
    const client = new WorkerClient<LabWorker>('lab', start);
    this.client = client;
    client.ended.catch((reason: WorkerEnded) => {
      this.client = undefined;
      this.opening = undefined;
      this.beginAnew();
      // Whoever waits for an answer has more to say.
      if (!this.problem) this.complain(reason, () => this.enqueue(() => this.refresh()));
      this.changed();
    });
    return client;
  }

  /** Loads the digits; after a failure the next call tries again. */
  private async open(client: WorkerClient<LabWorker>): Promise<Comlink.Remote<Lab>> {
    try {
      const lab = await client.call((remote) => remote.open(new URL('.', document.baseURI).href));
      this.data = await client.call(() => lab.data());
      return lab;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  private beginAnew(): void {
    this.age++;
    this.updates = [];
  }
}

/** A weight of the hidden layer: the one chosen, or of the unit's that with the steepest gradient. */
export function weightOf(
  { settings: { hidden }, tensors: { dkernel0 } }: Pass,
  place: Pick<Place, 'unit' | 'pixel'>,
): { readonly unit: number; readonly pixel: number; readonly index: number } {
  const unit = Math.min(place.unit, hidden - 1);
  let { pixel } = place;
  if (pixel < 0) {
    const steepness = column(dkernel0, hidden, unit).map(Math.abs);
    pixel = steepness.indexOf(steepness.reduce((most, each) => Math.max(most, each), 0));
  }
  return { unit, pixel, index: pixel * hidden + unit };
}

/** What belongs to one unit of a matrix [inputs, units]. */
export function column(matrix: Float32Array, units: number, unit: number): Float32Array {
  return Float32Array.from({ length: matrix.length / units }, (_, input) => matrix[input * units + unit]);
}

/** One row of a matrix [rows, columns]. */
export function row(matrix: Float32Array, columns: number, index: number): Float32Array {
  return matrix.subarray(index * columns, (index + 1) * columns);
}
