// Same seed, same engine: the same bits, run after run, with one and with several threads. What different
// engines have in common is in test/browser/validate.test.ts.
import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { Parameters } from '../../src/network/initialisation.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { measure } from '../../src/training/measure.ts';
import { train } from '../../src/training/trainer.ts';
import { planOf, prepared, smallMnist } from '../training/setup.ts';

// Node 20 has these instructions behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

/** Widths that neither tiles nor threads divide. */
const NETWORK = '784-61-33-10';

const RECIPES: Record<string, Partial<Recipe>> = {
  sgd: { epochs: 2 },
  'AdamW with dropout and smoothing': {
    epochs: 2,
    batch: 50,
    optimizer: DEFAULT_OPTIMIZERS.adamw,
    learningRate: 0.003,
    dropout: 0.2,
    labelSmoothing: 0.1,
  },
};

interface Trace {
  readonly parameters: Parameters;
  readonly stepLosses: readonly number[];
  readonly test: unknown;
}

let dataset: Dataset;
beforeAll(async () => {
  dataset = await smallMnist();
});

async function trace(options: OpenOptions, recipe: Partial<Recipe>, seed = 1): Promise<Trace> {
  const { engine } = await open(nodeHost(), options);
  try {
    const executor = await prepared(engine, planOf(dataset, NETWORK, recipe, seed), dataset);
    const { parameters, stepLosses } = await train(executor);
    return { parameters, stepLosses, test: await measure(executor) };
  } finally {
    engine.dispose();
  }
}

/** Not toEqual on the traces: it takes 0 for −0, and its difference of 50,000 numbers helps nobody. */
function expectSameBits(a: Trace, b: Trace): void {
  for (const [name, values] of Object.entries(a.parameters)) {
    const [bits, others] = [values, b.parameters[name]].map(
      ({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length),
    );
    expect(others.length).toBe(bits.length);
    expect([name, bits.findIndex((word, i) => word !== others[i])]).toEqual([name, -1]);
  }
  expect(b.stepLosses).toEqual(a.stepLosses);
  expect(b.test).toEqual(a.test);
}

describe.each(Object.entries(RECIPES))('trained with %s', (_, recipe) => {
  it.each(['simd', 'relaxed'] as const)(
    'wasm %s gives the same bits with 1, 2 and 3 threads',
    async (build) => {
      const one = await trace({ backend: 'wasm', build }, recipe);
      expectSameBits(one, await trace({ backend: 'wasm', build }, recipe));
      for (const threads of [1, 2, 3]) {
        expectSameBits(
          one,
          await trace({ backend: 'wasm', build: `${build}_threads`, threads, alwaysTogether: true }, recipe),
        );
      }
    },
  );

  it('another seed gives another network', async () => {
    const options = { backend: 'wasm', build: 'simd' } as const;
    const [one, other] = [await trace(options, recipe, 1), await trace(options, recipe, 2)];
    expect(other.parameters.kernel0).not.toEqual(one.parameters.kernel0);
    expect(other.stepLosses).not.toEqual(one.stepLosses);
  });

  it('webgpu gives the same bits twice', async () => {
    const short = { ...recipe, epochs: 1 };
    expectSameBits(await trace({ backend: 'webgpu' }, short), await trace({ backend: 'webgpu' }, short));
  });

  it('tfjs gives the same bits twice', async () => {
    const short = { ...recipe, epochs: 1 };
    expectSameBits(await trace({ backend: 'tfjs' }, short), await trace({ backend: 'tfjs' }, short));
  });
});
