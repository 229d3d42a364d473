// The training loop: epochs of shuffled batches on any executor, with events, pause and stop.
import type { Executor } from '../engine/engine.ts';
import { initialParameters, type Parameters } from '../network/initialisation.ts';
import { buffersOf, sizeOf } from '../network/plan.ts';
import { shuffledOrder } from '../network/random.ts';
import type { Step } from '../network/step.ts';
import { type CurvePoint, StepMeans, windowEnds } from './curve.ts';
import type { EpochReport, Progress, Snapshot } from './events.ts';
import { measure } from './measure.ts';
import { nextRunLength, stepsPerEpoch, trainingSteps } from './schedule.ts';
import { readParameters, writeParameters } from './transfer.ts';

export interface TrainOptions {
  /** To begin with; left out, fresh ones. */
  readonly parameters?: Parameters;
  /** Goes on from here, with a plan of the same network, recipe, seed and data. */
  readonly resume?: Snapshot;
  /** Asked after each epoch whether to make a snapshot; left out, there is one. */
  readonly snapshotDue?: () => boolean;
  readonly onSnapshot?: (snapshot: Snapshot) => void;
  readonly onProgress?: (progress: Progress) => void;
  /** Awaited: the executor may be read meanwhile. */
  readonly onEpoch?: (report: EpochReport) => unknown;
  /** Stops after the run of steps that is under way. */
  readonly signal?: AbortSignal;
  readonly gate?: () => Promise<void> | undefined;
  /**
   * Called before each run of steps, and before a pause: reads that it begins are of the parameters after the
   * steps so far, also where they end later.
   */
  readonly watch?: (executor: Executor) => void;
  /**
   * The training is paused: what is under way is reported before the gate is awaited, and when that opens all
   * the same, the next run has a single step.
   */
  readonly paused?: () => boolean;
}

export interface TrainResult {
  /** The last epoch's; of a stopped training, those of the finished epoch with the lowest training loss. */
  readonly parameters: Parameters;
  /** The epoch that `parameters` are from; 0 if none was finished. */
  readonly keptEpoch: number;
  readonly epochs: readonly EpochReport[];
  /** From the first step to the last evaluation, pauses left out. */
  readonly seconds: number;
  readonly stopped: boolean;
  /** Mean loss of each step's batch. */
  readonly stepLosses: readonly number[];
}

interface FinishedRun {
  readonly steps: readonly Step[];
  /** As `Executor.run` returns them. */
  readonly metrics: Float32Array;
  readonly seconds: number;
}

/** An epoch while it is trained. */
interface EpochCourse {
  readonly epoch: number;
  /** Steps. */
  done: number;
  seconds: number;
  /** The epoch's means so far. */
  readonly means: StepMeans;
  /** The means of the curve's next point. */
  window: StepMeans;
}

/**
 * Trains the executor's plan on its data from freshly initialised parameters and optimizer state.
 * The data set must have been written with `writeDataset`.
 */
export function train(executor: Executor, options: TrainOptions = {}): Promise<TrainResult> {
  return new Training(executor, options).run();
}

class Training {
  private readonly executor: Executor;
  private readonly options: TrainOptions;
  private readonly samples: number;
  /** Steps of an epoch, and of all. */
  private readonly perEpoch: number;
  private readonly total: number;
  private readonly firstStep: number;
  private readonly epochs: EpochReport[];
  private readonly stepLosses: number[];
  private readonly curve: CurvePoint[];
  /** Steps of an epoch that end a point of the curve. */
  private readonly ends: ReadonlySet<number>;
  /** Seconds of the epochs before a resumption. */
  private readonly secondsBefore: number;
  private readonly begin: number;
  private trainingSeconds = 0;
  private pausedSeconds = 0;
  private runLength = 1;
  /** Kept for a training that may be stopped. */
  private best: { epoch: number; trainLoss: number; parameters: Parameters } | undefined;

  constructor(executor: Executor, options: TrainOptions) {
    const { plan } = executor;
    const { resume } = options;
    this.executor = executor;
    this.options = options;
    this.samples = plan.buffers.trainLabels.shape[0];
    this.perEpoch = stepsPerEpoch(plan.recipe, this.samples);
    this.total = this.perEpoch * plan.recipe.epochs;
    this.firstStep = this.perEpoch * (resume?.epochs.length ?? 0);
    this.epochs = [...(resume?.epochs ?? [])];
    this.stepLosses = [...(resume?.stepLosses ?? [])];
    this.curve = [...(resume?.curve ?? [])];
    this.ends = windowEnds(this.perEpoch, plan.recipe.epochs);
    this.secondsBefore = this.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
    this.begin = now() - (resume?.seconds ?? 0);
  }

  async run(): Promise<TrainResult> {
    const { epochs } = this.executor.plan.recipe;
    await this.writeBeginning();
    while (this.epochs.length < epochs && !this.options.signal?.aborted) {
      const trained = await this.trainEpoch(this.epochs.length);
      if (!trained) break;
      const test = await measure(this.executor);
      this.checkFinite(test.loss);
      const report = { ...trained, testLoss: test.loss, testAccuracy: test.accuracy };
      this.epochs.push(report);
      await this.options.onEpoch?.(report);
      await this.offerSnapshot();
      await this.keepIfBest(report);
    }
    return this.result();
  }

  /** Initial parameters, or those given, and no optimizer state; or those of the snapshot. */
  private async writeBeginning(): Promise<void> {
    const { plan } = this.executor;
    const { network, recipe, seed } = plan;
    const { parameters = initialParameters(network, recipe.initialisation, seed) } = this.options;
    await writeParameters(this.executor, parameters);
    for (const state of buffersOf(plan, 'state'))
      await this.executor.write(state, new Float32Array(sizeOf(plan.buffers[state])));
    for (const [name, data] of Object.entries(this.options.resume?.buffers ?? {}))
      await this.executor.write(name, data);
  }

  /** @returns undefined if it was stopped before its last step */
  private async trainEpoch(
    epoch: number,
  ): Promise<Omit<EpochReport, 'testLoss' | 'testAccuracy'> | undefined> {
    const { seed } = this.executor.plan;
    await this.executor.write('trainOrder', shuffledOrder(seed, epoch, this.samples));
    const [means, window] = [new StepMeans(), new StepMeans()];
    const course: EpochCourse = { epoch, done: 0, seconds: 0, means, window };
    for await (const run of this.runsOf(epoch)) {
      const progress = this.add(run, course);
      this.options.onProgress?.(progress);
      this.checkFinite(course.means.loss);
    }
    if (course.done < this.perEpoch) return undefined;
    return {
      epoch: epoch + 1,
      trainLoss: course.means.loss,
      trainAccuracy: course.means.accuracy,
      seconds: course.seconds,
      imagesPerSecond: this.samples / course.seconds,
    };
  }

  /**
   * An epoch's runs in order. The next one is already under way while one is looked at, so that no device
   * waits.
   */
  private async *runsOf(epoch: number): AsyncGenerator<FinishedRun> {
    const { signal, gate, paused, watch } = this.options;
    let first = 0;
    let last = 0;
    let underWay: Promise<FinishedRun> | undefined;
    do {
      let next: typeof underWay;
      if (first < this.perEpoch && !signal?.aborted) {
        if (underWay && paused?.()) {
          yield await underWay;
          underWay = undefined;
        }
        watch?.(this.executor);
        const waitBegin = now();
        await gate?.();
        this.pausedSeconds += now() - waitBegin;
        const count = Math.min(paused?.() ? 1 : this.runLength, this.perEpoch - first);
        const steps = trainingSteps(this.executor.plan.recipe, this.samples, epoch, first, count);
        first += count;
        const runBegin = now();
        next = this.executor.run('train', steps).then((metrics) => {
          const seconds = now() - Math.max(runBegin, last);
          last = now();
          this.runLength = nextRunLength(count, seconds);
          return { steps, metrics, seconds };
        });
        // Whoever leaves the loop early does not hear of it any more.
        next.catch(() => {});
      }
      if (underWay) yield await underWay;
      underWay = next;
    } while (underWay);
  }

  /** Counts a run in, and says how far the training is. */
  private add({ steps, metrics, seconds }: FinishedRun, course: EpochCourse): Progress {
    const { epoch, means } = course;
    const { epochs } = this.executor.plan.recipe;
    const points: CurvePoint[] = [];
    for (const { rows, slot } of steps) {
      const loss = metrics[2 * slot];
      const correct = metrics[2 * slot + 1];
      means.add(rows, loss, correct);
      course.window.add(rows, loss, correct);
      course.done++;
      if (!this.ends.has(course.done)) continue;
      const { window } = course;
      points.push({
        epoch: epoch + course.done / this.perEpoch,
        loss: window.loss,
        accuracy: window.accuracy,
      });
      course.window = new StepMeans();
    }
    const stepLosses = steps.map(({ rows, slot }) => metrics[2 * slot] / rows);
    this.curve.push(...points);
    this.stepLosses.push(...stepLosses);
    course.seconds += seconds;
    this.trainingSeconds += seconds;
    const step = epoch * this.perEpoch + course.done;
    return {
      epoch: epoch + 1,
      epochs,
      step,
      steps: this.total,
      loss: means.loss,
      accuracy: means.accuracy,
      points,
      stepLosses,
      learningRate: steps.at(-1)!.learningRate,
      imagesPerSecond: steps.reduce((sum, { rows }) => sum + rows, 0) / seconds,
      seconds: this.secondsBefore + this.trainingSeconds,
      secondsLeft: ((this.total - step) * this.trainingSeconds) / (step - this.firstStep),
    };
  }

  private checkFinite(loss: number): void {
    if (Number.isFinite(loss)) return;
    const { learningRate } = this.executor.plan.recipe;
    const diverged = this.stepLosses.findIndex((each) => !Number.isFinite(each));
    const step = diverged < 0 ? this.stepLosses.length : diverged + 1;
    throw new Error(
      `the learning rate ${learningRate} is too high: the training diverged, its loss is no longer finite at step ${step}`,
    );
  }

  private async offerSnapshot(): Promise<void> {
    const { onSnapshot, snapshotDue } = this.options;
    if (!onSnapshot || snapshotDue?.() === false) return;
    const buffers: Record<string, Float32Array> = {};
    for (const name of buffersOf(this.executor.plan, 'parameter', 'state'))
      buffers[name] = (await this.executor.read(name)) as Float32Array;
    const [epochs, stepLosses, curve] = [[...this.epochs], [...this.stepLosses], [...this.curve]];
    onSnapshot({ epochs, stepLosses, curve, seconds: this.seconds, buffers });
  }

  private async keepIfBest({ epoch, trainLoss }: EpochReport): Promise<void> {
    const isLast = epoch === this.executor.plan.recipe.epochs;
    if (!this.options.signal || isLast || trainLoss >= (this.best?.trainLoss ?? Infinity)) return;
    this.best = { epoch, trainLoss, parameters: await readParameters(this.executor) };
  }

  private async result(): Promise<TrainResult> {
    const epochs = this.epochs;
    const stopped = epochs.length < this.executor.plan.recipe.epochs;
    const rest = { epochs, seconds: this.seconds, stopped, stepLosses: this.stepLosses };
    if (stopped && this.best) {
      const { parameters, epoch } = this.best;
      await writeParameters(this.executor, parameters);
      return { parameters, keptEpoch: epoch, ...rest };
    }
    return { parameters: await readParameters(this.executor), keptEpoch: epochs.length, ...rest };
  }

  /** Since the training began, pauses left out. */
  private get seconds(): number {
    return now() - this.begin - this.pausedSeconds;
  }
}

/** Seconds on a monotonic clock. */
function now(): number {
  return performance.now() / 1000;
}
