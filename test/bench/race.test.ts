// Time to accuracy: every library's training is the same training.
import { expect, it } from 'vitest';
import type { PeerName } from '../../src/bench/options.ts';
import { ownRace } from '../../src/bench/peers/mnist_kernels.ts';
import { PEERS } from '../../src/bench/peers/peers.ts';
import { type Lap, type Racer, race, SEEDS, shortfall } from '../../src/bench/race.ts';
import { workWith } from '../../src/bench/work.ts';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { findRecipe } from '../../src/training/recipes.ts';

const mnist = await loadMnistNode();
// The last batch is not full.
const data = { ...mnist, train: slice(mnist.train, 0, 2000), test: slice(mnist.test, 0, 1000) };
const { recipe } = findRecipe('quick');
const work = workWith('784-32-10', recipe, data);
const host = nodeHost();

const ours = await ownRace(work, host, '1 thread', { backend: 'wasm', threads: 1 });
const expected = await ours.train(3);
ours.dispose();

const PEERS_IN_NODE: readonly PeerName[] = ['tfjs-wasm', 'tfjs-cpu', 'plain TypeScript'];

it.each(PEERS_IN_NODE)('%s trains as we do, again and again', async (name) => {
  const racer = await PEERS[name].race!(work, host);
  const [first, again] = [await racer.train(3), await racer.train(3)];
  racer.dispose();
  expect(first).toHaveLength(recipe.epochs);
  expect(again.map(accuracy)).toEqual(first.map(accuracy));
  // Sums in another order may turn an image that is between two classes.
  for (const [epoch, lap] of first.entries())
    expect(Math.abs(lap.testAccuracy - expected[epoch].testAccuracy)).toBeLessThanOrEqual(0.002);
  expect(first[1].milliseconds).toBeGreaterThan(first[0].milliseconds);
});

const accuracy = ({ testAccuracy }: Lap) => testAccuracy;

it('takes the first lap that reaches the target, and leaves out who fails', async () => {
  const turns: string[] = [];
  const racer = (name: string, train: (seed: number) => Lap[]): Racer => ({
    name,
    version: '',
    threads: 1,
    dispose: () => {},
    async train(seed) {
      turns.push(name + seed);
      return train(seed);
    },
  });
  const laps = (seed: number) => [
    { milliseconds: 10 * seed, testAccuracy: seed === 2 ? 0.977 : 0.97 },
    { milliseconds: 20 * seed, testAccuracy: seed === 5 ? 0.979 : 0.981 },
  ];
  const failing = racer('b', (seed) => {
    if (seed === 2) throw new Error('out of memory');
    return laps(seed);
  });
  const races = await race([racer('a', laps), failing], 0.976, () => {});
  expect(turns).toEqual([
    'a1',
    'b1',
    'a2',
    'b2',
    ...Array.from({ length: SEEDS - 2 }, (_, i) => `a${i + 3}`),
  ]);
  expect(races.map(({ racer: { name }, error }) => [name, error])).toEqual([
    ['a', undefined],
    ['b', 'out of memory'],
  ]);
  expect(races[0].times).toEqual([20, 20, 60, 80, 100]);
  expect(shortfall(races[0].times)).toBeUndefined();
  const [further] = await race([racer('a', laps)], 0.98, () => {});
  expect(further.times).toEqual([20, 40, 60, 80, Infinity]);
  expect(shortfall(further.times)).toBe('reached with 4 of 5 seeds');
});
