// The training loop on the real WASM engine and real MNIST: it learns, stops, pauses, and says when it fails.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/cli/host_node.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import type { Engine, Executor } from '../../src/engine/engine.ts';
import { open } from '../../src/engine/open.ts';
import { evaluate } from '../../src/evaluation/evaluation.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import type { TypedArray } from '../../src/network/plan.ts';
import { shuffledOrder } from '../../src/network/random.ts';
import type { Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import {
  type EpochReport,
  measure,
  type Progress,
  readParameters,
  testLogits,
  train,
  writeParameters,
} from '../../src/training/trainer.ts';
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

  it('says in one line that a training diverged', async () => {
    const executor = await prepared(
      engine,
      planOf(dataset, '784-64-64-64-10', { learningRate: 100 }),
      dataset,
    );
    await expect(train(executor)).rejects.toThrow(
      /^the loss is no longer finite at step \d+: the training diverged; lower the learning rate \(100\)$/,
    );
    executor.dispose();
  });
});

describe('measure', () => {
  it('counts on the device what evaluate() counts from the logits', async () => {
    const executor = await executorOf({ epochs: 1 });
    await train(executor);
    const measured = await measure(executor);
    const evaluation = evaluate(await testLogits(executor), dataset.test, dataset.classes);
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
