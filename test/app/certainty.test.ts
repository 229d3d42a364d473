// How sure the page says that a network is, and whether the networks that ship deserve it.
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certainty, isSure, SURE_FROM } from '../../src/app/draw/certainty.ts';
import { SHIPPED_MODELS } from '../../src/app/draw/shipped_models.ts';
import { readBytes } from '../../src/data/file_node.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { openWasm } from '../../src/engine/wasm/open.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { EnginePredictor } from '../../src/library/engine_predictor.ts';

/** Ten probabilities, those that are given and equal shares of the rest. */
function answers(given: { readonly [label: number]: number }): number[] {
  const rest = 1 - Object.values(given).reduce((a, b) => a + b, 0);
  return Array.from({ length: 10 }, (_, label) => given[label] ?? rest / (10 - Object.keys(given).length));
}

describe('certainty', () => {
  it.each([
    [{ 7: 0.97 }, '97 % sure'],
    [{ 7: 0.705 }, '71 % sure'],
    [{ 7: 0.9987 }, 'more than 99 % sure'],
    [{ 4: 0.55, 9: 0.4 }, 'Unsure: 4 or 9'],
    [{ 3: 0.3, 5: 0.35, 8: 0.25 }, 'Unsure: 5, 3 or 8'],
    // Two are named, however far the second is behind.
    [{ 6: 0.6, 0: 0.1 }, 'Unsure: 6 or 0'],
    [{ 1: 0.2, 2: 0.19, 3: 0.18, 4: 0.17 }, 'Unsure: 1, 2 or 3'],
  ])('of %o is "%s"', (given, text) => {
    expect(certainty(answers(given)).replaceAll('\u00a0', ' ')).toBe(text);
  });

  it('calls classes by their names', () => {
    expect(certainty([0.5, 0.1, 0.4], ['Shirt', 'Bag', 'Coat'])).toBe('Unsure: Shirt or Coat');
  });
});

describe('an answer that is called sure', async () => {
  const { test } = await loadMnistNode();
  const engine = await openWasm(nodeHost(), { threads: 1 }, []);
  afterAll(() => engine.dispose());

  it.each(SHIPPED_MODELS)(
    'by $title is wrong in less than 1 of 100 cases, another in more than 20',
    async ({ file }) => {
      const predictor = new EnginePredictor(
        engine,
        decodeModel(await readBytes(join(packageRoot(), file)), file),
      );
      const images = Array.from({ length: test.count }, (_, n) =>
        test.images.subarray(784 * n, 784 * n + 784),
      );
      const wrong = { sure: [] as boolean[], unsure: [] as boolean[] };
      for (const [n, { label, probabilities }] of (await predictor.predict(images)).entries())
        wrong[isSure(probabilities) ? 'sure' : 'unsure'].push(label !== test.labels[n]);
      const share = (list: readonly boolean[]) => list.filter(Boolean).length / list.length;
      expect(share(wrong.sure), `from ${SURE_FROM}`).toBeLessThan(0.01);
      expect(share(wrong.unsure), `below ${SURE_FROM}`).toBeGreaterThan(0.2);
      await predictor.close();
    },
  );
});
