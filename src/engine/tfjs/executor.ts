// A plan on TensorFlow.js: a model of its layers, its automatic differentiation and its optimizers.

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { InputError } from '../../errors.ts';
import { LEAK } from '../../network/activation.ts';
import {
  checkWrite,
  type Phase,
  type Plan,
  sizeOf,
  type TypedArray,
  typedArray,
} from '../../network/plan.ts';
import { droppedDraws, hash, keepsUnit, STREAM } from '../../network/random.ts';
import { activationOf } from '../../network/recipe.ts';
import { formatNetwork, layersOf } from '../../network/spec.ts';
import type { Step } from '../../network/step.ts';
import type { Executor } from '../engine.ts';
import { NesterovAdam } from './nesterov_adam.ts';

/** Others have their turn so often. */
const TURN_MILLISECONDS = 50;

/** A step's outcome, on the device. */
interface StepTensors {
  readonly step: Step;
  readonly labels: Int32Array;
  /** The batch's mean. */
  readonly loss: tf.Tensor;
  readonly logits: tf.Tensor;
  readonly predicted: tf.Tensor;
}

interface StepOutput {
  readonly step: Step;
  readonly labels: Int32Array;
  readonly loss: number;
  readonly logits: Float32Array;
  readonly predicted: Int32Array;
}

/** Does not wait for the device until it is awaited, so that the next step may be prepared meanwhile. */
async function download({ step, labels, ...tensors }: StepTensors): Promise<StepOutput> {
  const { loss, logits, predicted } = tensors;
  const [[mean], scores, classes] = await Promise.all([
    loss.data<'float32'>(),
    logits.data<'float32'>(),
    predicted.data<'int32'>(),
  ]);
  tf.dispose(tensors);
  return { step, labels, loss: mean, logits: scores, predicted: classes };
}

export class TfjsExecutor implements Executor {
  readonly plan: Plan;
  private readonly model: tfl.Sequential;
  /** `kernel0`, `bias0`, … */
  private readonly variables = new Map<string, tf.Variable>();
  /** Buffers that the host writes or reads, but for parameters and the optimizer's state. */
  private readonly arrays = new Map<string, TypedArray>();
  private optimizer: tf.Optimizer | NesterovAdam | undefined;
  /** The run that was asked for last. */
  private before: Promise<unknown> = Promise.resolve();

  constructor(plan: Plan) {
    this.plan = plan;
    const layers = layersOf(plan.network);
    this.model = tfl.sequential({
      name: `network${formatNetwork(plan.network)}`,
      layers: layers.flatMap(({ index, inputs, units }) => {
        const wanted = index < layers.length - 1 ? activationOf(plan.recipe) : 'linear';
        const leaky = wanted === 'leaky_relu';
        const activation = leaky ? 'linear' : wanted;
        const dense = tfl.layers.dense({ units, inputShape: [inputs], activation });
        return leaky ? [dense, tfl.layers.leakyReLU({ alpha: LEAK })] : [dense];
      }),
    });
    for (const [index, layer] of this.model.layers.filter(isDense).entries()) {
      const [kernel, bias] = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      this.variables.set(`kernel${index}`, kernel);
      this.variables.set(`bias${index}`, bias);
    }
    for (const [name, spec] of Object.entries(plan.buffers)) {
      if (spec.role === 'data' || spec.role === 'result' || name === this.logitsName) {
        this.arrays.set(name, typedArray(spec.type, sizeOf(spec)));
      }
    }
  }

  private get logitsName(): string {
    return `activation${this.plan.network.widths.length - 1}`;
  }

  async write(buffer: string, data: TypedArray): Promise<void> {
    checkWrite(this.plan, buffer, data);
    const variable = this.variables.get(buffer);
    if (variable) {
      tf.tidy(() => variable.assign(tf.tensor(Float32Array.from(data), variable.shape)));
      return;
    }
    if (this.plan.buffers[buffer]?.role !== 'state') {
      this.array(buffer).set(data);
      return;
    }
    if (data.some((value) => value !== 0)) throw new InputError('tfjs cannot take over an optimizer state');
    this.optimizer?.dispose();
    this.optimizer = undefined;
  }

  async read(buffer: string): Promise<TypedArray> {
    const variable = this.variables.get(buffer);
    return variable ? Float32Array.from(await variable.data()) : this.array(buffer).slice();
  }

  run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    // Steps of one run let others have their turn: the next run must wait for its own.
    const run = this.before.then(() => this.execute(phase, steps));
    this.before = run.catch(() => {});
    return run;
  }

  private async execute(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    let turn = performance.now();
    let outputs: Promise<StepOutput>[] = [];
    for (const step of steps) {
      outputs.push(download(phase === 'train' ? this.train(step) : this.evaluate(step)));
      if (performance.now() - turn < TURN_MILLISECONDS) continue;
      await this.record(phase, outputs);
      outputs = [];
      // Lets a page's worker, and Ctrl-C in a terminal, have their turn. Browsers make of each such wait some
      // milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
    }
    await this.record(phase, outputs);
    return this.array('metrics').slice(0, 2 * steps.length) as Float32Array;
  }

  dispose(): void {
    if (this.variables.size === 0) return;
    this.model.dispose();
    this.optimizer?.dispose();
    this.variables.clear();
  }

  private train(step: Step): StepTensors {
    const { optimizer: settings, labelSmoothing } = this.plan.recipe;
    // Made outside of tidy(), which would dispose of its tensors.
    const optimizer = this.optimizerAt(step.learningRate);
    const labels = this.labels('train', step);
    const tensors = tf.tidy(() => {
      const x = this.images('train', step);
      let logits: tf.Tensor | undefined;
      const { value, grads } = tf.variableGrads(() => {
        logits = tf.keep(this.forward(x, step));
        return this.loss(labels, logits, labelSmoothing);
      }, [...this.variables.values()]);
      if (settings.weightDecay > 0) {
        for (const [name, variable] of this.variables) {
          if (name.startsWith('kernel')) {
            variable.assign(tf.mul(variable, 1 - step.learningRate * settings.weightDecay));
          }
        }
      }
      optimizer.applyGradients(grads);
      return { loss: value, logits: logits!, predicted: tf.argMax(logits!, -1) };
    });
    return { step, labels, ...tensors };
  }

  private evaluate(step: Step): StepTensors {
    const labels = this.labels('test', step);
    const tensors = tf.tidy(() => {
      const logits = this.model.predictOnBatch(this.images('test', step)) as tf.Tensor;
      return { loss: this.loss(labels, logits, 0), logits, predicted: tf.argMax(logits, -1) };
    });
    return { step, labels, ...tensors };
  }

  /** Writes the steps' metrics, confusions and logits, in their order. */
  private async record(phase: Phase, outputs: readonly Promise<StepOutput>[]): Promise<void> {
    const metrics = this.array('metrics');
    for (const { step, labels, loss, logits, predicted } of await Promise.all(outputs)) {
      metrics[2 * step.slot] = loss * step.rows;
      metrics[2 * step.slot + 1] = predicted.reduce((sum, c, r) => sum + Number(c === labels[r]), 0);
      this.array(this.logitsName).set(logits);
      if (phase === 'train') continue;
      const confusion = this.array('confusion');
      for (let r = 0; r < step.rows; r++) confusion[labels[r] * this.classes + predicted[r]]++;
    }
  }

  private get classes(): number {
    return this.plan.network.widths.at(-1)!;
  }

  /** The step's rows of the data set, as float32 pixels in [0, 1]. */
  private images(data: 'train' | 'test', step: Step): tf.Tensor2D {
    const inputs = this.plan.network.widths[0];
    const images = this.array(`${data}Images`);
    const pixels = new Float32Array(step.rows * inputs);
    for (const [r, sample] of this.order(data, step).entries()) {
      pixels.set(images.subarray(sample * inputs, (sample + 1) * inputs), r * inputs);
    }
    return tf.div(tf.tensor2d(pixels, [step.rows, inputs]), 255);
  }

  private labels(data: 'train' | 'test', step: Step): Int32Array {
    const labels = this.array(`${data}Labels`);
    return Int32Array.from(this.order(data, step), (sample) => labels[sample]);
  }

  /** The samples of the step. */
  private order(data: 'train' | 'test', { first, rows }: Step): TypedArray {
    return this.array(`${data}Order`).subarray(first, first + rows);
  }

  /** The model's layers in turn, each hidden one followed by the dropout mask that every engine draws. */
  private forward(x: tf.Tensor, step: Step): tf.Tensor {
    const { dropout } = this.plan.recipe;
    const { layers } = this.model;
    let dense = -1;
    return layers.reduce((input, layer, index) => {
      const output = layer.apply(input) as tf.Tensor;
      if (isDense(layer)) dense++;
      const next = layers[index + 1];
      // What lies between two dense layers is the activation of the first.
      if (dropout === 0 || !next || !isDense(next)) return output;
      return tf.mul(output, this.dropoutMask(dense, output.shape as [number, number], step));
    }, x);
  }

  private dropoutMask(layer: number, [rows, units]: [number, number], step: Step): tf.Tensor2D {
    const { recipe, seed } = this.plan;
    const key = hash(seed, STREAM.dropout + layer, step.number);
    const dropped = droppedDraws(recipe.dropout);
    const mask = new Float32Array(rows * units);
    for (let r = 0; r < rows; r++) {
      for (let u = 0; u < units; u++) {
        mask[r * units + u] = keepsUnit(key, r, u, dropped) ? 1 / (1 - recipe.dropout) : 0;
      }
    }
    return tf.tensor2d(mask, [rows, units]);
  }

  /** The batch's mean. */
  private loss(labels: Int32Array, logits: tf.Tensor, smoothing: number): tf.Scalar {
    const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), this.classes);
    return tf.losses.softmaxCrossEntropy(targets, logits, undefined, smoothing) as tf.Scalar;
  }

  private optimizerAt(learningRate: number): tf.Optimizer | NesterovAdam {
    const { optimizer } = this.plan.recipe;
    if (optimizer.kind === 'sgd') {
      this.optimizer ??= tf.train.momentum(learningRate, optimizer.momentum);
      (this.optimizer as tf.MomentumOptimizer).setLearningRate(learningRate);
      return this.optimizer;
    }
    const { beta1, beta2, epsilon, nesterov } = optimizer;
    this.optimizer ??= nesterov
      ? new NesterovAdam(learningRate, beta1, beta2, epsilon)
      : tf.train.adam(learningRate, beta1, beta2, epsilon);
    // Read anew at each step, yet protected in its type and without a setter.
    return Object.assign(this.optimizer, { learningRate });
  }

  private array(buffer: string): TypedArray {
    const array = this.arrays.get(buffer);
    if (!array) throw new Error(`tfjs does not keep the buffer "${buffer}"`);
    return array;
  }
}

function isDense({ trainableWeights }: tfl.layers.Layer): boolean {
  return trainableWeights.length > 0;
}
