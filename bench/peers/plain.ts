// Plain TypeScript, as one writes it down: three nested loops on typed arrays, one thread. A floor, not a contestant.
import { type Layer, layersOf } from '../../src/network/spec.ts';
import type { Contestant } from '../contest.ts';
import { ANSWER_STEPS, LEARNING_RATE, MOMENTUM, pixels, type Work } from '../work.ts';
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
      labels: train.labels.subarray(index * batch, index * batch + rows),
    };
  });
  let parameters: Tensors[];
  let velocities: Tensors[];
  const reset = () => {
    parameters = tensorsOf(work);
    velocities = parameters.map(({ kernel, bias }) => ({
      kernel: new Float32Array(kernel.length),
      bias: new Float32Array(bias.length),
    }));
  };
  reset();

  const step = (index: number): number => {
    const { rows, x, labels } = batches[index % batches.length];
    const activations = forward(layers, parameters, x, rows);
    const { loss, gradient } = softmaxCrossEntropy(activations.at(-1)!, labels);
    let dy: Float32Array = gradient;
    for (const layer of layers.toReversed()) {
      const { index: at, inputs } = layer;
      const { kernel, bias } = parameters[at];
      const input = activations[at];
      const [dkernel, dbias] = backwardWeight(layer, input, dy, rows);
      if (at > 0) dy = backwardInput(layer, kernel, input, dy, rows * inputs);
      update(kernel, dkernel, velocities[at].kernel);
      update(bias, dbias, velocities[at].bias);
    }
    return loss;
  };
  return {
    ...about,
    async run(count) {
      for (let index = 0; index < count; index++) step(index);
    },
    async answer() {
      reset();
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

function tensorsOf({ plan, parameters }: Work): Tensors[] {
  return layersOf(plan.network).map(({ index }) => ({
    kernel: parameters[`kernel${index}`].slice(),
    bias: parameters[`bias${index}`].slice(),
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

function softmaxCrossEntropy(logits: Float32Array, labels: Uint8Array) {
  const rows = labels.length;
  const classes = logits.length / rows;
  const gradient = new Float32Array(logits.length);
  let loss = 0;
  for (let r = 0; r < rows; r++) {
    const row = logits.subarray(r * classes, (r + 1) * classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(row[c] - largest);
    loss += Math.log(sum) - (row[labels[r]] - largest);
    for (let c = 0; c < classes; c++) {
      const target = c === labels[r] ? 1 : 0;
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
