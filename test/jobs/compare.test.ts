// The same training on several engines: what is equal, what differs and by how much, and what happens to one
// that cannot run.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { InputError } from '../../src/errors.ts';
import { orderBound, TraceRecorder } from '../../src/evaluation/comparison.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { runCompareJob } from '../../src/jobs/compare.ts';
import type { CompareEvent, CompareJob, Entrant } from '../../src/jobs/job.ts';
import { RECIPE, smallMnist } from '../training/setup.ts';

/** 16 steps an epoch, the last of them with 40 images. */
const JOB: Omit<CompareJob, 'entrants'> = {
  network: '784-32-10',
  recipe: { ...RECIPE, epochs: 2 },
  seed: 1,
  trainLimit: 1000,
};

const ONE: Entrant = { name: 'one thread', engine: { backend: 'wasm', threads: 1 } };
const TWO: Entrant = { name: 'two threads', engine: { backend: 'wasm', threads: 2 } };
const TFJS: Entrant = { name: 'tfjs', engine: { backend: 'tfjs' } };
const TFJS_GPU: Entrant = { name: 'tfjs on WebGPU', engine: { backend: 'tfjs', tfjsBackend: 'webgpu' } };
const BROKEN: Entrant = { name: 'broken', engine: { backend: 'wasm', threads: 0 } };

/**
 * What one sum of 784 products may be off by its order: so few steps stay far below it, and no wrong engine
 * is so near.
 */
const NEAR = orderBound(784);

let dataset: Dataset;
beforeAll(async () => {
  dataset = await smallMnist();
});

const compare = (
  entrants: readonly Entrant[],
  change: Partial<CompareJob> = {},
  onEvent?: (event: CompareEvent) => void,
  signal?: AbortSignal,
) => runCompareJob({ ...JOB, ...change, entrants }, dataset, nodeHost(), { onEvent, signal });

describe('runCompareJob', () => {
  it('finds no difference between one thread and two', async () => {
    const { entrants } = await compare([ONE, TWO]);
    expect(entrants.map(({ engine }) => engine?.threads)).toEqual([1, 2]);
    expect(entrants[0]).toMatchObject({ steps: 32, ratio: 1, difference: null, stopped: false });
    expect(entrants[1].difference).toEqual({
      loss: 0,
      parameter: 0,
      firstStep: null,
      epochs: [
        { epoch: 1, loss: 0, parameter: 0 },
        { epoch: 2, loss: 0, parameter: 0 },
      ],
    });
  });

  // The second is slow on a software GPU.
  it.each([
    { ...TFJS, epochs: 2, trainLimit: JOB.trainLimit },
    { ...TFJS_GPU, epochs: 1, trainLimit: 192 },
  ])('finds $name near, and not the same', async ({ epochs, trainLimit, ...entrant }) => {
    const { entrants } = await compare([ONE, entrant], { recipe: { ...JOB.recipe, epochs }, trainLimit });
    const { difference, testAccuracy, failure } = entrants[1];
    expect(failure).toBeUndefined();
    for (const largest of [difference!.loss, difference!.parameter!]) {
      expect(largest).toBeGreaterThan(0);
      expect(largest).toBeLessThan(NEAR);
    }
    expect(difference!.epochs.length).toBe(epochs);
    expect(Math.abs(testAccuracy! - entrants[0].testAccuracy!)).toBeLessThan(0.002);
  });

  it('measures what it says', async () => {
    const { entrants } = await compare([ONE, TFJS]);
    for (const each of entrants) {
      expect(each.stepLosses.length).toBe(32);
      expect(each.stepSeconds).toEqual(each.stepSeconds.toSorted((a, b) => a - b));
      expect(each.seconds).toBe(each.stepSeconds.at(-1));
      const inEpochs = each.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
      expect(each.seconds).toBeCloseTo(inEpochs, 9);
      expect(each.millisecondsPerStep).toBeCloseTo((1000 * each.seconds) / 32, 9);
      expect(each.imagesPerSecond).toBeCloseTo(2000 / each.seconds, 6);
      expect(each.testAccuracy).toBe(each.epochs[1].testAccuracy);
    }
    expect(entrants[1].ratio).toBeCloseTo(entrants[1].seconds / entrants[0].seconds, 9);
  });

  it('makes a row of one that cannot run, and goes on', async () => {
    const { entrants } = await compare([BROKEN, ONE, TWO]);
    expect(entrants[0]).toMatchObject({
      name: 'broken',
      failure: expect.stringContaining('threads 0: expected a whole number'),
      steps: 0,
      millisecondsPerStep: null,
      testAccuracy: null,
    });
    expect(entrants[1]).toMatchObject({ ratio: 1, difference: null });
    expect(entrants[2].difference?.loss).toBe(0);
  });

  it('makes a row of a training that diverges, with the steps that it did', async () => {
    const recipe = { ...JOB.recipe, learningRate: 100 };
    const { entrants } = await compare([ONE, TWO], { recipe, network: '784-64-64-64-10' });
    for (const { failure, stepLosses, difference } of entrants) {
      expect(failure).toMatch(/diverged/);
      expect(stepLosses.length).toBeGreaterThan(0);
      expect(difference).toBeNull();
    }
  });

  it('tells of everything as it comes', async () => {
    const events: CompareEvent[] = [];
    const { entrants } = await compare([ONE, BROKEN, TFJS], {}, (event) => events.push(event));
    expect(events.filter(({ kind }) => kind === 'opened').map(({ entrant }) => entrant)).toEqual([0, 2]);
    const traces = entrants.map(() => new TraceRecorder());
    for (const event of events) {
      if (event.kind === 'steps') traces[event.entrant].addSteps(event.losses, event.seconds);
      if (event.kind === 'epoch')
        traces[event.entrant].addEpoch(event.report, event.parameterDifferences[0] ?? null);
    }
    for (const [i, trace] of traces.entries()) expect(entrants[i]).toMatchObject(trace);
    const ends = events.filter((event) => event.kind === 'ended');
    expect(ends.map(({ end }) => end.failure !== undefined)).toEqual([false, true, false]);
  });

  it('tells how far each is from all that came before it, not from the first alone', async () => {
    const events: CompareEvent[] = [];
    const recipe = { ...JOB.recipe, epochs: 1 };
    const { entrants } = await compare([ONE, BROKEN, TFJS, TWO], { recipe }, (event) => events.push(event));
    const [first, tfjs, second] = events.flatMap((event) =>
      event.kind === 'epoch' ? [event.parameterDifferences] : [],
    );
    expect(first).toEqual([]);
    expect(tfjs).toEqual([expect.any(Number), null]);
    expect(tfjs[0]).toBeGreaterThan(0);
    // Both have the same parameters, so tfjs is as far from one as from the other.
    expect(second).toEqual([0, null, tfjs[0]]);
    expect(entrants.map(({ parameterDifferences }) => parameterDifferences)).toEqual([
      [null],
      [],
      [tfjs[0]],
      [0],
    ]);
  });

  it('keeps what there is when it is stopped', async () => {
    const stopping = new AbortController();
    const onEvent = ({ entrant, kind }: CompareEvent) => {
      if (entrant === 1 && kind === 'epoch') stopping.abort();
    };
    const recipe = { ...JOB.recipe, epochs: 200 };
    const { entrants } = await compare(
      [ONE, TWO, TFJS],
      { recipe, trainLimit: 200 },
      onEvent,
      stopping.signal,
    );
    expect(entrants[0]).toMatchObject({ stopped: false, steps: 800 });
    expect(entrants[1]).toMatchObject({ stopped: true, difference: { loss: 0, parameter: 0 } });
    expect(entrants[1].steps).toBeLessThan(800);
    expect(entrants[2].failure).toMatch(/stopped before its turn/);
  });

  it('refuses what does not fit the data before it runs anything', async () => {
    const events: CompareEvent[] = [];
    const wrong = compare([ONE], { network: '100-10' }, (event) => events.push(event));
    await expect(wrong).rejects.toThrow(InputError);
    expect(events).toEqual([]);
  });
});
