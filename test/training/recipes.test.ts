// The recipes that ship: sound, found by name, and as good as they claim.
import { describe, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { InputError } from '../../src/errors.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { runTrainJob } from '../../src/jobs/train.ts';
import { checkRecipe } from '../../src/network/recipe.ts';
import { formatNetwork, parseNetwork } from '../../src/network/spec.ts';
import { DEFAULT_RECIPE, findRecipe, RECIPES } from '../../src/training/recipes.ts';

describe('RECIPES', () => {
  it.each(Object.entries(RECIPES))('%s is sound and carries its own name', (name, { network, recipe }) => {
    expect(checkRecipe(recipe)).toEqual(recipe);
    expect(recipe.name).toBe(name);
    expect(formatNetwork(parseNetwork(network))).toBe(network);
  });

  it('quick reaches 97.6 % of the test images with 784-128-10', async () => {
    const { network, recipe } = findRecipe('quick');
    expect(network).toBe('784-128-10');
    const job = { backend: 'wasm', network, recipe, seed: 1 } as const;
    const { report } = await runTrainJob(job, await loadMnistNode(), nodeHost());
    expect(report.test.accuracy).toBeGreaterThanOrEqual(0.976);
    expect(report.stopped).toBe(false);
    expect(report.epochs.at(-1)!.testAccuracy).toBe(report.test.accuracy);
  });
});

describe('findRecipe', () => {
  it('finds the default', () => {
    expect(findRecipe(DEFAULT_RECIPE)).toBe(RECIPES[DEFAULT_RECIPE]);
  });

  it.each(['slow', '', 'toString', '__proto__'])('refuses "%s" and names those that there are', (name) => {
    expect(() => findRecipe(name)).toThrow(InputError);
    expect(() => findRecipe(name)).toThrow(
      `recipe "${name}": expected one of ${Object.keys(RECIPES).join(', ')}`,
    );
  });
});
