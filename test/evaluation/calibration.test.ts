// Calibration against values worked out by hand, in float64.
import { describe, expect, it } from 'vitest';
import { calibrate } from '../../src/evaluation/calibration.ts';

const answer = (probability: number, right: boolean) => ({
  label: 0,
  predicted: right ? 0 : 1,
  probability,
});

describe('calibrate', () => {
  // The second of four bins holds 0.375 and 0.5 (one right), the third 0.75, the last 0.875, 1 and 1 (two
  // right).
  const { bins, accuracy, confidence, error } = calibrate(
    [
      answer(0.5, true),
      answer(0.375, false),
      answer(0.75, true),
      answer(0.875, false),
      answer(1, true),
      answer(1, true),
    ],
    4,
  );

  it('puts a confidence on a border into the bin below it', () => {
    expect(bins.map(({ low, high, count, correct }) => [low, high, count, correct])).toEqual([
      [0, 0.25, 0, 0],
      [0.25, 0.5, 2, 1],
      [0.5, 0.75, 1, 1],
      [0.75, 1, 3, 2],
    ]);
  });

  it('takes the share of right answers and the mean confidence of each bin, 0 of an empty one', () => {
    expect(bins.map(({ accuracy }) => accuracy)).toEqual([0, 1 / 2, 1, 2 / 3]);
    expect(bins.map(({ confidence }) => confidence)).toEqual([0, 0.4375, 0.75, 2.875 / 3]);
  });

  it('takes both over all answers', () => {
    expect([accuracy, confidence]).toEqual([4 / 6, 4.5 / 6]);
  });

  it('weighs the gaps of the bins by their answers', () => {
    // 2/6 · |1/2 − 0.4375| + 1/6 · |1 − 0.75| + 3/6 · |2/3 − 2.875/3|
    expect(error).toBeCloseTo((0.125 + 0.25 + 0.875) / 6, 15);
  });

  it('finds no error where every bin is right as often as it is confident', () => {
    expect(calibrate([answer(0.5, true), answer(0.5, false), answer(1, true)]).error).toBe(0);
  });

  it('has no error of no answers', () => {
    expect(calibrate([]).error).toBe(0);
  });
});
