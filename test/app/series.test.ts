// The lines of a chart.
import { expect, it } from 'vitest';
import { thinned, valueAt } from '../../src/app/parts/series.ts';

it('thins a long line to the means of neighbours, and leaves a short one alone', () => {
  const x = Array.from({ length: 1200 }, (_, i) => i);
  const long = thinned({ name: 'long', x, y: x.map((value) => 2 * value), colour: '--train' });
  expect(long).toMatchObject({ name: 'long', colour: '--train' });
  expect(long.x.length).toBe(400);
  expect([long.x[0], long.x[399]]).toEqual([1, 1198]);
  for (const [i, value] of long.x.entries()) expect(long.y[i]).toBe(2 * value);
  const short = { name: 'short', x: x.slice(0, 400), y: x.slice(0, 400) };
  expect(thinned(short)).toBe(short);
});

it('keeps the gaps that are wider than what is merged', () => {
  const x = Array.from({ length: 800 }, (_, i) => i);
  const { y } = thinned({ name: 'gap', x, y: x.map((value) => (value > 0 && value < 5 ? null : 7)) });
  expect(y.slice(0, 4)).toEqual([7, null, 7, 7]);
});

it('finds the value at a place, or before it', () => {
  const series = { name: 'a', x: [1, 2, 4], y: [10, null, 40] };
  expect([0, 1, 2, 3, 4, 5].map((at) => valueAt(series, at))).toEqual([null, 10, 10, 10, 40, 40]);
  expect(valueAt(series)).toBe(40);
});
