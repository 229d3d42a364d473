// What a comparison makes of two traces.
import { expect, it } from 'vitest';
import {
  agreementOf,
  MAX_LOSS_DIFFERENCE,
  orderBound,
  summarise,
  TraceRecorder,
} from '../../src/evaluation/comparison.ts';
import type { EpochReport } from '../../src/training/events.ts';

/** Three steps an epoch: two of 8 images and one of 4. */
const EXTENT = { batch: 8, samples: 20 };

const report = (epoch: number, testAccuracy: number): EpochReport => ({
  epoch,
  trainLoss: 1,
  trainAccuracy: 0,
  testLoss: 1,
  testAccuracy,
  seconds: 1,
  imagesPerSecond: 1,
});

function reference(): TraceRecorder {
  const trace = new TraceRecorder();
  trace.addSteps([4, 2], 1);
  trace.addSteps([1], 2);
  trace.addEpoch(report(1, 0.5), null);
  trace.addSteps([1, 0.5], 4);
  return trace;
}

it('shares the time of a run among its steps, and counts the images of a short last step', () => {
  const trace = reference();
  expect(trace.stepSeconds).toEqual([0.5, 1, 2, 3, 4]);
  expect(summarise(trace, trace, EXTENT)).toEqual({
    steps: 5,
    seconds: 4,
    millisecondsPerStep: 800,
    imagesPerSecond: 36 / 4,
    ratio: 1,
    testAccuracy: 0.5,
    difference: null,
  });
});

it('finds the largest differences, epoch by epoch, and the first step beyond the order of a sum', () => {
  const trace = new TraceRecorder();
  const within = 0.9 * orderBound(8);
  const beyond = 1.1 * orderBound(8);
  trace.addSteps([4 * (1 + within), 2, 1 - beyond], 12);
  trace.addEpoch(report(1, 0.25), 3e-6);
  trace.addSteps([1.25], 16);
  const { difference, ratio } = summarise(trace, reference(), EXTENT);
  expect(ratio).toBe(5);
  expect(difference).toEqual({
    loss: 0.25,
    parameter: 3e-6,
    firstStep: 3,
    epochs: [{ epoch: 1, loss: expect.closeTo(4 * within, 12), parameter: 3e-6 }],
  });
});

it('says nothing of what has not begun', () => {
  const empty = new TraceRecorder();
  expect(summarise(empty, reference(), EXTENT)).toEqual({
    steps: 0,
    seconds: 0,
    millisecondsPerStep: null,
    imagesPerSecond: null,
    ratio: null,
    testAccuracy: null,
    difference: null,
  });
});

it('lets a loss that is no number through', () => {
  const trace = new TraceRecorder();
  trace.addSteps([4, Number.NaN, 1], 3);
  expect(summarise(trace, reference(), EXTENT).difference?.loss).toBeNaN();
});

it('tells by the first eight losses whether two compute the same', () => {
  const trace = (...losses: number[]) => {
    const made = new TraceRecorder();
    made.addSteps(losses, losses.length);
    return made;
  };
  const ones = trace(...Array(10).fill(1));
  const off = (step: number, by: number) =>
    trace(...Array.from({ length: 9 }, (_, i) => (i === step ? 1 + by : 1)));
  expect(agreementOf(ones, ones)).toEqual({ same: true, difference: 0 });
  expect(agreementOf(off(7, 0.9 * MAX_LOSS_DIFFERENCE), ones)).toEqual({
    same: true,
    difference: expect.closeTo(0.9 * MAX_LOSS_DIFFERENCE, 12),
  });
  expect(agreementOf(off(7, 1.1 * MAX_LOSS_DIFFERENCE), ones)?.same).toBe(false);
  // By then rounding may have grown.
  expect(agreementOf(off(8, 1), ones)).toEqual({ same: true, difference: 0 });
  expect(agreementOf(trace(Number.NaN), ones)?.same).toBe(false);
  expect(agreementOf(trace(), ones)).toBeUndefined();
});
