// The order of the kept runs, with each sweep as one entry.
import { expect, it } from 'vitest';
import { type Column, entriesOf, NEWEST_FIRST, sortedBy } from '../../src/app/train/run_order.ts';
import { run } from './kept_run.ts';

const sweep = { id: 's', rows: 'learningRate', columns: 'batch' };
/** As they are kept: the newest first. */
const kept = [
  run({ id: 'd', created: 4, name: 'net 10', accuracy: 0.9, seconds: 1, train: 500 }),
  run({ id: 'c', created: 3, name: 'net 9', accuracy: 0.8, seconds: 9, train: 60_000, sweep }),
  run({ id: 'b', created: 2, name: 'a', accuracy: 0.95, seconds: 8, train: 60_000, sweep }),
  run({ id: 'a', created: 1, name: 'net 9', accuracy: 0.99, seconds: 4, train: 1000 }),
];

const sorted = (column: Column, descending: boolean) =>
  entriesOf(kept, { column, descending }).map(({ id }) => id);

it('has the runs of a sweep as one entry, the best first', () => {
  const [, entry] = entriesOf(kept, NEWEST_FIRST);
  expect(entry).toMatchObject({ id: 's', isSweep: true });
  expect(entry.runs.map(({ id }) => id)).toEqual(['b', 'c']);
});

it.each<[Column, readonly string[]]>([
  ['created', ['d', 's', 'a']],
  ['accuracy', ['a', 's', 'd']],
  ['images', ['s', 'a', 'd']],
])('sorts by %s, the largest first', (column, ids) => {
  expect(sorted(column, true)).toEqual(ids);
  expect(sorted(column, false)).toEqual(ids.toReversed());
});

it('sorts by name as people count, and by all of a sweep’s seconds', () => {
  expect(sorted('name', false)).toEqual(['s', 'a', 'd']);
  expect(sorted('seconds', false)).toEqual(['d', 'a', 's']);
});

it('turns at the second choice of a column, and begins each with what is sought most', () => {
  const byTime = sortedBy(NEWEST_FIRST, 'seconds');
  expect(byTime).toEqual({ column: 'seconds', descending: false });
  expect(sortedBy(byTime, 'seconds')).toEqual({ column: 'seconds', descending: true });
  expect(sortedBy(byTime, 'accuracy')).toEqual({ column: 'accuracy', descending: true });
});
