// The recorder behind the live charts.
import { describe, expect, it } from 'vitest';
import { CurveRecorder } from '../../src/app/parts/curves.ts';
import type { EpochReport, Progress } from '../../src/training/trainer.ts';

const STEPS = 5000;
const EPOCHS = 5;

function progress(step: number): Progress {
  const epoch = Math.ceil((step / STEPS) * EPOCHS);
  return {
    epoch,
    epochs: EPOCHS,
    step,
    steps: STEPS,
    loss: 1 / step,
    accuracy: step / STEPS,
    stepLosses: [1 / step],
    learningRate: 0.1,
    imagesPerSecond: 1,
    seconds: step,
    secondsLeft: 1,
  };
}

function report(epoch: number): EpochReport {
  return {
    epoch,
    trainLoss: 1,
    trainAccuracy: 0,
    testLoss: 10 + epoch,
    testAccuracy: epoch / 10,
    seconds: 1,
    imagesPerSecond: 1,
  };
}

describe('a long training', () => {
  const recorder = new CurveRecorder();
  for (let step = 1; step <= STEPS; step++) {
    recorder.addProgress(progress(step));
    if (step % (STEPS / EPOCHS) === 0) recorder.addEpoch(report((step / STEPS) * EPOCHS));
  }
  const loss = recorder.loss();
  const accuracy = recorder.accuracy();

  it('is thinned to few points in order, without a bend in a straight line', () => {
    expect(loss.epoch.length).toBeLessThanOrEqual(1200);
    expect(loss.epoch).toEqual(loss.epoch.toSorted((a, b) => a - b));
    expect(loss.epoch.at(-1)).toBe(EPOCHS);
    for (const [i, epoch] of accuracy.epoch.entries()) {
      // The last point of an epoch stands at its end, up to 8 merged steps of 5000 later than its mean.
      const tolerance = loss.test[i] === null ? 1e-9 : 8 / STEPS;
      expect(Math.abs(accuracy.train[i] - epoch / EPOCHS)).toBeLessThan(tolerance);
    }
  });

  it('keeps the test values of every epoch where the epoch ended', () => {
    const ends = loss.epoch.filter((_, i) => loss.test[i] !== null);
    expect(ends).toEqual([1, 2, 3, 4, 5]);
    expect(loss.test.filter((value) => value !== null)).toEqual([11, 12, 13, 14, 15]);
    expect(accuracy.test.filter((value) => value !== null)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  });
});

it('a short rest of an epoch is no point of its own', () => {
  const recorder = new CurveRecorder();
  recorder.addProgress({ ...progress(990), accuracy: 0.5 });
  recorder.addProgress({ ...progress(1000), accuracy: 1 });
  expect(recorder.accuracy()).toEqual({ epoch: [1], train: [0.505], test: [null] });
});
