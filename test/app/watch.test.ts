// How often a training is looked into, and that a paused one is seen as it is.
import { expect, it } from 'vitest';
import type { Peek } from '../../src/app/model/peek.ts';
import { Watch } from '../../src/app/worker/watch.ts';
import type { Executor } from '../../src/engine/engine.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower } from '../../src/network/lower.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { findRecipe } from '../../src/training/recipes.ts';

const network = parseNetwork('4-3-2');
const { recipe } = findRecipe('quick');
const plan = lower({ network, recipe, seed: 1, samples: { train: 128, test: 4 } });
const parameters = initialParameters(network, 'he', 1);
const IMAGES = [Uint8Array.of(255, 0, 9, 0)];

/** Of which a buffer is read when `settle` is called. */
function executor() {
  const waiting: (() => void)[] = [];
  const read = (name: string) =>
    new Promise<Float32Array>((resolve) => waiting.push(() => resolve(parameters[name])));
  const settle = async () => {
    for (const resolve of waiting.splice(0)) resolve();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { executor: { plan, read } as unknown as Executor, settle };
}

it('looks at most as often as it is asked to, and not unless it is', async () => {
  const seen: Peek[] = [];
  const watch = new Watch(
    IMAGES,
    () => false,
    (peek) => seen.push(peek),
  );
  const { executor: training, settle } = executor();
  watch.look(training);
  await settle();
  expect(seen).toHaveLength(0);

  watch.ask(1e9);
  for (let n = 0; n < 3; n++) {
    watch.look(training);
    await settle();
  }
  expect(seen).toHaveLength(1);
});

it('sees the state of each pause, also of one that comes while it looks', async () => {
  let paused = false;
  const seen: Peek[] = [];
  const watch = new Watch(
    IMAGES,
    () => paused,
    (peek) => seen.push(peek),
  );
  const { executor: training, settle } = executor();
  watch.ask(1e9);
  watch.look(training);
  paused = true;
  watch.refresh();
  await settle();
  await settle();
  expect(seen).toHaveLength(2);
  watch.look(training);
  await settle();
  expect(seen).toHaveLength(3);
  // Somebody comes to look while it waits.
  watch.ask(100);
  await settle();
  expect(seen).toHaveLength(4);
});

it('ends with what the training left, and with nothing of what was still on its way', async () => {
  const seen: Peek[] = [];
  const watch = new Watch(
    IMAGES,
    () => false,
    (peek) => seen.push(peek),
  );
  const { executor: training, settle } = executor();
  watch.ask(100);
  watch.look(training);
  watch.end(plan, parameters);
  await settle();
  expect(seen).toHaveLength(1);
  expect(seen[0].layers.map(({ units }) => units)).toEqual([3, 2]);
});
