// The reference: the same network and recipe in TensorFlow.js on its WASM backend. Forward pass by tfjs layers,
// gradients by tfjs's automatic differentiation, updates by tfjs's optimizers; nothing of our kernels or formulas.

import { setWasmPaths, version_wasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { InputError } from '../../errors.ts';
import type { Step } from '../../network/kernels.ts';
import { type Phase, type Plan, sizeOf, type TypedArray, typedArray } from '../../network/plan.ts';
import { hash, keepsUnit, STREAM } from '../../network/random.ts';
import { formatNetwork, layersOf } from '../../network/spec.ts';
import type { Engine, EngineInfo, Executor } from '../engine.ts';
import type { Host } from '../host.ts';

/** @throws InputError if tfjs's WASM backend does not start */
export async function openTfjs(host: Host): Promise<Engine> {
  if (tf.getBackend() !== 'wasm') {
    setWasmPaths(host.tfjsWasmPath);
    // Its threaded build starts workers from blobs, which a strict Content-Security-Policy forbids.
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    if (!(await tf.setBackend('wasm'))) throw new InputError("tfjs's WASM backend does not start here");
    await tf.ready();
  }
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  return new TfjsEngine({
    backend: 'tfjs',
    adapter: `tfjs-backend-wasm ${version_wasm}`,
    threads: 1,
    simd: simd ? 'simd' : 'none',
    software: false,
  });
}

/** Others have their turn so often. */
const TURN_MILLISECONDS = 50;

class TfjsEngine implements Engine {
  readonly #executors = new Set<TfjsExecutor>();

  constructor(readonly info: EngineInfo) {}

  async prepare(plan: Plan): Promise<Executor> {
    const executor = new TfjsExecutor(plan);
    this.#executors.add(executor);
    return executor;
  }

  dispose(): void {
    for (const executor of this.#executors) executor.dispose();
    this.#executors.clear();
  }
}

class TfjsExecutor implements Executor {
  readonly plan: Plan;
  readonly #model: tfl.Sequential;
  /** `kernel0`, `bias0`, … */
  readonly #variables = new Map<string, tf.Variable>();
  /** Buffers that the host writes or reads, but for parameters and the optimizer's state. */
  readonly #arrays = new Map<string, TypedArray>();
  #optimizer: tf.Optimizer | undefined;
  /** The run that was asked for last. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(plan: Plan) {
    this.plan = plan;
    const layers = layersOf(plan.network);
    this.#model = tfl.sequential({
      name: `network${formatNetwork(plan.network)}`,
      layers: layers.map(({ index, inputs, units }) =>
        tfl.layers.dense({
          units,
          inputShape: [inputs],
          activation: index < layers.length - 1 ? 'relu' : 'linear',
        }),
      ),
    });
    for (const [index, layer] of this.#model.layers.entries()) {
      const [kernel, bias] = layer.trainableWeights.map((weight) => weight.read() as tf.Variable);
      this.#variables.set(`kernel${index}`, kernel);
      this.#variables.set(`bias${index}`, bias);
    }
    for (const [name, spec] of Object.entries(plan.buffers)) {
      if (spec.role === 'data' || spec.role === 'result' || name === this.#logitsName) {
        this.#arrays.set(name, typedArray(spec.type, sizeOf(spec)));
      }
    }
  }

  get #logitsName(): string {
    return `activation${this.plan.network.widths.length - 1}`;
  }

  async write(buffer: string, data: TypedArray): Promise<void> {
    const variable = this.#variables.get(buffer);
    if (variable) {
      tf.tidy(() => variable.assign(tf.tensor(Float32Array.from(data), variable.shape)));
      return;
    }
    if (this.plan.buffers[buffer]?.role !== 'state') {
      this.#array(buffer).set(data);
      return;
    }
    if (data.some((value) => value !== 0)) throw new InputError('tfjs cannot take over an optimizer state');
    this.#optimizer?.dispose();
    this.#optimizer = undefined;
  }

  async read(buffer: string): Promise<TypedArray> {
    const variable = this.#variables.get(buffer);
    return variable ? Float32Array.from(await variable.data()) : this.#array(buffer).slice();
  }

  run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    // Steps of one run let others have their turn: the next run must wait for its own.
    const run = this.#before.then(() => this.#run(phase, steps));
    this.#before = run.catch(() => {});
    return run;
  }

  async #run(phase: Phase, steps: readonly Step[]): Promise<Float32Array> {
    let turn = performance.now();
    for (const step of steps) {
      if (phase === 'train') this.#train(step);
      else this.#evaluate(step);
      if (performance.now() - turn < TURN_MILLISECONDS) continue;
      // Lets a page's worker, and Ctrl-C in a terminal, have their turn. Browsers make of each such wait some milliseconds.
      await new Promise((resolve) => setTimeout(resolve, 0));
      turn = performance.now();
    }
    return this.#array('metrics').slice(0, 2 * steps.length) as Float32Array;
  }

  dispose(): void {
    if (this.#variables.size === 0) return;
    this.#model.dispose();
    this.#optimizer?.dispose();
    this.#variables.clear();
  }

  #train(step: Step): void {
    const { optimizer: settings, labelSmoothing } = this.plan.recipe;
    // Made outside of tidy(), which would dispose of its tensors.
    const optimizer = this.#optimizerAt(step.learningRate);
    tf.tidy(() => {
      const { x, labels } = this.#gather('train', step);
      let logits: tf.Tensor | undefined;
      const { value, grads } = tf.variableGrads(() => {
        logits = tf.keep(this.#forward(x, step));
        return this.#loss(labels, logits, labelSmoothing);
      }, [...this.#variables.values()]);
      if (settings.weightDecay > 0) {
        for (const [name, variable] of this.#variables) {
          if (name.startsWith('kernel')) {
            variable.assign(tf.mul(variable, 1 - step.learningRate * settings.weightDecay));
          }
        }
      }
      optimizer.applyGradients(grads);
      this.#record(step, labels, logits!, value);
      logits!.dispose();
    });
  }

  #evaluate(step: Step): void {
    tf.tidy(() => {
      const { x, labels } = this.#gather('test', step);
      const logits = this.#model.predictOnBatch(x) as tf.Tensor;
      const predicted = this.#record(step, labels, logits, this.#loss(labels, logits, 0));
      const confusion = this.#array('confusion');
      for (let r = 0; r < step.rows; r++) confusion[labels[r] * this.#classes + predicted[r]]++;
    });
  }

  get #classes(): number {
    return this.plan.network.widths.at(-1)!;
  }

  /** The step's rows of the data set, as float32 pixels in [0, 1] and labels. */
  #gather(data: 'train' | 'test', step: Step): { x: tf.Tensor2D; labels: Int32Array } {
    const inputs = this.plan.network.widths[0];
    const images = this.#array(`${data}Images`);
    const order = this.#array(`${data}Order`).subarray(step.first, step.first + step.rows);
    const pixels = new Float32Array(step.rows * inputs);
    for (const [r, sample] of order.entries()) {
      pixels.set(images.subarray(sample * inputs, (sample + 1) * inputs), r * inputs);
    }
    const labels = Int32Array.from(order, (sample) => this.#array(`${data}Labels`)[sample]);
    return { x: tf.div(tf.tensor2d(pixels, [step.rows, inputs]), 255), labels };
  }

  /** The model's layers in turn, each hidden one followed by the dropout mask that every engine draws. */
  #forward(x: tf.Tensor, step: Step): tf.Tensor {
    const { dropout } = this.plan.recipe;
    return this.#model.layers.reduce((input, layer, index) => {
      const output = layer.apply(input) as tf.Tensor;
      if (dropout === 0 || index === this.#model.layers.length - 1) return output;
      return tf.mul(output, this.#dropoutMask(index, output.shape as [number, number], step));
    }, x);
  }

  #dropoutMask(layer: number, [rows, units]: [number, number], step: Step): tf.Tensor2D {
    const { recipe, seed } = this.plan;
    const key = hash(seed, STREAM.dropout + layer, step.number);
    const mask = new Float32Array(rows * units);
    for (let r = 0; r < rows; r++) {
      for (let u = 0; u < units; u++) {
        mask[r * units + u] = keepsUnit(key, r, u, recipe.dropout) ? 1 / (1 - recipe.dropout) : 0;
      }
    }
    return tf.tensor2d(mask, [rows, units]);
  }

  /** The batch's mean. */
  #loss(labels: Int32Array, logits: tf.Tensor, smoothing: number): tf.Scalar {
    const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), this.#classes);
    return tf.losses.softmaxCrossEntropy(targets, logits, undefined, smoothing) as tf.Scalar;
  }

  /** Writes the step's metrics and logits, and returns the predicted classes. */
  #record(step: Step, labels: Int32Array, logits: tf.Tensor, loss: tf.Scalar): Int32Array {
    const predicted = tf.argMax(logits, -1).dataSync() as Int32Array;
    const metrics = this.#array('metrics');
    metrics[2 * step.slot] = loss.dataSync()[0] * step.rows;
    metrics[2 * step.slot + 1] = predicted.reduce((sum, c, r) => sum + Number(c === labels[r]), 0);
    this.#array(this.#logitsName).set(logits.dataSync());
    return predicted;
  }

  #optimizerAt(learningRate: number): tf.Optimizer {
    const { optimizer } = this.plan.recipe;
    if (optimizer.kind === 'sgd') {
      this.#optimizer ??= tf.train.momentum(learningRate, optimizer.momentum);
      (this.#optimizer as tf.MomentumOptimizer).setLearningRate(learningRate);
      return this.#optimizer;
    }
    const { beta1, beta2, epsilon } = optimizer;
    this.#optimizer ??= tf.train.adam(learningRate, beta1, beta2, epsilon);
    // Read anew at each step, yet protected in its type and without a setter.
    return Object.assign(this.#optimizer, { learningRate });
  }

  #array(buffer: string): TypedArray {
    const array = this.#arrays.get(buffer);
    if (!array) throw new Error(`tfjs does not keep the buffer "${buffer}"`);
    return array;
  }
}
