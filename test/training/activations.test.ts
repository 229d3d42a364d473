// Trainings with each activation: on every engine of Node they stay with the oracle's, as far as rounding
// lets them.
import { beforeAll, describe, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { ACTIVATIONS } from '../../src/network/activation.ts';
import { checkTrajectory, makeReferences, PLAIN, type Reference } from '../../src/validation/trajectories.ts';

const ENGINES: readonly OpenOptions[] = [
  { backend: 'wasm', threads: 1 },
  { backend: 'webgpu' },
  { backend: 'tfjs' },
];

/** Two hidden layers, and units that are dropped behind them. */
const NETWORK = '784-24-16-10';

// The trainings that `validate` compares have relu.
describe.each(ACTIVATIONS.filter((activation) => activation !== 'relu'))(
  '200 steps with %s',
  (activation) => {
    let reference: Reference;
    beforeAll(async () => {
      const { train } = await loadMnistNode();
      [reference] = makeReferences(train, [
        { network: NETWORK, recipe: { ...PLAIN, dropout: 0.1, activation } },
      ]);
    });

    it.each(ENGINES)('stay with the oracle on $backend', async (options) => {
      const { engine } = await open(nodeHost(), options);
      const result = await checkTrajectory(engine, options.backend!, reference);
      engine.dispose();
      expect(result.maxLossDifference).toBeLessThanOrEqual(result.lossBound);
      expect(result.maxParameterDifference).toBeLessThanOrEqual(result.parameterBound);
      // A bound that another activation would keep to tells nothing.
      expect(result.lossBound).toBeLessThan(1e-3);
    });
  },
);
