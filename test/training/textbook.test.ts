// The recipe `quick` against a textbook: 784-128-10 and AdamW with Nesterov's momentum in doubles, written from
// the papers' formulas alone. Nothing of the kernels, the plan, the schedule or the oracle takes part; only the first weights and
// the order of images are given.
import { setFlagsFromString } from 'node:v8';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower } from '../../src/network/lower.ts';
import { MAX_STEPS_PER_RUN } from '../../src/network/plan.ts';
import { shuffledOrder } from '../../src/network/random.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { RECIPES } from '../../src/training/recipes.ts';
import { trainingSteps } from '../../src/training/schedule.ts';
import { writeParameters } from '../../src/training/transfer.ts';
import { prepared } from './setup.ts';

// Node 20 has these instructions behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

const SEED = 5;
/** Before rounding alone moves a hidden unit across zero for an image, from which on losses go their own ways. */
const STEPS = 100;
/** Both round to float32, some 800 times a step; nothing else is between them. */
const TOLERANCE = 5e-7;

const [INPUTS, HIDDEN, CLASSES] = [784, 128, 10];
const BATCH = 128;
const SAMPLES = 60_000;
const EPOCHS = 2;

let dataset: Dataset;
let textbook: Float64Array;
beforeAll(async () => {
  dataset = await loadMnistNode();
  textbook = textbookLosses(dataset);
});

const ENGINES: readonly { name: string; options: OpenOptions }[] = [
  ...(['simd', 'relaxed'] as const).map((build) => ({
    name: `wasm ${build}`,
    options: { backend: 'wasm', build } as const,
  })),
  { name: 'webgpu', options: { backend: 'webgpu' } },
];

describe('AdamW as its papers have it', () => {
  it.each(ENGINES)('has the step losses of $name', async ({ options }) => {
    const losses = await engineLosses(options);
    const differences = losses.map((loss, step) => Math.abs(loss - textbook[step]));
    expect(losses[STEPS - 1]).toBeLessThan(1);
    expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
  });

  it('is told from AdamW that does not look ahead, by far', () => {
    const plain = textbookLosses(dataset, 0);
    const differences = plain.map((loss, step) => Math.abs(loss - textbook[step]));
    expect(Math.max(...differences)).toBeGreaterThan(100 * TOLERANCE);
  });
});

async function engineLosses(options: OpenOptions): Promise<number[]> {
  const { recipe, network } = RECIPES.quick;
  const spec = parseNetwork(network);
  const { engine } = await open(nodeHost(), options);
  try {
    const samples = { train: SAMPLES, test: 0 };
    const executor = await prepared(engine, lower({ network: spec, recipe, seed: SEED, samples }), dataset);
    await writeParameters(executor, initialParameters(spec, recipe.initialisation, SEED));
    await executor.write('trainOrder', shuffledOrder(SEED, 0, SAMPLES));
    const steps = trainingSteps(recipe, SAMPLES, 0, 0, Math.min(STEPS, MAX_STEPS_PER_RUN));
    const metrics = await executor.run('train', steps);
    return steps.map(({ slot, rows }) => metrics[2 * slot] / rows);
  } finally {
    engine.dispose();
  }
}

/** A tensor with its moments: Kingma and Ba, arXiv:1412.6980, algorithm 1. */
interface Tensor {
  readonly values: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
  readonly gradient: Float64Array;
  readonly weightDecay: number;
}

/** Mean losses of the first steps. @param ahead the share of the gradient in the moment that is followed */
function textbookLosses({ train }: Dataset, ahead = 0.1): Float64Array {
  const { kernel0, kernel1 } = initialParameters({ widths: [INPUTS, HIDDEN, CLASSES] }, 'he', SEED);
  const tensor = (values: Float64Array, weightDecay: number): Tensor => ({
    values,
    m: new Float64Array(values.length),
    v: new Float64Array(values.length),
    gradient: new Float64Array(values.length),
    weightDecay,
  });
  const w0 = tensor(Float64Array.from(kernel0), 0.1);
  const b0 = tensor(new Float64Array(HIDDEN), 0);
  const w1 = tensor(Float64Array.from(kernel1), 0.1);
  const b1 = tensor(new Float64Array(CLASSES), 0);
  const order = shuffledOrder(SEED, 0, SAMPLES);
  const total = EPOCHS * Math.ceil(SAMPLES / BATCH);
  return Float64Array.from({ length: STEPS }, (_, step) => {
    const batch = order.subarray(step * BATCH, (step + 1) * BATCH);
    for (const { gradient } of [w0, b0, w1, b1]) gradient.fill(0);
    let loss = 0;
    const x = new Float64Array(INPUTS);
    for (const sample of batch) {
      for (let i = 0; i < INPUTS; i++) x[i] = train.images[sample * INPUTS + i] / 255;
      loss += backpropagate(x, train.labels[sample], w0, b0, w1, b1) / BATCH;
    }
    for (const each of [w0, b0, w1, b1]) update(each, step + 1, rateAt(step, total), ahead);
    return loss;
  });
}

/** Adds one sample's share to the gradients of the batch's mean. @returns its loss */
function backpropagate(
  x: Float64Array,
  label: number,
  w0: Tensor,
  b0: Tensor,
  w1: Tensor,
  b1: Tensor,
): number {
  const hidden = Float64Array.from(b0.values);
  for (let i = 0; i < INPUTS; i++) {
    if (x[i] === 0) continue;
    for (let h = 0; h < HIDDEN; h++) hidden[h] += x[i] * w0.values[i * HIDDEN + h];
  }
  for (let h = 0; h < HIDDEN; h++) hidden[h] = Math.max(0, hidden[h]);
  const logits = Float64Array.from(b1.values);
  for (let h = 0; h < HIDDEN; h++)
    for (let c = 0; c < CLASSES; c++) logits[c] += hidden[h] * w1.values[h * CLASSES + c];

  // Label smoothing: Szegedy et al., arXiv:1512.00567, section 7.
  const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  const target = Float64Array.from(logits, (_, c) => (c === label ? 0.95 : 0) + 0.05 / CLASSES);
  const loss = -target.reduce((sum, share, c) => sum + share * (logits[c] - logSum), 0);
  const dlogits = logits.map((logit, c) => (Math.exp(logit - logSum) - target[c]) / BATCH);

  for (let c = 0; c < CLASSES; c++) b1.gradient[c] += dlogits[c];
  const dhidden = new Float64Array(HIDDEN);
  for (let h = 0; h < HIDDEN; h++) {
    if (hidden[h] === 0) continue;
    for (let c = 0; c < CLASSES; c++) {
      w1.gradient[h * CLASSES + c] += hidden[h] * dlogits[c];
      dhidden[h] += dlogits[c] * w1.values[h * CLASSES + c];
    }
    b0.gradient[h] += dhidden[h];
  }
  for (let i = 0; i < INPUTS; i++) {
    if (x[i] === 0) continue;
    for (let h = 0; h < HIDDEN; h++) w0.gradient[i * HIDDEN + h] += x[i] * dhidden[h];
  }
  return loss;
}

/**
 * Decoupled weight decay: Loshchilov and Hutter, arXiv:1711.05101, algorithm 2, with the rate on both terms. The
 * moment looks ahead as in Dozat, 2016, algorithm 2, corrected alike in both terms.
 * @param t from 1
 */
function update(
  { values, m, v, gradient, weightDecay }: Tensor,
  t: number,
  rate: number,
  ahead: number,
): void {
  const [beta1, beta2] = [0.9, 0.99];
  const [rest1T, rest2T] = [1 - beta1 ** t, 1 - beta2 ** t];
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    const mHat = ((1 - ahead) * m[i] + ahead * g) / rest1T;
    const vHat = v[i] / rest2T;
    values[i] -= rate * (mHat / (Math.sqrt(vHat) + 1e-7) + weightDecay * values[i]);
  }
}

/** Linearly up to 0.014 over a fifth of the steps, then down half a cosine. */
function rateAt(step: number, total: number): number {
  const warmup = Math.round(total / 5);
  if (step < warmup) return (0.014 * (step + 1)) / (warmup + 1);
  return 0.007 * (1 + Math.cos((Math.PI * (step - warmup)) / (total - warmup)));
}
