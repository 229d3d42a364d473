// The training loop: epochs of shuffled batches on any executor, with events, pause and stop.
import type { Dataset, Samples } from '../data/dataset.ts';
import type { Executor } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import { initialParameters, type Parameters } from '../network/initialisation.ts';
import type { Step } from '../network/kernels.ts';
import { buffersOf, MAX_STEPS_PER_RUN, type Plan, sizeOf } from '../network/plan.ts';
import { naturalOrder, shuffledOrder } from '../network/random.ts';
import { type CurvePoint, StepMeans, windowEnds } from './curve.ts';
import { evaluationRuns, stepsPerEpoch, trainingSteps } from './schedule.ts';

/**
 * After each run of steps. How many steps a run has follows the clock; what is said of the training follows the steps alone.
 */
export interface Progress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in all, of `steps`. */
  readonly step: number;
  readonly steps: number;
  /** Mean over the epoch's samples so far, on the training batches as they came. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the training's curve, those that this run completed. */
  readonly points: readonly CurvePoint[];
  /** Mean loss of each of this run's steps. */
  readonly stepLosses: readonly number[];
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Of training so far: evaluations and pauses left out. */
  readonly seconds: number;
  readonly secondsLeft: number;
}

/** After each epoch. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch, on the training batches as they came (with dropout and smoothing). */
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** Training of this epoch, without its evaluation. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
}

/** A training after a finished epoch: all that it takes to go on, on any engine. */
export interface Snapshot {
  readonly epochs: readonly EpochReport[];
  readonly stepLosses: readonly number[];
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** Parameters and the optimizer's state by their names in the plan. */
  readonly buffers: { readonly [name: string]: Float32Array };
}

export interface TrainOptions {
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
   * The training is paused: what is under way is reported before the gate is awaited, and when that opens all the same, the
   * next run has a single step.
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

/** Runs of steps last about this long: short enough to answer to stop, long enough to make their overhead small. */
const RUN_SECONDS = 0.1;

/**
 * Trains the executor's plan on its data from freshly initialised parameters and optimizer state.
 * The data set must have been written with {@link writeDataset}.
 */
export async function train(executor: Executor, options: TrainOptions = {}): Promise<TrainResult> {
  const { plan } = executor;
  const { recipe, seed, network } = plan;
  const samples = plan.buffers.trainLabels.shape[0];
  const perEpoch = stepsPerEpoch(recipe, samples);
  const total = perEpoch * recipe.epochs;

  const { resume } = options;
  await writeParameters(executor, initialParameters(network, recipe.initialisation, seed));
  for (const state of buffersOf(plan, 'state')) {
    await executor.write(state, new Float32Array(sizeOf(plan.buffers[state])));
  }
  for (const [name, data] of Object.entries(resume?.buffers ?? {})) await executor.write(name, data);

  const firstStep = perEpoch * (resume?.epochs.length ?? 0);
  const epochs: EpochReport[] = [...(resume?.epochs ?? [])];
  const stepLosses: number[] = [...(resume?.stepLosses ?? [])];
  const curve: CurvePoint[] = [...(resume?.curve ?? [])];
  const ends = windowEnds(perEpoch, recipe.epochs);
  let best: { epoch: number; trainLoss: number; parameters: Parameters } | undefined;
  const secondsBefore = epochs.reduce((sum, { seconds }) => sum + seconds, 0);
  let trainingSeconds = 0;
  let pausedSeconds = 0;
  let runLength = 1;
  const begin = now() - (resume?.seconds ?? 0);

  /** An epoch's runs in order. The next one is already under way while one is looked at, so that no device waits. */
  async function* runsOf(epoch: number): AsyncGenerator<FinishedRun> {
    let first = 0;
    let last = 0;
    let underWay: Promise<FinishedRun> | undefined;
    do {
      let next: typeof underWay;
      if (first < perEpoch && !options.signal?.aborted) {
        if (underWay && options.paused?.()) {
          yield await underWay;
          underWay = undefined;
        }
        const waitBegin = now();
        await options.gate?.();
        pausedSeconds += now() - waitBegin;
        const count = Math.min(options.paused?.() ? 1 : runLength, perEpoch - first);
        const steps = trainingSteps(recipe, samples, epoch, first, count);
        first += count;
        const runBegin = now();
        next = executor.run('train', steps).then((metrics) => {
          const seconds = now() - Math.max(runBegin, last);
          last = now();
          runLength = nextRunLength(count, seconds);
          return { steps, metrics, seconds };
        });
        // Whoever leaves the loop early does not hear of it any more.
        next.catch(() => {});
      }
      if (underWay) yield await underWay;
      underWay = next;
    } while (underWay);
  }

  for (let epoch = epochs.length; epoch < recipe.epochs && !options.signal?.aborted; epoch++) {
    await executor.write('trainOrder', shuffledOrder(seed, epoch, samples));
    const means = new StepMeans();
    let window = new StepMeans();
    let done = 0;
    let epochSeconds = 0;
    for await (const { steps, metrics, seconds: runSeconds } of runsOf(epoch)) {
      const points: CurvePoint[] = [];
      for (const { rows, slot } of steps) {
        const loss = metrics[2 * slot];
        const correct = metrics[2 * slot + 1];
        means.add(rows, loss, correct);
        window.add(rows, loss, correct);
        done++;
        if (!ends.has(done)) continue;
        points.push({ epoch: epoch + done / perEpoch, loss: window.loss, accuracy: window.accuracy });
        window = new StepMeans();
      }
      curve.push(...points);
      const runLosses = steps.map(({ rows, slot }) => metrics[2 * slot] / rows);
      stepLosses.push(...runLosses);
      epochSeconds += runSeconds;
      trainingSeconds += runSeconds;
      const step = epoch * perEpoch + done;
      options.onProgress?.({
        epoch: epoch + 1,
        epochs: recipe.epochs,
        step,
        steps: total,
        loss: means.loss,
        accuracy: means.accuracy,
        points,
        stepLosses: runLosses,
        learningRate: steps.at(-1)!.learningRate,
        imagesPerSecond: steps.reduce((sum, { rows }) => sum + rows, 0) / runSeconds,
        seconds: secondsBefore + trainingSeconds,
        secondsLeft: ((total - step) * trainingSeconds) / (step - firstStep),
      });
      if (!Number.isFinite(means.loss)) {
        const diverged = stepLosses.findIndex((loss) => !Number.isFinite(loss));
        throw new Error(
          `the loss is no longer finite at step ${diverged + 1}: the training diverged; lower the learning rate (${recipe.learningRate})`,
        );
      }
    }
    if (done < perEpoch) break;

    const test = await measure(executor);
    const report: EpochReport = {
      epoch: epoch + 1,
      trainLoss: means.loss,
      trainAccuracy: means.accuracy,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
      seconds: epochSeconds,
      imagesPerSecond: samples / epochSeconds,
    };
    epochs.push(report);
    await options.onEpoch?.(report);
    if (options.onSnapshot && (options.snapshotDue?.() ?? true)) {
      const buffers: Record<string, Float32Array> = {};
      for (const name of buffersOf(plan, 'parameter', 'state'))
        buffers[name] = (await executor.read(name)) as Float32Array;
      const seconds = now() - begin - pausedSeconds;
      options.onSnapshot({
        epochs: [...epochs],
        stepLosses: [...stepLosses],
        curve: [...curve],
        seconds,
        buffers,
      });
    }
    if (options.signal && epoch + 1 < recipe.epochs && report.trainLoss < (best?.trainLoss ?? Infinity)) {
      best = { epoch: report.epoch, trainLoss: report.trainLoss, parameters: await readParameters(executor) };
    }
  }

  const stopped = epochs.length < recipe.epochs;
  const seconds = now() - begin - pausedSeconds;
  if (stopped && best) {
    await writeParameters(executor, best.parameters);
    return { parameters: best.parameters, keptEpoch: best.epoch, epochs, seconds, stopped, stepLosses };
  }
  const parameters = await readParameters(executor);
  return { parameters, keptEpoch: epochs.length, epochs, seconds, stopped, stepLosses };
}

/**
 * Uploads a data set once: uint8, as it lies in its files.
 * @throws InputError before anything is written unless the images, labels and counts are those of the plan
 */
export async function writeDataset(
  executor: Executor,
  { train, test }: Pick<Dataset, 'train' | 'test'>,
): Promise<void> {
  const { buffers, constants } = executor.plan;
  if ('trainImages' in buffers) checkSamples(executor.plan, 'train', train);
  if ('testImages' in buffers) checkSamples(executor.plan, 'test', test);
  for (const [name, values] of Object.entries(constants)) await executor.write(name, values);
  if ('trainImages' in buffers) {
    await executor.write('trainImages', train.images);
    await executor.write('trainLabels', train.labels);
  }
  if ('testImages' in buffers) {
    await executor.write('testImages', test.images);
    await executor.write('testLabels', test.labels);
    await executor.write('testOrder', naturalOrder(test.count));
  }
}

/** @throws InputError naming the number, or the first sample, that does not fit the plan */
function checkSamples({ buffers, network }: Plan, part: 'train' | 'test', samples: Samples): void {
  const { count, images, labels } = samples;
  const [expected, pixels] = buffers[`${part}Images`].shape;
  const title = part === 'train' ? 'training' : 'test';
  if (count !== expected) throw new InputError(`${count} ${title} samples: the plan is made for ${expected}`);
  if (images.length !== count * pixels)
    throw new InputError(
      `${title} images of ${images.length} bytes: expected ${count * pixels}, ${count} times ${pixels} pixels`,
    );
  if (labels.length !== count)
    throw new InputError(`${labels.length} ${title} labels: expected ${count}, one for each image`);
  const classes = network.widths.at(-1)!;
  const outside = labels.findIndex((label) => label >= classes);
  if (outside >= 0)
    throw new InputError(
      `${title} sample ${outside}: label ${labels[outside]}, expected 0 to ${classes - 1} as the network has ${classes} classes`,
    );
}

export interface Measurement {
  readonly loss: number;
  readonly accuracy: number;
  /** Counts [target][predicted]. */
  readonly confusion: readonly (readonly number[])[];
}

/** Mean loss, accuracy and confusion over the plan's test samples, counted on the device. */
export async function measure(executor: Executor): Promise<Measurement> {
  const { plan } = executor;
  const samples = plan.buffers.testLabels.shape[0];
  const classes = plan.network.widths.at(-1)!;
  await executor.write('confusion', new Uint32Array(classes * classes));
  let loss = 0;
  for (const steps of evaluationRuns(samples, plan.batch.evaluate)) {
    const metrics = await executor.run('evaluate', steps);
    for (const { slot } of steps) loss += metrics[2 * slot];
  }
  const counts = await executor.read('confusion');
  const confusion = Array.from({ length: classes }, (_, target) => [
    ...counts.subarray(target * classes, (target + 1) * classes),
  ]);
  const correct = confusion.reduce((sum, row, target) => sum + row[target], 0);
  return { loss: loss / samples, accuracy: correct / samples, confusion };
}

/** The network's output for the plan's test samples. @returns float32 [samples, classes] */
export async function testLogits(executor: Executor): Promise<Float32Array> {
  const { plan } = executor;
  const samples = plan.buffers.testLabels.shape[0];
  const classes = plan.network.widths.at(-1)!;
  const logits = new Float32Array(samples * classes);
  for (const step of evaluationRuns(samples, plan.batch.evaluate).flat()) {
    await executor.run('evaluate', [{ ...step, slot: 0 }]);
    const batch = await executor.read(`activation${plan.network.widths.length - 1}`);
    logits.set(batch.subarray(0, step.rows * classes), step.first * classes);
  }
  return logits;
}

export async function writeParameters(executor: Executor, parameters: Parameters): Promise<void> {
  for (const [name, data] of Object.entries(parameters)) await executor.write(name, data);
}

export async function readParameters(executor: Executor): Promise<Parameters> {
  const parameters: Parameters = {};
  for (const name of buffersOf(executor.plan, 'parameter')) {
    parameters[name] = (await executor.read(name)) as Float32Array;
  }
  return parameters;
}

/** Aims at RUN_SECONDS, at most doubling from one run to the next. */
function nextRunLength(length: number, seconds: number): number {
  const fitting = Math.floor((length * RUN_SECONDS) / Math.max(seconds, 1e-6));
  return Math.max(1, Math.min(2 * length, fitting, MAX_STEPS_PER_RUN));
}

/** Seconds on a monotonic clock. */
function now(): number {
  return performance.now() / 1000;
}
