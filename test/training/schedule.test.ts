// The course of the learning rate, and the steps that visit every sample once.
import { describe, expect, it } from 'vitest';
import { MAX_STEPS_PER_RUN } from '../../src/network/plan.ts';
import { DEFAULT_OPTIMIZERS, type Schedule } from '../../src/network/recipe.ts';
import { evaluationRuns, scheduleFactor, stepsPerEpoch, trainingSteps } from '../../src/training/schedule.ts';
import { RECIPE } from './setup.ts';

describe('scheduleFactor', () => {
  it('is 1 throughout if constant', () => {
    for (const number of [0, 5, 9]) expect(scheduleFactor({ kind: 'constant' }, number, 10)).toBe(1);
  });

  it.each([
    [0, 1],
    [25, (1 + Math.SQRT1_2) / 2],
    [50, 0.5],
    [75, (1 - Math.SQRT1_2) / 2],
    [99, (1 - Math.cos(Math.PI / 100)) / 2],
  ])('follows half a cosine: step %d of 100 has the factor %d', (number, factor) => {
    expect(scheduleFactor({ kind: 'cosine' }, number, 100)).toBeCloseTo(factor, 12);
  });

  it.each([
    [0, 1 / 21],
    [9, 10 / 21],
    [19, 20 / 21],
    [20, 1],
    [60, 0.5],
    [99, (1 - Math.cos(Math.PI / 80)) / 2],
  ])('rises in a line, then falls as a cosine: step %d of 100 has the factor %d', (number, factor) => {
    expect(scheduleFactor({ kind: 'one-cycle', warmup: 0.2 }, number, 100)).toBeCloseTo(factor, 12);
  });

  it('never stands still and never exceeds the peak', () => {
    const schedules: Schedule[] = [
      { kind: 'cosine' },
      ...[0, 0.001, 0.3, 0.5, 0.99, 0.9999].map((warmup): Schedule => ({ kind: 'one-cycle', warmup })),
    ];
    for (const schedule of schedules) {
      for (const total of [1, 2, 3, 7, 1000]) {
        for (let number = 0; number < total; number++) {
          const factor = scheduleFactor(schedule, number, total);
          expect(factor).toBeGreaterThan(0);
          expect(factor).toBeLessThanOrEqual(1);
        }
      }
    }
  });
});

describe('trainingSteps', () => {
  it.each([
    [2000, 64, 32, 16],
    [128, 64, 2, 64],
    [65, 64, 2, 1],
    [64, 64, 1, 64],
  ])('trains on the last, smaller batch: %d samples in batches of %d', (samples, batch, count, last) => {
    const recipe = { ...RECIPE, batch };
    expect(stepsPerEpoch(recipe, samples)).toBe(count);
    const steps = trainingSteps(recipe, samples, 0, 0, count);
    expect(steps.at(-1)!.rows).toBe(last);
    let next = 0;
    for (const { first, rows } of steps) {
      expect(first).toBe(next);
      next += rows;
    }
    expect(next).toBe(samples);
  });

  it('counts steps over epochs and slots over a run', () => {
    const steps = trainingSteps(RECIPE, 2000, 2, 30, 2);
    expect(steps.map(({ number, slot, first }) => [number, slot, first])).toEqual([
      [94, 0, 1920],
      [95, 1, 1984],
    ]);
  });

  it('gives the same steps however an epoch is cut into runs', () => {
    const recipe = { ...RECIPE, schedule: { kind: 'cosine' } as const };
    const whole = trainingSteps(recipe, 2000, 1, 0, 32).map(({ slot, ...step }) => step);
    const parts = [0, 1, 3, 20].flatMap((from, index, all) =>
      trainingSteps(recipe, 2000, 1, from, (all[index + 1] ?? 32) - from).map(({ slot, ...step }) => step),
    );
    expect(parts).toEqual(whole);
  });

  it('carries the scheduled rate of the whole training', () => {
    const recipe = { ...RECIPE, schedule: { kind: 'cosine' } as const, learningRate: 0.4 };
    const rate = (epoch: number, from: number) => trainingSteps(recipe, 2000, epoch, from, 1)[0].learningRate;
    expect(rate(0, 0)).toBe(0.4);
    // Step 48 of 96.
    expect(rate(1, 16)).toBeCloseTo(0.2, 12);
  });

  it("carries AdamW's corrections, and none for sgd", () => {
    const adamw = { ...RECIPE, optimizer: DEFAULT_OPTIMIZERS.adamw };
    const [first, second] = trainingSteps(adamw, 2000, 0, 0, 2);
    expect(first.correction1).toBeCloseTo(10, 12);
    expect(first.correction2).toBeCloseTo(1000, 9);
    expect(second.correction1).toBeCloseTo(1 / 0.19, 12);
    expect(second.correction2).toBeCloseTo(1 / (1 - 0.998001), 9);
    expect(trainingSteps(RECIPE, 2000, 0, 5, 1)[0]).toMatchObject({ correction1: 1, correction2: 1 });
  });
});

describe('evaluationRuns', () => {
  it.each([
    [10_000, 256],
    [1, 256],
    [256, 256],
    [257, 256],
    [2 * MAX_STEPS_PER_RUN + 1, 1],
    [MAX_STEPS_PER_RUN, 1],
  ])('visits each of %d samples once in batches of %d', (samples, batch) => {
    const runs = evaluationRuns(samples, batch);
    let next = 0;
    for (const run of runs) {
      expect(run.length).toBeGreaterThan(0);
      expect(run.length).toBeLessThanOrEqual(MAX_STEPS_PER_RUN);
      expect(run.map(({ slot }) => slot)).toEqual([...run.keys()]);
      for (const { first, rows } of run) {
        expect(first).toBe(next);
        expect(rows).toBeLessThanOrEqual(batch);
        next += rows;
      }
    }
    expect(next).toBe(samples);
  });
});
