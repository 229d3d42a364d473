// The network as variables of TensorFlow.js, with core ops.

import * as tf from '@tensorflow/tfjs-core';
import { layersOf } from '../../network/spec.ts';
import type { Work } from '../work.ts';

export interface Model {
  readonly kernels: readonly tf.Variable[];
  /** Kernel and bias of each layer. */
  readonly variables: tf.Variable[];
  forward(x: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

export function makeModel({ plan, parameters }: Pick<Work, 'plan' | 'parameters'>): Model {
  const layers = layersOf(plan.network).map(({ index, inputs, units }) => ({
    kernel: tf.variable(tf.tensor2d(parameters[`kernel${index}`], [inputs, units])),
    bias: tf.variable(tf.tensor1d(parameters[`bias${index}`])),
  }));
  return {
    kernels: layers.map(({ kernel }) => kernel),
    variables: layers.flatMap(({ kernel, bias }) => [kernel, bias]),
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
