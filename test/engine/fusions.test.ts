// What the WASM engine does to a plan changes nothing: with fused optimizers, with zeros skipped, on any
// number of threads, a training ends in the same bits as the plain kernels'.
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { limitTraining, slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { DEFAULT_DISTORTION } from '../../src/network/distortion.ts';
import { lower } from '../../src/network/lower.ts';
import type { Plan } from '../../src/network/plan.ts';
import { DEFAULT_OPTIMIZERS, OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { train } from '../../src/training/trainer.ts';
import { writeDataset } from '../../src/training/transfer.ts';

// Node 20 has these instructions behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

const SAMPLES = 501;
const TEST_SAMPLES = 100;
const mnist = await loadMnistNode();
const dataset = { ...limitTraining(mnist, SAMPLES), test: slice(mnist.test, 0, TEST_SAMPLES) };

const recipe: Recipe = {
  name: 'fusions',
  epochs: 1,
  batch: 47,
  optimizer: DEFAULT_OPTIMIZERS.sgd,
  learningRate: 0.05,
  schedule: { kind: 'constant' },
  initialisation: 'he',
  dropout: 0.2,
  labelSmoothing: 0.1,
  distortion: DEFAULT_DISTORTION,
};

async function bitsAfter(plan: Plan, options: OpenOptions): Promise<string[]> {
  const { engine } = await open(nodeHost(), { backend: 'wasm', ...options });
  try {
    const executor = await engine.prepare(plan);
    await writeDataset(executor, dataset);
    const { parameters } = await train(executor);
    return Object.values(parameters).map((values) => Buffer.from(values.buffer).toString('base64'));
  } finally {
    engine.dispose();
  }
}

describe.each(['784-70-45-40-10', '784-129-13-10', '784-37-10', '784-10'])('%s', (network) => {
  describe.each(OPTIMIZERS)('%s', (optimizer) => {
    it.each([
      { build: 'simd' },
      { build: 'relaxed' },
      { build: 'relaxed_threads', threads: 3, alwaysTogether: true },
      { build: 'relaxed_threads', threads: 8, alwaysTogether: true },
    ] as const)('$build on $threads threads', async (options) => {
      const plan = lower({
        network: parseNetwork(network),
        recipe: { ...recipe, optimizer: DEFAULT_OPTIMIZERS[optimizer] },
        seed: 3,
        samples: { train: SAMPLES, test: TEST_SAMPLES },
      });
      const bare = { build: options.build.startsWith('relaxed') ? 'relaxed' : 'simd' } as const;
      const plain = await bitsAfter(plan, { ...bare, fusions: false, zeroSkipping: false });
      expect(await bitsAfter(plan, { ...options, zeroSkipping: false })).toEqual(plain);
      expect(await bitsAfter(plan, options)).toEqual(plain);
    });
  });
});
