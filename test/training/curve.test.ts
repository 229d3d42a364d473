// The windows of a training's curve, and the means over them.
import { describe, expect, it } from 'vitest';
import { StepMeans, windowEnds } from '../../src/training/curve.ts';

describe('windowEnds', () => {
  it.each([
    [938, 2, 100],
    [469, 20, 10],
    [235, 300, 1],
    [32, 3, 32],
    [1, 1, 1],
    [7, 100_000, 1],
  ])('divides %d steps, %d times, evenly into %d windows', (perEpoch, epochs, windows) => {
    const ends = [...windowEnds(perEpoch, epochs)];
    expect(ends).toHaveLength(windows);
    expect(ends.at(-1)).toBe(perEpoch);
    const lengths = ends.map((end, i) => end - (ends[i - 1] ?? 0));
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
  });
});

it('StepMeans weighs steps by their rows', () => {
  const means = new StepMeans();
  means.add(64, 32, 48);
  means.add(16, 24, 12);
  expect({ loss: means.loss, accuracy: means.accuracy }).toEqual({ loss: 56 / 80, accuracy: 60 / 80 });
});
