// int8 networks of awkward shapes on WASM: walking lists of words that are not zero, and not, on any number of threads,
// their logits are the oracle's.
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { Samples } from '../../src/data/dataset.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { int8Plan } from '../../src/network/int8_plan.ts';
import { lower } from '../../src/network/lower.ts';
import { int8Parameters, quantise } from '../../src/network/quantisation.ts';
import { hash, naturalOrder } from '../../src/network/random.ts';
import { NO_TRAINING } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { evaluationRuns } from '../../src/training/schedule.ts';
import { writeDataset, writeParameters } from '../../src/training/transfer.ts';

// Node 20 has these instructions behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

const recipe = { ...NO_TRAINING, name: 'int8' };

/** One pixel in four is not zero, and of those the first and the last of each image. */
function sparseImages(count: number, pixels: number): Samples {
  const images = Uint8Array.from({ length: count * pixels }, (_, at) => {
    const word = hash(7, 0, at);
    const edge = at % pixels === 0 || at % pixels === pixels - 1;
    return edge || word % 4 === 0 ? word >>> 24 : 0;
  });
  return { count, images, labels: new Uint8Array(count) };
}

describe.each(['25-37-70-3', '49-3', '3-33-2', '67-129-13-10'])('%s', (text) => {
  const network = parseNetwork(text);
  const parameters = initialParameters(network, 'he', 5);
  const ranges = network.widths.slice(1, -1).map(() => 2);
  const integers = int8Parameters(quantise(network, parameters, ranges));

  describe.each([1, 2, 19])('%i images', (count) => {
    const samples = sparseImages(count, network.widths[0]);
    const plan = int8Plan(lower({ network, recipe, seed: 0, samples: { train: 0, test: count } }));
    const output = `activation${network.widths.length - 1}`;
    const [[step]] = evaluationRuns(count, plan.batch.evaluate);
    const oracle = new Oracle(plan);
    oracle.write('testImages', samples.images);
    oracle.write('testLabels', samples.labels);
    oracle.write('testOrder', naturalOrder(count));
    for (const [buffer, values] of Object.entries(integers)) oracle.write(buffer, values);
    oracle.run('evaluate', [step]);
    const expected = Float32Array.from(oracle.read(output));

    it.each<OpenOptions>([
      { build: 'simd' },
      { build: 'relaxed' },
      { build: 'simd_threads', threads: 3, alwaysTogether: true },
      { build: 'relaxed_threads', threads: 2, alwaysTogether: true },
    ])('$build on $threads threads', async (options) => {
      for (const zeroSkipping of [true, false]) {
        const { engine } = await open(nodeHost(), { backend: 'wasm', ...options, zeroSkipping });
        try {
          const executor = await engine.prepare(plan);
          await writeDataset(executor, { train: samples, test: samples });
          await writeParameters(executor, integers);
          await executor.run('evaluate', [step]);
          expect(await executor.read(output)).toEqual(expected);
        } finally {
          engine.dispose();
        }
      }
    });
  });
});
