// A failure that may come at any time, while others wait for something else.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { Failure } from '../src/failure.ts';

it('rejects what waits, and what comes later', async () => {
  const failure = new Failure();
  const never = failure.during(new Promise(() => {}));
  failure.raise(new Error('it broke'));
  failure.raise(new Error('it broke again'));
  await expect(never).rejects.toThrow('it broke');
  await expect(failure.during(Promise.resolve(1))).rejects.toThrow(/^it broke$/);
  await expect(failure.during(Promise.reject(new Error('unheard')))).rejects.toThrow(/^it broke$/);
});

it('lets work settle as it does', async () => {
  const failure = new Failure();
  await expect(failure.during(Promise.resolve(7))).resolves.toBe(7);
  await expect(failure.during(Promise.reject(new Error('own')))).rejects.toThrow('own');
  failure.raise(new Error('later'));
});

it('keeps nothing of work that has settled, unlike a race', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const failure = new Failure();
  const outcomes = [];
  for (let n = 0; n < 3; n++)
    outcomes.push(new WeakRef(await failure.during(Promise.resolve({ large: new Uint8Array(1e6) }))));
  await new Promise((resolve) => setTimeout(resolve));
  gc();
  expect(outcomes.map((outcome) => outcome.deref())).toEqual([undefined, undefined, undefined]);
  failure.raise(new Error('later'));
});
