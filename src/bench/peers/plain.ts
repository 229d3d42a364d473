// Plain TypeScript, as one writes it down: three nested loops on typed arrays, one thread. A floor, not a
// contestant.

import { ANSWER_STEPS } from '../../evaluation/comparison.ts';
import { type Layer, layersOf } from '../../network/spec.ts';
import type { Step } from '../../network/step.ts';
import type { Contestant } from '../contestant.ts';
import type { Racer } from '../race.ts';
import { LEARNING_RATE, MOMENTUM, pixels, type Work } from '../work.ts';
import { type AdamW, adamwOf, racer } from './laps.ts';
import { singleImages } from './single_images.ts';

const about = { name: 'plain TypeScript', version: '', threads: 1 };

/** Images of one call. */
const INFERENCE_BATCH = 1000;

interface Tensors {
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

export async function plainTraining(work: Work): Promise<Contestant> {
  const { train, batch, plan } = work;
  const layers = layersOf(plan.network);
  const batches = Array.from({ length: Math.ceil(train.count / batch) }, (_, index) => {
    const rows = Math.min(batch, train.count - index * batch);
    return {
      rows,
      x: pixels(train, index * batch, rows),
      targets: oneHot(
        train.labels.subarray(index * batch, index * batch + rows),
        plan.network.widths.at(-1)!,
      ),
    };
  });
  let parameters: Tensors[];
  let velocities: Tensors[];
  const begin = async () => {
    parameters = tensorsOf(work);
    velocities = velocitiesOf(work);
  };
  await begin();

  const step = (index: number): number => {
    const { rows, x, targets } = batches[index % batches.length];
    return backward(layers, parameters, x, targets, rows, (at, { kernel, bias }) => {
      update(parameters[at].kernel, kernel, velocities[at].kernel);
      update(parameters[at].bias, bias, velocities[at].bias);
    });
  };
  return {
    ...about,
    begin,
    async run(count) {
      for (let index = 0; index < count; index++) step(index);
    },
    async answer() {
      return Float32Array.from({ length: ANSWER_STEPS }, (_, index) => step(index));
    },
    dispose: () => {},
  };
}

export async function plainInference(work: Work): Promise<Contestant> {
  const { test, plan } = work;
  const layers = layersOf(plan.network);
  const parameters = tensorsOf(work);
  const batches = Array.from({ length: Math.ceil(test.count / INFERENCE_BATCH) }, (_, index) => {
    const rows = Math.min(INFERENCE_BATCH, test.count - index * INFERENCE_BATCH);
    return { rows, x: pixels(test, index * INFERENCE_BATCH, rows) };
  });
  const logits = ({ rows, x }: (typeof batches)[number]) => forward(layers, parameters, x, rows).at(-1)!;
  return {
    ...about,
    async run(count) {
      for (let pass = 0; pass < count; pass++) for (const each of batches) logits(each);
    },
    answer: async () => logits(batches[0]),
    dispose: () => {},
  };
}

export async function plainLatency(work: Work): Promise<Contestant> {
  const layers = layersOf(work.plan.network);
  const parameters = tensorsOf(work);
  const predict = async (image: Float32Array) => forward(layers, parameters, image, 1).at(-1)!;
  return singleImages(work, { ...about, dispose: () => {} }, predict);
}

export async function plainRace(work: Work): Promise<Racer> {
  const { test, plan } = work;
  const layers = layersOf(plan.network);
  const adamw = adamwOf(work);
  let parameters: Tensors[];
  let moments: { readonly first: Tensors; readonly second: Tensors }[];
  const testPixels = pixels(test, 0, test.count);
  return racer({ ...about, dispose: () => {} }, work, {
    begin(initial) {
      parameters = tensorsOf({ plan, parameters: initial });
      moments = parameters.map((like) => ({ first: zerosLike(like), second: zerosLike(like) }));
    },
    step(x, targets, step) {
      backward(layers, parameters, x, targets, step.rows, (at, gradients) => {
        for (const part of ['kernel', 'bias'] as const) {
          const decay = part === 'kernel' ? step.learningRate * adamw.weightDecay : 0;
          const { first, second } = moments[at];
          updateAdamW(parameters[at][part], gradients[part], first[part], second[part], step, adamw, decay);
        }
      });
    },
    logits: async () => [forward(layers, parameters, testPixels, test.count).at(-1)!],
  });
}

const zerosLike = ({ kernel, bias }: Tensors): Tensors => ({
  kernel: new Float32Array(kernel.length),
  bias: new Float32Array(bias.length),
});

function tensorsOf({ plan, parameters }: Pick<Work, 'plan' | 'parameters'>): Tensors[] {
  return layersOf(plan.network).map(({ index }) => ({
    kernel: parameters[`kernel${index}`].slice(),
    bias: parameters[`bias${index}`].slice(),
  }));
}

function velocitiesOf({ plan, state }: Pick<Work, 'plan' | 'state'>): Tensors[] {
  return layersOf(plan.network).map(({ index }) => ({
    kernel: state[`velocityKernel${index}`].slice(),
    bias: state[`velocityBias${index}`].slice(),
  }));
}

/** The input, and what each layer makes of it. */
function forward(layers: readonly Layer[], parameters: readonly Tensors[], x: Float32Array, rows: number) {
  const activations = [x];
  for (const { index, inputs, units } of layers) {
    const { kernel, bias } = parameters[index];
    const input = activations[index];
    const output = new Float32Array(rows * units);
    for (let r = 0; r < rows; r++) {
      for (let u = 0; u < units; u++) output[r * units + u] = bias[u];
      for (let i = 0; i < inputs; i++) {
        const value = input[r * inputs + i];
        for (let u = 0; u < units; u++) output[r * units + u] += value * kernel[i * units + u];
      }
    }
    if (index < layers.length - 1) for (let n = 0; n < output.length; n++) output[n] = Math.max(0, output[n]);
    activations.push(output);
  }
  return activations;
}

/** Each layer's gradients as they come, from the last to the first. @returns the mean loss */
function backward(
  layers: readonly Layer[],
  parameters: readonly Tensors[],
  x: Float32Array,
  targets: Float32Array,
  rows: number,
  onGradients: (layer: number, gradients: Tensors) => void,
): number {
  const activations = forward(layers, parameters, x, rows);
  const { loss, gradient } = softmaxCrossEntropy(activations.at(-1)!, targets, rows);
  let dy: Float32Array = gradient;
  for (const layer of layers.toReversed()) {
    const { index, inputs } = layer;
    const input = activations[index];
    const [kernel, bias] = backwardWeight(layer, input, dy, rows);
    if (index > 0) dy = backwardInput(layer, parameters[index].kernel, input, dy, rows * inputs);
    onGradients(index, { kernel, bias });
  }
  return loss;
}

function oneHot(labels: Uint8Array, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) targets[row * classes + label] = 1;
  return targets;
}

function softmaxCrossEntropy(logits: Float32Array, targets: Float32Array, rows: number) {
  const classes = logits.length / rows;
  const gradient = new Float32Array(logits.length);
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    const row = logits.subarray(r * classes, (r + 1) * classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(row[c] - largest);
    for (let c = 0; c < classes; c++) {
      const target = targets[r * classes + c];
      if (target > 0) loss += target * (Math.log(sum) - (row[c] - largest));
      gradient[r * classes + c] = (Math.exp(row[c] - largest) / sum - target) / rows;
    }
  }
  return { loss: loss / rows, gradient };
}

function backwardWeight({ inputs, units }: Layer, x: Float32Array, dy: Float32Array, rows: number) {
  const dkernel = new Float32Array(inputs * units);
  const dbias = new Float32Array(units);
  for (let r = 0; r < rows; r++) {
    for (let u = 0; u < units; u++) dbias[u] += dy[r * units + u];
    for (let i = 0; i < inputs; i++) {
      const value = x[r * inputs + i];
      for (let u = 0; u < units; u++) dkernel[i * units + u] += value * dy[r * units + u];
    }
  }
  return [dkernel, dbias] as const;
}

function backwardInput(
  { inputs, units }: Layer,
  kernel: Float32Array,
  x: Float32Array,
  dy: Float32Array,
  length: number,
): Float32Array {
  return Float32Array.from({ length }, (_, n) => {
    if (!(x[n] > 0)) return 0;
    const i = n % inputs;
    const r = (n - i) / inputs;
    let sum = 0;
    for (let u = 0; u < units; u++) sum += dy[r * units + u] * kernel[i * units + u];
    return sum;
  });
}

function update(parameter: Float32Array, gradient: Float32Array, velocity: Float32Array): void {
  for (let n = 0; n < parameter.length; n++) {
    velocity[n] = MOMENTUM * velocity[n] + gradient[n];
    parameter[n] -= LEARNING_RATE * velocity[n];
  }
}

/** Loshchilov and Hutter, arXiv:1711.05101, algorithm 2, with Nesterov's momentum. */
function updateAdamW(
  parameter: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { learningRate, correction1, correction2 }: Step,
  { beta1, beta2, epsilon }: AdamW,
  decay: number,
): void {
  for (let n = 0; n < parameter.length; n++) {
    first[n] = beta1 * first[n] + (1 - beta1) * gradient[n];
    second[n] = beta2 * second[n] + (1 - beta2) * gradient[n] * gradient[n];
    const followed = beta1 * first[n] + (1 - beta1) * gradient[n];
    const step = (followed * correction1) / (Math.sqrt(second[n] * correction2) + epsilon);
    parameter[n] -= learningRate * step + decay * parameter[n];
  }
}
