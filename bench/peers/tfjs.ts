// TensorFlow.js on its backends (WASM on one thread), with core ops: faster than `model.fit`, which adds
// callbacks and copies. Its batches lie ready on the device; ours are gathered in the step.

import * as tf from '@tensorflow/tfjs-core';
import type { Host } from '../../src/engine/host.ts';
import { openTfjs } from '../../src/engine/tfjs/engine.ts';
import { layersOf } from '../../src/network/spec.ts';
import type { Contestant } from '../contest.ts';
import { ANSWER_STEPS, LEARNING_RATE, MOMENTUM, pixels, type Work } from '../work.ts';

/** Images of one call: what tfjs is fastest with. */
const INFERENCE_BATCH = 1000;

export type TfjsBackend = 'wasm' | 'webgpu' | 'webgl' | 'cpu';

const about = (backend: TfjsBackend) => ({ name: `tfjs-${backend}`, version: tf.version_core, threads: 1 });

/** The backend of what follows: contestants take turns. */
async function use(backend: TfjsBackend, host: Host): Promise<void> {
  if (tf.getBackend() === backend) return;
  if (backend === 'wasm') await openTfjs(host);
  else {
    if (backend === 'webgpu') await provideGpu(host);
    await LOAD[backend]();
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs's backend ${backend} does not start here`);
    await tf.ready();
  }
}

const LOAD = {
  webgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  webgl: () => import('@tensorflow/tfjs-backend-webgl'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
} as const;

/** Node's navigator has no WebGPU, or there is no navigator at all. */
async function provideGpu(host: Host): Promise<void> {
  if (globalThis.navigator?.gpu) return;
  const gpu = await host.gpu();
  if (typeof gpu === 'string') throw new Error(gpu);
  if (globalThis.navigator) Object.defineProperty(navigator, 'gpu', { value: gpu });
  else Object.defineProperty(globalThis, 'navigator', { value: { gpu } });
}

export async function tfjsTraining(work: Work, host: Host, backend: TfjsBackend): Promise<Contestant> {
  await use(backend, host);
  const { train, batch } = work;
  const classes = work.plan.network.widths.at(-1)!;
  let model = makeModel(work);
  let optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  const batches = Array.from({ length: Math.ceil(train.count / batch) }, (_, index) => {
    const rows = Math.min(batch, train.count - index * batch);
    return {
      x: tf.tensor2d(pixels(train, index * batch, rows), [rows, work.plan.network.widths[0]]),
      y: tf.oneHot(
        tf.tensor1d([...train.labels.subarray(index * batch, index * batch + rows)], 'int32'),
        classes,
      ),
    };
  });
  const step = (index: number) => {
    const { x, y } = batches[index % batches.length];
    return optimizer.minimize(() => tf.losses.softmaxCrossEntropy(y, model.forward(x)), true)!;
  };
  return {
    ...about(backend),
    async run(count) {
      await use(backend, host);
      for (let index = 0; index < count; index++) {
        const loss = step(index);
        if (index === count - 1) await loss.data();
        loss.dispose();
      }
    },
    async answer() {
      await use(backend, host);
      model.dispose();
      optimizer.dispose();
      model = makeModel(work);
      optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
      const losses = [];
      for (let index = 0; index < ANSWER_STEPS; index++) losses.push((await step(index).data())[0]);
      return Float32Array.from(losses);
    },
    dispose: () => model.dispose(),
  };
}

export async function tfjsInference(work: Work, host: Host, backend: TfjsBackend): Promise<Contestant> {
  await use(backend, host);
  const model = makeModel(work);
  const { test } = work;
  const batches = Array.from({ length: Math.ceil(test.count / INFERENCE_BATCH) }, (_, index) => {
    const rows = Math.min(INFERENCE_BATCH, test.count - index * INFERENCE_BATCH);
    return tf.tensor2d(pixels(test, index * INFERENCE_BATCH, rows), [rows, work.plan.network.widths[0]]);
  });
  return {
    ...about(backend),
    async run(count) {
      await use(backend, host);
      for (let pass = 0; pass < count; pass++) {
        const logits = batches.map((x) => tf.tidy(() => model.forward(x)));
        await Promise.all(logits.map((each) => each.data()));
        for (const each of logits) each.dispose();
      }
    },
    async answer() {
      await use(backend, host);
      return Float32Array.from(await tf.tidy(() => model.forward(batches[0])).data());
    },
    dispose: () => model.dispose(),
  };
}

function makeModel({ plan, parameters }: Work): {
  forward: (x: tf.Tensor2D) => tf.Tensor2D;
  dispose: () => void;
} {
  const layers = layersOf(plan.network).map(({ index, inputs, units }) => ({
    kernel: tf.variable(tf.tensor2d(parameters[`kernel${index}`], [inputs, units])),
    bias: tf.variable(tf.tensor1d(parameters[`bias${index}`])),
  }));
  return {
    forward: (x) =>
      layers.reduce((input, { kernel, bias }, index) => {
        const sum = tf.add(tf.matMul(input, kernel as tf.Tensor2D), bias) as tf.Tensor2D;
        return index < layers.length - 1 ? tf.relu(sum) : sum;
      }, x),
    dispose: () => {
      for (const { kernel, bias } of layers) {
        kernel.dispose();
        bias.dispose();
      }
    },
  };
}
