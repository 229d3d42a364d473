// Subnormal numbers, on which many processors are slow: a long training leaves none behind.
import { describe, expect, it } from 'vitest';
import { open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { FLUSH_THRESHOLD } from '../../src/network/kernels.ts';
import { buffersOf } from '../../src/network/plan.ts';
import { shuffledOrder } from '../../src/network/random.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { stepsPerEpoch, trainingSteps } from '../../src/training/schedule.ts';
import { writeParameters } from '../../src/training/transfer.ts';
import { planOf, prepared, SAMPLES, smallMnist } from './setup.ts';

const NETWORK = '784-20-10';
const SEED = 1;
const STEPS = 1000;

/** Float32's smallest normal number. */
const SMALLEST_NORMAL = 2 ** -126;

const OPTIMIZERS: readonly { name: string; change: Partial<Recipe> }[] = [
  {
    // The weights of pixels that are never inked decay too: by 10 % a step, below 1e-38 in 800.
    name: 'SGD',
    change: { optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 1 }, learningRate: 0.1 },
  },
  { name: 'AdamW', change: { optimizer: DEFAULT_OPTIMIZERS.adamw, learningRate: 0.003 } },
];

describe.each(OPTIMIZERS)(`after ${STEPS} steps of $name`, ({ change }) => {
  it.each(['wasm', 'webgpu'] as const)(
    '%s has no subnormal number in states, activations and gradients',
    async (backend) => {
      const dataset = await smallMnist();
      const plan = planOf(dataset, NETWORK, change, SEED);
      const { engine } = await open(nodeHost(), { backend });
      try {
        const executor = await prepared(engine, plan, dataset);
        await writeParameters(executor, initialParameters(parseNetwork(NETWORK), 'he', SEED));
        const perEpoch = stepsPerEpoch(plan.recipe, SAMPLES);
        for (let done = 0; done < STEPS; done += perEpoch) {
          const epoch = done / perEpoch;
          await executor.write('trainOrder', shuffledOrder(SEED, epoch, SAMPLES));
          const count = Math.min(perEpoch, STEPS - done);
          await executor.run('train', trainingSteps(plan.recipe, SAMPLES, epoch, 0, count));
        }
        const states = buffersOf(plan, 'parameter', 'state');
        const products = buffersOf(plan, 'scratch').filter((name) => /^d?activation[12]$/.test(name));
        for (const name of [...states, ...products]) {
          const limit = states.includes(name) ? FLUSH_THRESHOLD : SMALLEST_NORMAL;
          expect([name, smallest(await executor.read(name)) >= limit]).toEqual([name, true]);
        }
      } finally {
        engine.dispose();
      }
    },
  );
});

/** The smallest magnitude but zero. */
function smallest(values: ArrayLike<number>): number {
  return Array.from(values, Math.abs).reduce(
    (least, value) => (value > 0 && value < least ? value : least),
    1,
  );
}
