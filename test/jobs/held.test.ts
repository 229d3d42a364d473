// A training's images are held once: whoever gave them may hold the engine's copy in their place.
import { beforeAll, describe, expect, it } from 'vitest';
import { collectGarbage } from '../../src/cli/collect_garbage.ts';
import type { Dataset } from '../../src/data/dataset.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { TrainJob } from '../../src/jobs/job.ts';
import { runTrainJob } from '../../src/jobs/train.ts';
import { findRecipe } from '../../src/training/recipes.ts';
import { smallMnist } from '../training/setup.ts';

const { recipe } = findRecipe('quick');
const JOB: TrainJob = { backend: 'wasm', network: '784-16-10', recipe: { ...recipe, epochs: 1 }, seed: 1 };

let mnist: Dataset;
beforeAll(async () => {
  mnist = await smallMnist();
});

/** The data set with images of its own. */
function copyOf({ train, test, ...rest }: Dataset): Dataset {
  const copy = (samples: Dataset['train']) => ({ ...samples, images: samples.images.slice() });
  return { ...rest, train: copy(train), test: copy(test) };
}

/** Element by element is slow. */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(Buffer.from(b));

function expectSame({ train, test, ...rest }: Dataset): void {
  expect(rest).toEqual({ ...mnist, train: undefined, test: undefined });
  expect(same(train.images, mnist.train.images)).toBe(true);
  expect(same(test.images, mnist.test.images)).toBe(true);
  expect(train.labels).toBe(mnist.train.labels);
  expect(test.labels).toBe(mnist.test.labels);
}

describe.each([1, 2])('a training on %i threads of WASM', (threads) => {
  it('hands out the images as its engine holds them, for good', async () => {
    const told: Dataset[] = [];
    const onHeld = (dataset: Dataset) => told.push(dataset);
    const first = await runTrainJob({ ...JOB, threads }, mnist, nodeHost(), { onHeld });
    const [held] = told;
    expectSame(held);
    expect(held.train.images.buffer).toBe(held.test.images.buffer);
    expect(held.train.images.buffer).not.toBe(mnist.train.images.buffer);
    const again = await runTrainJob({ ...JOB, threads }, held, nodeHost(), { onHeld });
    expect(again.parameters).toEqual(first.parameters);
    expect(again.evaluation).toEqual(first.evaluation);
    expect(told).toHaveLength(2);
    expectSame(held);
  });

  it('holds no other copy of them', async () => {
    const seen: (number | undefined)[] = [];
    let given: WeakRef<ArrayBufferLike> | undefined;
    const start = () => {
      const dataset = copyOf(mnist);
      given = new WeakRef(dataset.train.images.buffer);
      return runTrainJob({ ...JOB, threads }, dataset, nodeHost(), {
        gate: () => new Promise((resolve) => setImmediate(resolve)),
        onEvent({ kind }) {
          if (kind !== 'epoch') return;
          collectGarbage();
          seen.push(given?.deref()?.byteLength);
        },
      });
    };
    await start();
    expect(seen).toEqual([undefined]);
  });
});

it.each([{ trainLimit: 200 }, { holdOut: 100 }])('is not told of a selection: %o', async (selection) => {
  let told = 0;
  const onHeld = () => void told++;
  await runTrainJob({ ...JOB, ...selection, threads: 1 }, mnist, nodeHost(), { onHeld });
  expect(told).toBe(0);
});
