// A session in Node: what it trains, answers and refuses.
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { softmax } from '../../src/evaluation/evaluation.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import {
  defineDataset,
  InputError,
  loadModel,
  type Model,
  recipes,
  type Session,
  saveModel,
} from '../../src/index.ts';
import { infer } from '../../src/jobs/evaluate.ts';
import { quantiseModel } from '../../src/jobs/quantise.ts';
import { openHostSession } from '../../src/library/host_session.ts';
import type { SessionOptions, TrainOptions } from '../../src/library/session.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { gpuHost } from '../engine/gpu_host.ts';
import { smallMnist } from '../training/setup.ts';

const open = (options: SessionOptions = {}, host = nodeHost()) =>
  openHostSession(host, options, () => setImmediate());

const SHORT: TrainOptions = { network: '784-16-10', recipe: { ...recipes.quick, epochs: 1 } };

let session: Session;
let mnist: Dataset;
let model: Model;
beforeAll(async () => {
  session = await open({ backend: 'wasm', threads: 1 });
  mnist = await smallMnist();
  model = await session.train(mnist, SHORT);
});
afterAll(() => session.close());

describe('a session', () => {
  it('says what it chose, and what it passed over', async () => {
    const auto = await open({}, gpuHost({}));
    expect(auto.engine).toMatchObject({ backend: 'wasm' });
    expect(auto.passedOver[0]).toMatchObject({
      what: 'webgpu',
      why: expect.stringMatching(/on the processor/),
    });
    await auto.close();
  });

  it('trains to the same bits from the same seed, and tells of it', async () => {
    const told: number[] = [];
    const again = await session.train(mnist, {
      ...SHORT,
      onProgress: ({ step }) => told.push(step),
      onEpoch: ({ epoch, testAccuracy }) => {
        expect(epoch).toBe(1);
        expect(testAccuracy).toBe(model.accuracy);
      },
    });
    expect(saveModel(again)).toEqual(saveModel(model));
    expect(told.at(-1)).toBe(Math.ceil(2000 / 128));
    const other = await session.train(mnist, { ...SHORT, seed: 2 });
    expect(saveModel(other)).not.toEqual(saveModel(model));
  });

  it('makes the recipe’s network fit the data set', async () => {
    const pixels = (count: number) => ({
      images: Uint8Array.from({ length: 6 * count }, (_, i) => i % 256),
      labels: Uint8Array.from({ length: count }, (_, i) => i % 3),
    });
    const classNames = ['a', 'b', 'c'];
    const dataset = defineDataset({ width: 3, height: 2, classNames, train: pixels(150), test: pixels(30) });
    expect((await session.train(dataset)).network.widths).toEqual([6, 128, 3]);
    expect((await session.train(dataset, { network: '6-4-3' })).network.widths).toEqual([6, 4, 3]);
  });

  it('begins with given parameters', async () => {
    const network = parseNetwork('784-16-10');
    const fresh = initialParameters(network, 'he', 1);
    const same = await session.train(mnist, { ...SHORT, parameters: fresh });
    expect(saveModel(same)).toEqual(saveModel(model));
    const further = await session.train(mnist, { ...SHORT, parameters: model.parameters });
    expect(further.accuracy!).toBeGreaterThan(model.accuracy!);
    const { bias1, ...rest } = fresh;
    expect(bias1).toHaveLength(10);
    await expect(session.train(mnist, { ...SHORT, parameters: rest })).rejects.toThrow(
      'the parameters to begin with: "bias1" has 0 numbers, expected 10',
    );
  });

  it('ends a training with the reason of its signal, and trains again', async () => {
    const stop = new AbortController();
    const stopped = session.train(mnist, {
      ...SHORT,
      recipe: { ...recipes.quick, epochs: 1000 },
      onProgress: () => stop.abort(new Error('enough')),
      signal: stop.signal,
    });
    await expect(session.train(mnist, SHORT)).rejects.toThrow('a training is under way in this session');
    await expect(stopped).rejects.toThrow('enough');
    await expect(session.train(mnist, { ...SHORT, signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    expect((await session.train(mnist, SHORT)).accuracy).toBe(model.accuracy);
  });

  it.each<[string, TrainOptions]>([
    ['recipe "slow": expected one of quick, standard, record', { recipe: 'slow' }],
    ['recipe, epochs: ', { recipe: { ...recipes.quick, epochs: 0 } }],
    ['expected 784-…-10', { network: '784-16-3' }],
    ['seed -1: expected a whole number', { seed: -1 }],
    ['train limit 5000: expected', { trainLimit: 5000 }],
  ])('refuses: %s', async (message, options) => {
    const refused = session.train(mnist, options);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });

  it('refuses everything once it is closed', async () => {
    const closed = await open({ backend: 'wasm', threads: 1 });
    await closed.close();
    await expect(closed.train(mnist, SHORT)).rejects.toThrow('the session is closed');
    await expect(closed.predictor(model)).rejects.toThrow('the session is closed');
  });
});

describe('a predictor', () => {
  const image = (n: number) => mnist.test.images.subarray(784 * n, 784 * n + 784);

  it('answers as the evaluation does, one by one and in batches, also all at once', async () => {
    const read = await loadModel(saveModel(model));
    const reader = await session.predictor(read);
    const count = 300;
    const batch = reader.predict(Array.from({ length: count }, (_, n) => image(n)));
    const single = await Promise.all([0, 1, 2, 299].map((n) => reader.predict(image(n))));
    const answers = await batch;
    expect(answers).toHaveLength(count);
    for (const [i, n] of [0, 1, 2, 299].entries()) {
      expect(single[i].label).toBe(answers[n].label);
      for (const [c, p] of single[i].probabilities.entries())
        expect(p).toBeCloseTo(answers[n].probabilities[c], 5);
    }
    expect(single[0].probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    const all = await reader.predict(Array.from({ length: 2000 }, (_, n) => image(n)));
    const correct = all.filter(({ label }, n) => label === mnist.test.labels[n]).length;
    expect(correct / 2000).toBe(model.accuracy);
    expect((await session.evaluate(model, mnist)).accuracy).toBe(model.accuracy);
    expect(await reader.predict([])).toEqual([]);
    await reader.close();
    await expect(reader.predict(image(0))).rejects.toThrow('the predictor is closed');
  });

  it('reads int8 models, in their integers', async () => {
    const quantised = await quantiseModel(model, mnist, nodeHost());
    const reader = await session.predictor(await loadModel(saveModel(quantised)));
    const answers = await reader.predict(Array.from({ length: 2000 }, (_, n) => image(n)));
    const { accuracy } = await session.evaluate(quantised, mnist);
    expect(answers.filter(({ label }, n) => label === mnist.test.labels[n]).length / 2000).toBe(accuracy);
    const { logits } = await infer({ backend: 'wasm', threads: 1 }, quantised, mnist.test, nodeHost());
    expect(answers[0].probabilities).toEqual(softmax(logits.subarray(0, 10)));
    expect((await reader.predict(image(0))).probabilities).toEqual(answers[0].probabilities);
    await reader.close();
  });

  it('refuses images of another size', async () => {
    const reader = await session.predictor(model);
    await expect(reader.predict(new Uint8Array(10))).rejects.toThrow(
      'an image of 10 pixels: expected a Uint8Array of 784',
    );
    await expect(reader.predict([image(0), new Uint8Array(0)])).rejects.toThrow(InputError);
  });
});

it('takes a shader in place of one that ships, and says so of one that does not exist', async () => {
  await expect(open({ backend: 'webgpu', shaders: { dense_forwards: '' } })).rejects.toThrow(
    /^shader "dense_forwards": expected one of .*dense_forward,/,
  );
  const broken = await open({ backend: 'webgpu', shaders: { dense_forward: 'fn main( {' } });
  await expect(
    broken.runKernel(
      'dense_forward',
      { x: new Float32Array(1), kernel: new Float32Array(1), bias: new Float32Array(1) },
      { rows: 1, inputs: 1, units: 1 },
    ),
  ).rejects.toThrow(/^shaders\/dense_forward\.wgsl:1: /);
  await broken.close();
});
