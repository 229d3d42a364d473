// Networks that ship, in integers: as accurate as they were, a quarter of the size, and the same on every engine.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import type { OpenOptions } from '../../src/engine/open.ts';
import { WASM_BUILDS } from '../../src/engine/wasm/builds.ts';
import { inferenceParameters, inferencePlan } from '../../src/formats/inference.ts';
import { decodeModel, encodeModel, type Model } from '../../src/formats/model.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { infer } from '../../src/jobs/evaluate.ts';
import { quantiseModel } from '../../src/jobs/quantise.ts';
import { naturalOrder } from '../../src/network/random.ts';
import { countParameters } from '../../src/network/spec.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { evaluationRuns } from '../../src/training/schedule.ts';

setFlagsFromString('--experimental-wasm-relaxed-simd');

const mnist = await loadMnistNode();
const shipped = (name: string) => decodeModel(readFileSync(`models/${name}.safetensors`), name);

describe.each(['quick', 'standard', 'record'])('%s', (name) => {
  it('loses at most 0.03 % of accuracy, and is a quarter of its size in float32', async () => {
    const model = shipped(name);
    const quantised = await quantiseModel(model, mnist, nodeHost());
    expect(Math.abs(quantised.accuracy! - model.accuracy!)).toBeLessThanOrEqual(0.0003 + 1e-9);
    // Beside a byte for each weight there are a bias and a scale for each unit, and the record of its training.
    const share = encodeModel(quantised).length / encodeModel(model, 'float32').length;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.257);
    expect(countParameters(model.network)).toBeLessThan(encodeModel(quantised).length);
  });
});

describe('the logits of an int8 network', () => {
  const images = slice(mnist.test, 0, 100);
  const model = quantiseModel(shipped('standard'), mnist, nodeHost());

  const engines: [string, Required<Pick<OpenOptions, 'backend'>> & OpenOptions][] = [
    ...WASM_BUILDS.map((build): [string, Required<Pick<OpenOptions, 'backend'>> & OpenOptions] => [
      `wasm ${build}`,
      { backend: 'wasm', build, threads: build.endsWith('threads') ? 3 : 1 },
    ]),
    ['wasm without skipping zeros', { backend: 'wasm', threads: 1, zeroSkipping: false }],
    ['webgpu', { backend: 'webgpu' }],
    ['webgpu without products of four bytes', { backend: 'webgpu', packedProducts: false }],
  ];
  it.each(engines)("are the oracle's to the bit on %s", async (_, options) => {
    const { logits } = await infer(options, await model, images, nodeHost());
    expect(logits).toEqual(oracleLogits(await model));
  });

  it('are the same of a single image', async () => {
    const expected = oracleLogits(await model);
    const one = slice(images, 7, 8);
    const { logits } = await infer({ backend: 'wasm', threads: 1 }, await model, one, nodeHost());
    expect(logits).toEqual(expected.subarray(70, 80));
  });

  function oracleLogits(quantised: Model): Float32Array {
    const plan = inferencePlan(quantised, images.count);
    const oracle = new Oracle(plan);
    oracle.write('testImages', images.images);
    oracle.write('testLabels', images.labels);
    oracle.write('testOrder', naturalOrder(images.count));
    for (const [buffer, values] of Object.entries(inferenceParameters(quantised)))
      oracle.write(buffer, values);
    oracle.run('evaluate', evaluationRuns(images.count, plan.batch.evaluate)[0]);
    return Float32Array.from(oracle.read('activation3'));
  }
});

it('the same network has the same int8 form twice', async () => {
  const [first, second] = await Promise.all(
    [0, 1].map(() => quantiseModel(shipped('quick'), mnist, nodeHost())),
  );
  expect(encodeModel(first)).toEqual(encodeModel(second));
});

it('tfjs refuses int8 networks', async () => {
  const quantised = await quantiseModel(shipped('quick'), mnist, nodeHost());
  const images = slice(mnist.test, 0, 10);
  await expect(infer({ backend: 'tfjs' }, quantised, images, nodeHost())).rejects.toThrow(
    'tfjs does not run int8 networks',
  );
});
