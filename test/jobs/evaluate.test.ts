// A model's logits depend neither on the engine nor on how many images it likes to take at once.
import { expect, it } from 'vitest';
import { nodeHost } from '../../src/hosts/node.ts';
import { infer } from '../../src/jobs/evaluate.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { RECIPES } from '../../src/training/recipes.ts';
import { gpuHost, REAL_GPU } from '../engine/gpu_host.ts';
import { smallMnist } from '../training/setup.ts';

/** Some hundred times what rounding does to sums of 784 and 64 products of this size. */
const TOLERANCE = 1e-3;

it('are the same from batches of 192 and, as a GPU likes it, all 2000 at once', async () => {
  const dataset = await smallMnist();
  const { test } = dataset;
  const network = parseNetwork('784-64-10');
  const parameters = initialParameters(network, 'he', 1);
  const model = { network, recipe: RECIPES.quick.recipe, seed: 1, parameters, accuracy: undefined, dataset };
  const gpu = gpuHost({ info: REAL_GPU });
  const [small, large] = [
    await infer({ backend: 'wasm' }, model, test, nodeHost()),
    await infer({ backend: 'webgpu' }, model, test, gpu),
  ];
  expect(large.info.software).toBe(false);
  expect(large.logits.length).toBe(10 * test.count);
  const difference = Math.max(...large.logits.map((logit, i) => Math.abs(logit - small.logits[i])));
  expect(difference).toBeLessThan(TOLERANCE);
  expect(new Set(large.logits).size).toBeGreaterThan(10_000);
});
