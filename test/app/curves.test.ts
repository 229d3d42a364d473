// The recorder behind the live charts.
import { describe, expect, it } from 'vitest';
import { CurveRecorder } from '../../src/app/model/curves.ts';
import type { CurvePoint } from '../../src/training/curve.ts';
import type { EpochReport } from '../../src/training/events.ts';

const point = (epoch: number): CurvePoint => ({ epoch, loss: 1 / epoch, accuracy: epoch / 10 });

function report(epoch: number): EpochReport {
  return {
    epoch,
    trainLoss: 1,
    trainAccuracy: 0,
    testLoss: 10 + epoch,
    testAccuracy: epoch / 100,
    seconds: 1,
    imagesPerSecond: 1,
  };
}

describe('curves', () => {
  it('have the points in order, and test values where an epoch ended', () => {
    const recorder = new CurveRecorder();
    recorder.addPoints([point(0.5)]);
    recorder.addPoints([point(1)]);
    recorder.addEpoch(report(1));
    recorder.addPoints([point(1.5), point(2)]);
    recorder.addEpoch(report(2));
    const epoch = [0.5, 1, 1.5, 2];
    expect(recorder.loss()).toEqual({
      epoch,
      train: epoch.map((at) => 1 / at),
      test: [null, 11, null, 12],
    });
    expect(recorder.accuracy()).toEqual({
      epoch,
      train: epoch.map((at) => at / 10),
      test: [null, 0.01, null, 0.02],
    });
  });

  it('go back to where a training goes on from', () => {
    const recorder = new CurveRecorder();
    recorder.addPoints([point(0.5), point(1), point(1.5)]);
    recorder.addEpoch(report(1));
    const again = { ...point(1.5), loss: 7 };
    recorder.addPoints([again]);
    expect(recorder.loss()).toEqual({ epoch: [0.5, 1, 1.5], train: [2, 1, 7], test: [null, 11, null] });
  });
});
