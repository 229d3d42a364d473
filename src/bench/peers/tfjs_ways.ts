// The two ways to train with TensorFlow.js, of which the faster one competes: core ops, and `model.fit`.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Parameters } from '../../network/initialisation.ts';
import { layersOf } from '../../network/spec.ts';
import { LEARNING_RATE, MOMENTUM, pixels, type Work } from '../work.ts';
import { makeModel } from './tfjs_model.ts';

/** Kernel and bias of each layer, and how they move. No way to train changes these tensors. */
export interface Beginning {
  readonly parameters: tf.Tensor[];
  readonly velocities: tf.Tensor[];
}

export function beginningOf({ plan, parameters, state }: Work): Beginning {
  const tensors = (values: Parameters, kernel: string, bias: string) =>
    layersOf(plan.network).flatMap(({ index, inputs, units }): tf.Tensor[] => [
      tf.tensor2d(values[`${kernel}${index}`], [inputs, units]),
      tf.tensor1d(values[`${bias}${index}`]),
    ]);
  return {
    parameters: tensors(parameters, 'kernel', 'bias'),
    velocities: tensors(state, 'velocityKernel', 'velocityBias'),
  };
}

/** With velocities in the order of the variables; those that it is given stay as they are. */
async function momentum(velocities: readonly tf.Tensor[]): Promise<tf.MomentumOptimizer> {
  const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  const iterations = { name: 'iter', tensor: tf.scalar(0, 'int32') };
  const weights = velocities.map((tensor, index) => ({ name: `momentum${index}`, tensor }));
  await optimizer.setWeights([iterations, ...weights]);
  iterations.tensor.dispose();
  return optimizer;
}

export interface Batch {
  readonly x: tf.Tensor2D;
  /** One-hot. */
  readonly y: tf.Tensor2D;
}

export function batchesOf({ train, batch, plan }: Work): Batch[] {
  const { widths } = plan.network;
  return Array.from({ length: Math.ceil(train.count / batch) }, (_, index) => {
    const rows = Math.min(batch, train.count - index * batch);
    const labels = tf.tensor1d([...train.labels.subarray(index * batch, index * batch + rows)], 'int32');
    return {
      x: tf.tensor2d(pixels(train, index * batch, rows), [rows, widths[0]]),
      y: tf.oneHot(labels, widths.at(-1)!) as tf.Tensor2D,
    };
  });
}

/** One of tfjs's ways to train. */
export interface Way {
  readonly how: string;
  /** Where the work begins; called before anything else. */
  begin(): Promise<void>;
  /** So many steps more. */
  run(steps: number): Promise<void>;
  /** The losses of so many more steps, from the first batch on. */
  losses(steps: number): Promise<number[]>;
  dispose(): void;
}

export function withCoreOps(
  work: Work,
  batches: readonly Batch[],
  { parameters, velocities }: Beginning,
): Way {
  const model = makeModel(work);
  let optimizer: tf.Optimizer | undefined;
  const step = (index: number) => {
    const { x, y } = batches[index % batches.length];
    return optimizer!.minimize(
      () => tf.losses.softmaxCrossEntropy(y, model.forward(x)),
      true,
      model.variables,
    )!;
  };
  return {
    how: 'core ops',
    async begin() {
      for (const [index, variable] of model.variables.entries()) variable.assign(parameters[index]);
      optimizer?.dispose();
      optimizer = await momentum(velocities);
    },
    async run(steps) {
      for (let index = 0; index < steps; index++) {
        const loss = step(index);
        if (index === steps - 1) await loss.data();
        loss.dispose();
      }
    },
    async losses(steps) {
      const losses = [];
      for (let index = 0; index < steps; index++) {
        const loss = step(index);
        losses.push((await loss.data())[0]);
        loss.dispose();
      }
      return losses;
    },
    dispose() {
      model.dispose();
      optimizer?.dispose();
    },
  };
}

export function withFit(work: Work, batches: readonly Batch[], { parameters, velocities }: Beginning): Way {
  const { plan, batch } = work;
  const layers = layersOf(plan.network);
  const [x, y] = [tf.concat(batches.map((each) => each.x)), tf.concat(batches.map((each) => each.y))];
  const model = tfl.sequential({
    layers: layers.map(({ index, inputs, units }) =>
      tfl.layers.dense({
        units,
        inputShape: [inputs],
        activation: index < layers.length - 1 ? 'relu' : 'linear',
      }),
    ),
  });
  model.compile({
    optimizer: tf.train.momentum(LEARNING_RATE, MOMENTUM),
    loss: (target: tf.Tensor, logits: tf.Tensor) => tf.losses.softmaxCrossEntropy(target, logits),
  });
  const trainOn = (inputs: tf.Tensor, targets: tf.Tensor, epochs: number) =>
    model.fit(inputs, targets, { batchSize: batch, epochs, shuffle: false, yieldEvery: 'never', verbose: 0 });
  return {
    how: 'model.fit',
    async begin() {
      model.setWeights(parameters);
      model.optimizer.dispose();
      model.optimizer = await momentum(velocities);
    },
    async run(steps) {
      const epochs = Math.floor(steps / batches.length);
      if (epochs > 0) await trainOn(x, y, epochs);
      const rest = (steps % batches.length) * batch;
      if (rest === 0) return;
      const [inputs, targets] = [tf.slice(x, 0, rest), tf.slice(y, 0, rest)];
      await trainOn(inputs, targets, 1);
      tf.dispose([inputs, targets]);
    },
    async losses(steps) {
      const losses = [];
      for (let index = 0; index < steps; index++) {
        const each = batches[index % batches.length];
        const { history } = await trainOn(each.x, each.y, 1);
        losses.push(history.loss[0] as number);
      }
      return losses;
    },
    dispose() {
      model.dispose();
      model.optimizer.dispose();
      tf.dispose([x, y]);
    },
  };
}
