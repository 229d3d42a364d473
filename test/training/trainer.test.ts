// The training loop on the real WASM engine and real MNIST: it learns, stops, pauses, and says when it fails.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import type { Engine, Executor } from '../../src/engine/engine.ts';
import { open } from '../../src/engine/open.ts';
import { InputError } from '../../src/errors.ts';
import { evaluate } from '../../src/evaluation/evaluation.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { initialParameters, type Parameters } from '../../src/network/initialisation.ts';
import type { TypedArray } from '../../src/network/plan.ts';
import { shuffledOrder } from '../../src/network/random.ts';
import type { Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import type { CurvePoint } from '../../src/training/curve.ts';
import type { EpochReport, Progress, Snapshot } from '../../src/training/events.ts';
import { measure, measureWithLogits } from '../../src/training/measure.ts';
import { type TrainOptions, train } from '../../src/training/trainer.ts';
import { readParameters, writeDataset, writeParameters } from '../../src/training/transfer.ts';
import { planOf, prepared, SAMPLES, smallMnist } from './setup.ts';

const NETWORK = '784-32-10';
const STEPS = Math.ceil(SAMPLES / 64);

let dataset: Dataset;
let engine: Engine;

beforeAll(async () => {
  dataset = await smallMnist();
  ({ engine } = await open(nodeHost(), { backend: 'wasm', threads: 1 }));
});
afterAll(() => engine.dispose());

function executorOf(change: Partial<Recipe> = {}): Promise<Executor> {
  return prepared(engine, planOf(dataset, NETWORK, change), dataset);
}

describe('train', () => {
  it('learns: the loss falls, and the test set shows it', async () => {
    const executor = await executorOf();
    const { epochs, stepLosses, keptEpoch, stopped, parameters } = await train(executor);
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(epochs[0].trainLoss).toBeLessThan(Math.log(10));
    expect(epochs[1].trainLoss).toBeLessThan(epochs[0].trainLoss);
    expect(epochs[2].trainLoss).toBeLessThan(epochs[1].trainLoss);
    expect(epochs[2].testAccuracy).toBeGreaterThan(0.75);
    expect(stepLosses).toHaveLength(3 * STEPS);
    expect({ keptEpoch, stopped }).toEqual({ keptEpoch: 3, stopped: false });
    expect(parameters).toEqual(await readParameters(executor));
    executor.dispose();
  });

  it('begins at the loss of the initial network', async () => {
    const executor = await executorOf({ epochs: 1, batch: SAMPLES });
    const { stepLosses } = await train(executor);
    const initial = { ...dataset, test: dataset.train };
    const reference = await prepared(engine, planOf(initial, NETWORK), initial);
    await writeParameters(reference, initialParameters(parseNetwork(NETWORK), 'he', 1));
    // The same float32 sum over 2000 rows in another order: below 2000 · 2⁻²⁴ of it.
    expect(stepLosses[0] / (await measure(reference)).loss).toBeCloseTo(1, 4);
    executor.dispose();
    reference.dispose();
  });

  it('reports what its steps say', async () => {
    const executor = await executorOf({ epochs: 2 });
    const progress: Progress[] = [];
    const reports: EpochReport[] = [];
    const { epochs, stepLosses } = await train(executor, {
      onProgress: (each) => progress.push(each),
      onEpoch: (report) => reports.push(report),
    });
    expect(reports).toEqual(epochs);
    for (const [index, { trainLoss }] of epochs.entries()) {
      const sum = stepLosses
        .slice(index * STEPS, (index + 1) * STEPS)
        .reduce((total, loss, step) => total + loss * Math.min(64, SAMPLES - 64 * step), 0);
      expect(trainLoss).toBeCloseTo(sum / SAMPLES, 10);
    }
    const done = progress.map(({ step }) => step);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toMatchObject({
      epoch: 2,
      epochs: 2,
      step: 2 * STEPS,
      steps: 2 * STEPS,
      secondsLeft: 0,
    });
    expect(progress[0].secondsLeft).toBeGreaterThan(0);
    executor.dispose();
  });

  it('visits the samples in another order in each epoch', async () => {
    const executor = await executorOf();
    const orders: Promise<TypedArray>[] = [];
    // This engine copies before it returns the promise.
    await train(executor, { onEpoch: () => orders.push(executor.read('trainOrder')) });
    expect(await Promise.all(orders)).toEqual([0, 1, 2].map((epoch) => shuffledOrder(1, epoch, SAMPLES)));
    executor.dispose();
  });

  it('begins anew on the same executor', async () => {
    const executor = await executorOf({ epochs: 1 });
    const first = await train(executor);
    const second = await train(executor);
    expect(second.stepLosses).toEqual(first.stepLosses);
    expect(second.parameters).toEqual(first.parameters);
    executor.dispose();
  });

  it('keeps the finished epoch with the lowest training loss when it is stopped', async () => {
    // A rate so high that the loss jumps about.
    const executor = await executorOf({ epochs: 100, learningRate: 0.5 });
    const stopping = new AbortController();
    const losses: number[] = [];
    const parametersAt: Promise<Record<string, Float32Array>>[] = [];
    const { epochs, keptEpoch, stopped, parameters } = await train(executor, {
      signal: stopping.signal,
      onEpoch: ({ trainLoss }) => {
        // This engine copies before it returns the promise.
        parametersAt.push(readParameters(executor));
        if (losses.length > 0 && trainLoss > Math.min(...losses)) stopping.abort();
        losses.push(trainLoss);
      },
    });
    expect(stopped).toBe(true);
    const lowest = losses.indexOf(Math.min(...losses)) + 1;
    expect(lowest).toBeLessThan(losses.length);
    expect(epochs).toHaveLength(losses.length);
    expect(keptEpoch).toBe(lowest);
    expect(parameters).toEqual(await parametersAt[lowest - 1]);
    // The executor holds them too: what is evaluated next is what is kept.
    expect((await measure(executor)).accuracy).toBe(epochs[lowest - 1].testAccuracy);
    executor.dispose();
  });

  it('ends within an epoch when it is stopped there', async () => {
    const executor = await executorOf({ epochs: 1000 });
    const stopping = new AbortController();
    const { epochs, keptEpoch, stopped, stepLosses, parameters } = await train(executor, {
      signal: stopping.signal,
      onProgress: ({ epoch }) => epoch === 2 && stopping.abort(),
    });
    expect({ stopped, keptEpoch, epochs: epochs.length }).toEqual({ stopped: true, keptEpoch: 1, epochs: 1 });
    expect(stepLosses.length).toBeGreaterThan(STEPS);
    expect(stepLosses.length).toBeLessThanOrEqual(2 * STEPS);
    const alone = await executorOf({ epochs: 1 });
    expect(parameters).toEqual((await train(alone)).parameters);
    executor.dispose();
    alone.dispose();
  });

  it('has no epoch to keep when it is stopped in the first one', async () => {
    const executor = await executorOf();
    const stopping = new AbortController();
    const { epochs, keptEpoch, stopped, stepLosses } = await train(executor, {
      signal: stopping.signal,
      onProgress: () => stopping.abort(),
    });
    expect({ epochs, keptEpoch, stopped }).toEqual({ epochs: [], keptEpoch: 0, stopped: true });
    // The first run, of one step, and the one that was under way by then.
    expect(stepLosses.length).toBeGreaterThan(1);
    expect(stepLosses.length).toBeLessThan(10);
    executor.dispose();
  });

  it('waits at a closed gate, and leaves the wait out of its time', async () => {
    const executor = await executorOf({ epochs: 2 });
    let open: (() => void) | undefined;
    let steps = 0;
    let paused = false;
    const begin = performance.now();
    const training = train(executor, {
      onProgress: ({ step }) => {
        steps = step;
      },
      gate: () => {
        if (paused || steps < 5) return undefined;
        paused = true;
        return new Promise((resolve) => {
          open = resolve;
        });
      },
    });
    while (!open) await new Promise((resolve) => setTimeout(resolve, 1));
    const stepsThen = steps;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(steps).toBe(stepsThen);
    expect(steps).toBeLessThan(2 * STEPS);
    open();
    const { seconds, stepLosses } = await training;
    expect(stepLosses).toHaveLength(2 * STEPS);
    expect(seconds).toBeLessThan((performance.now() - begin) / 1000 - 0.45);
    executor.dispose();
  });

  it('may be looked into before each run of steps, and trains the same', async () => {
    const executor = await executorOf();
    const alone = await train(executor);
    const looks: Promise<Parameters>[] = [];
    let runs = 0;
    const watched = await train(executor, {
      onProgress: () => {
        runs++;
      },
      watch: (watchedExecutor) => looks.push(readParameters(watchedExecutor)),
    });
    expect(watched.parameters).toEqual(alone.parameters);
    expect(watched.stepLosses).toEqual(alone.stepLosses);
    expect(looks).toHaveLength(runs);
    const seen = await Promise.all(looks);
    const { network, recipe, seed } = executor.plan;
    expect(seen[0]).toEqual(initialParameters(network, recipe.initialisation, seed));
    // The first run has one step, whose gradient reaches every bias of the classes.
    expect(seen[1].bias1).not.toEqual(seen[0].bias1);
    for (const [n, parameters] of seen.slice(2).entries())
      expect(parameters.kernel0, `look ${n + 2}`).not.toEqual(seen[n + 1].kernel0);
    executor.dispose();
  });

  it('goes step by step while it is paused, and reports each step before the next', async () => {
    const executor = await executorOf({ epochs: 1 });
    const reported: number[] = [];
    const atGate: number[] = [];
    let paused = true;
    const { stepLosses } = await train(executor, {
      onProgress: ({ step }) => reported.push(step),
      paused: () => paused,
      gate: () => {
        atGate.push(reported.length);
        // Three single steps, then it goes on.
        if (atGate.length === 4) paused = false;
        return undefined;
      },
    });
    expect(atGate.slice(0, 4)).toEqual([0, 1, 2, 3]);
    expect(reported.slice(0, 3)).toEqual([1, 2, 3]);
    expect(reported.at(-1)).toBe(STEPS);
    const alone = await executorOf({ epochs: 1 });
    expect(stepLosses).toEqual((await train(alone)).stepLosses);
    executor.dispose();
    alone.dispose();
  });

  describe('shows a training by its steps alone', () => {
    /** All that is shown of a training but its times. */
    async function shown(executor: Executor, options: TrainOptions = {}) {
      const points: CurvePoint[] = [...(options.resume?.curve ?? [])];
      const losses = new Map<number, readonly [number, number]>();
      const runs: number[] = [];
      const { epochs } = await train(executor, {
        ...options,
        onProgress: (progress) => {
          points.push(...progress.points);
          losses.set(progress.step, [progress.loss, progress.accuracy]);
          runs.push(progress.stepLosses.length);
        },
      });
      const last = [...losses.values()].at(-1);
      return { points, losses, last, runs, epochs: epochs.map(timeless) };
    }

    const timeless = ({ seconds: _, imagesPerSecond: __, ...rest }: EpochReport) => rest;

    /** Each of its steps takes ten milliseconds more. */
    function slowed(executor: Executor): Executor {
      return {
        plan: executor.plan,
        read: (name) => executor.read(name),
        write: (name, data) => executor.write(name, data),
        run: async (phase, steps) => {
          const metrics = await executor.run(phase, steps);
          await new Promise((resolve) => setTimeout(resolve, 10 * steps.length));
          return metrics;
        },
        dispose: () => executor.dispose(),
      };
    }

    it('whatever the lengths of its runs', async () => {
      const executor = await executorOf({ epochs: 2 });
      const long = await shown(executor);
      const short = await shown(slowed(executor));
      const single = await shown(executor, { paused: () => true });
      expect(new Set([long, short, single].map(({ runs }) => runs.join())).size).toBe(3);
      expect(Math.max(...single.runs)).toBe(1);
      for (const other of [short, single]) {
        expect(other.points).toEqual(long.points);
        expect(other.epochs).toEqual(long.epochs);
        expect(other.last).toEqual(long.last);
        for (const [step, values] of other.losses)
          if (long.losses.has(step)) expect(values).toEqual(long.losses.get(step));
      }
      expect(long.points.map(({ epoch }) => epoch)).toEqual(
        Array.from(
          { length: 2 * STEPS },
          (_, step) => Math.floor(step / STEPS) + ((step % STEPS) + 1) / STEPS,
        ),
      );
      expect(long.last).toEqual([long.epochs[1].trainLoss, long.epochs[1].trainAccuracy]);
      executor.dispose();
    });

    it('whether it was interrupted or not', async () => {
      const executor = await executorOf();
      const snapshots: Snapshot[] = [];
      const whole = await shown(executor, { onSnapshot: (snapshot) => snapshots.push(snapshot) });
      expect(snapshots).toHaveLength(3);
      for (const resume of snapshots) {
        expect(resume.curve).toEqual(whole.points.slice(0, resume.epochs.length * STEPS));
        const resumed = await shown(executor, { resume });
        expect(resumed.points).toEqual(whole.points);
        expect(resumed.epochs).toEqual(whole.epochs);
      }
      executor.dispose();
    });

    it('in windows whose means come to the mean of their epoch', async () => {
      // More steps than a curve has points: an epoch's 250 steps are 100 windows.
      const executor = await executorOf({ epochs: 2, batch: 8 });
      const { points, epochs } = await shown(executor);
      expect(points).toHaveLength(200);
      const [first] = epochs;
      const mean = points.slice(0, 100).reduce((sum, { loss, epoch }, i) => {
        const steps = 250 * (epoch - (points[i - 1]?.epoch ?? 0));
        return sum + (loss * steps) / 250;
      }, 0);
      expect(mean).toBeCloseTo(first.trainLoss, 12);
      executor.dispose();
    });
  });

  it('says in one line that a training diverged', async () => {
    const executor = await prepared(
      engine,
      planOf(dataset, '784-64-64-64-10', { learningRate: 100 }),
      dataset,
    );
    await expect(train(executor)).rejects.toThrow(
      /^the learning rate 100 is too high: the training diverged, its loss is no longer finite at step \d+$/,
    );
    executor.dispose();
  });
});

describe('writeDataset', () => {
  const strange: [string, (data: Dataset) => Dataset, string][] = [
    [
      'a training label that no class has',
      (data) => ({ ...data, train: { ...data.train, labels: data.train.labels.slice().fill(10, 17, 18) } }),
      'training sample 17: label 10, expected 0 to 9 as the network has 10 classes',
    ],
    [
      'a test label that no class has',
      (data) => ({ ...data, test: { ...data.test, labels: data.test.labels.slice().fill(255, 1999) } }),
      'test sample 1999: label 255, expected 0 to 9 as the network has 10 classes',
    ],
    [
      'another number of samples',
      (data) => ({ ...data, test: { ...data.test, count: 1999 } }),
      '1999 test samples: the plan is made for 2000',
    ],
    [
      'an image too few',
      (data) => ({ ...data, train: { ...data.train, images: data.train.images.subarray(784) } }),
      `training images of ${1999 * 784} bytes: expected ${2000 * 784}, 2000 times 784 pixels`,
    ],
    [
      'a label too many',
      (data) => ({ ...data, train: { ...data.train, labels: new Uint8Array(2001) } }),
      '2001 training labels: expected 2000, one for each image',
    ],
  ];

  it.each(strange)('refuses %s before it writes anything', async (_, change, message) => {
    const executor = await engine.prepare(planOf(dataset, NETWORK));
    const written = vi.spyOn(executor, 'write');
    await expect(writeDataset(executor, change(dataset))).rejects.toThrow(new InputError(message));
    expect(written).not.toHaveBeenCalled();
    executor.dispose();
  });
});

describe('measure', () => {
  it('counts on the device what evaluate() counts from the logits', async () => {
    const executor = await executorOf({ epochs: 1 });
    await train(executor);
    const measured = await measure(executor);
    const { measurement, logits } = await measureWithLogits(executor);
    expect(measurement).toEqual(measured);
    const evaluation = evaluate(logits, dataset.test, dataset.classes);
    expect(measured.confusion).toEqual(evaluation.confusion);
    expect(measured.accuracy).toBe(evaluation.accuracy);
    // float32 sums of up to 256 losses, against float64.
    expect(measured.loss).toBeCloseTo(evaluation.loss, 5);
    executor.dispose();
  });

  it('counts anew each time', async () => {
    const executor = await executorOf({ epochs: 1 });
    await train(executor);
    expect(await measure(executor)).toEqual(await measure(executor));
    executor.dispose();
  });
});
