// What is kept of a training under way, where nothing can be kept: Node has no IndexedDB, so that every use
// of it throws at once.
import { expect, it } from 'vitest';
import { forget, Keeper, listUnfinished, type Unfinished } from '../../src/app/storage/unfinished.ts';

it('a training goes on where the browser keeps nothing', async () => {
  expect('indexedDB' in globalThis).toBe(false);
  const training = { id: '1' } as Unfinished;
  const keeper = new Keeper(training);
  keeper.offer(training.snapshot);
  keeper.offer(training.snapshot);
  await expect(keeper.end()).resolves.toBeUndefined();
});

it('the page is told by a rejection, not by a throw', async () => {
  await expect(forget('1')).rejects.toThrow('indexedDB');
  await expect(listUnfinished()).rejects.toThrow('indexedDB');
});
