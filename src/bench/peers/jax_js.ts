// jax-js on its WASM backend, with as many threads as it takes by itself, and on WebGPU: the whole step
// compiled by jit.

import {
  defaultDevice,
  init,
  type Array as JaxArray,
  jit,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import packageJson from '../../../node_modules/@jax-js/jax/package.json';
import { provideGpu } from '../../engine/adapter.ts';
import type { Host } from '../../engine/host.ts';
import { ANSWER_STEPS } from '../../evaluation/comparison.ts';
import type { Parameters } from '../../network/initialisation.ts';
import type { Plan } from '../../network/plan.ts';
import { layersOf } from '../../network/spec.ts';
import type { Contestant } from '../contestant.ts';
import type { Racer } from '../race.ts';
import { LEARNING_RATE, MOMENTUM, pixels, type Work } from '../work.ts';
import { adamwOf, racer } from './laps.ts';
import { singleImages } from './single_images.ts';

/** Kernel and bias of each layer. */
type Tree = JaxArray[];

export type JaxBackend = 'wasm' | 'webgpu';

/** What it asks before it starts threads. */
const hasThreads = typeof SharedArrayBuffer !== 'undefined' && typeof Worker !== 'undefined';

const about = (backend: JaxBackend, { processors }: Host) => ({
  name: `jax-js ${backend}`,
  version: packageJson.version,
  threads: backend === 'wasm' && hasThreads ? processors : 1,
});

export async function jaxTraining(work: Work, host: Host, backend: JaxBackend): Promise<Contestant> {
  await use(backend, host);
  const { train, batch, plan } = work;
  const [inputs, classes] = [plan.network.widths[0], plan.network.widths.at(-1)!];
  const count = Math.ceil(train.count / batch);
  if (count * batch !== train.count)
    throw new Error('jax-js compiles one batch size: batches must divide the data');
  const batches = Array.from({ length: count }, (_, index) => ({
    x: np.array(pixels(train, index * batch, batch), { shape: [batch, inputs] }),
    y: np.array(oneHot(train.labels.subarray(index * batch, (index + 1) * batch), classes), {
      shape: [batch, classes],
    }),
  }));

  const lossOf = (parameters: Tree, x: JaxArray, y: JaxArray) =>
    nn
      .logSoftmax(forward(parameters, x))
      .mul(y)
      .sum()
      .mul(-1 / batch);
  const update = jit((parameters: Tree, velocity: Tree, x: JaxArray, y: JaxArray) => {
    const [loss, gradient] = valueAndGrad(lossOf)(tree.ref(parameters), x, y) as [JaxArray, Tree];
    const moved = velocity.map((v, i) => v.mul(MOMENTUM).add(gradient[i]));
    const next = parameters.map((p, i) => p.sub(moved[i].ref.mul(LEARNING_RATE)));
    return [loss, next, moved] as const as unknown as JaxArray[];
  }) as unknown as (p: Tree, v: Tree, x: JaxArray, y: JaxArray) => [JaxArray, Tree, Tree];

  const beginning = { parameters: initialTree(work), velocity: velocityTree(work) };
  let parameters: Tree = tree.ref(beginning.parameters);
  let velocity: Tree = tree.ref(beginning.velocity);
  const end = () => {
    tree.dispose(parameters);
    tree.dispose(velocity);
  };
  const step = (index: number): JaxArray => {
    const { x, y } = batches[index % batches.length];
    const [loss, next, moved] = update(parameters, velocity, x.ref, y.ref);
    parameters = next;
    velocity = moved;
    return loss;
  };
  return {
    ...about(backend, host),
    async begin() {
      defaultDevice(backend);
      end();
      parameters = tree.ref(beginning.parameters);
      velocity = tree.ref(beginning.velocity);
    },
    async run(times) {
      defaultDevice(backend);
      for (let index = 0; index < times; index++) {
        const loss = step(index);
        if (index < times - 1) loss.dispose();
        else await loss.data();
      }
      await Promise.all(parameters.map((p) => p.ref.blockUntilReady().then((ready) => ready.dispose())));
    },
    async answer() {
      defaultDevice(backend);
      const losses: number[] = [];
      for (let index = 0; index < ANSWER_STEPS; index++) losses.push((await step(index).data())[0]);
      return Float32Array.from(losses);
    },
    dispose: () => {
      end();
      tree.dispose(beginning);
      tree.dispose(batches);
    },
  };
}

/** Images of one call. */
const INFERENCE_BATCH = 1000;

export async function jaxInference(work: Work, host: Host, backend: JaxBackend): Promise<Contestant> {
  await use(backend, host);
  const batches = testBatches(work);
  const parameters = initialTree(work);
  const infer = jit(forward) as unknown as (tensors: Tree, x: JaxArray) => JaxArray;
  const logits = (x: JaxArray) => infer(tree.ref(parameters), x.ref).data() as Promise<Float32Array>;
  return {
    ...about(backend, host),
    async run(passes) {
      defaultDevice(backend);
      for (let pass = 0; pass < passes; pass++) await Promise.all(batches.map(logits));
    },
    async answer() {
      defaultDevice(backend);
      return logits(batches[0]);
    },
    dispose: () => {
      tree.dispose(parameters);
      tree.dispose(batches);
    },
  };
}

function testBatches({ test, plan }: Work): JaxArray[] {
  const count = Math.floor(test.count / INFERENCE_BATCH);
  if (count * INFERENCE_BATCH !== test.count)
    throw new Error(`jax-js compiles one batch size: ${INFERENCE_BATCH} must divide the images`);
  const shape = [INFERENCE_BATCH, plan.network.widths[0]];
  return Array.from({ length: count }, (_, index) =>
    np.array(pixels(test, index * INFERENCE_BATCH, INFERENCE_BATCH), { shape }),
  );
}

export async function jaxLatency(work: Work, host: Host, backend: JaxBackend): Promise<Contestant> {
  await use(backend, host);
  const parameters = initialTree(work);
  const infer = jit(forward) as unknown as (tensors: Tree, x: JaxArray) => JaxArray;
  const predict = (image: Float32Array) => {
    defaultDevice(backend);
    const x = np.array(image.slice(), { shape: [1, image.length] });
    return infer(tree.ref(parameters), x).data() as Promise<Float32Array>;
  };
  const dispose = () => tree.dispose(parameters);
  return singleImages(work, { ...about(backend, host), dispose }, predict);
}

/** More of them than this wait for their turn, and for memory. */
const STEPS_UNDER_WAY = 16;

export async function jaxRace(work: Work, host: Host, backend: JaxBackend): Promise<Racer> {
  await use(backend, host);
  const { plan } = work;
  const [inputs, classes] = [plan.network.widths[0], plan.network.widths.at(-1)!];
  const { beta1, beta2, epsilon, weightDecay } = adamwOf(work);
  const batches = testBatches(work);
  const infer = jit(forward) as unknown as (tensors: Tree, x: JaxArray) => JaxArray;
  const logits = (x: JaxArray) => infer(tree.ref(parameters), x.ref).data() as Promise<Float32Array>;
  const lossOf = (tensors: Tree, x: JaxArray, y: JaxArray) =>
    nn.logSoftmax(forward(tensors, x)).mul(y).sum(-1).mean().mul(-1);
  /** Loshchilov and Hutter, arXiv:1711.05101, algorithm 2; `rates` are its rate and both corrections. */
  const update = jit((tensors: Tree, first: Tree, second: Tree, x: JaxArray, y: JaxArray, rates: Tree) => {
    const [loss, gradient] = valueAndGrad(lossOf)(tree.ref(tensors), x, y) as [JaxArray, Tree];
    loss.dispose();
    const [rate, correction1, correction2] = rates;
    const m = first.map((each, i) => each.mul(beta1).add(gradient[i].ref.mul(1 - beta1)));
    const v = second.map((each, i) =>
      each.mul(beta2).add(gradient[i].ref.mul(gradient[i].ref).mul(1 - beta2)),
    );
    const next = tensors.map((each, i) => {
      const scale = np.sqrt(v[i].ref.mul(correction2.ref)).add(epsilon);
      const followed = m[i].ref.mul(beta1).add(gradient[i].mul(1 - beta1));
      const decayed = i % 2 === 0 ? each.mul(rate.ref.mul(-weightDecay).add(1)) : each;
      return decayed.sub(followed.mul(correction1.ref).mul(rate.ref).div(scale));
    });
    tree.dispose(rates);
    return [next, m, v] as const as unknown as JaxArray[];
  }) as unknown as (t: Tree, m: Tree, v: Tree, x: JaxArray, y: JaxArray, rates: Tree) => [Tree, Tree, Tree];

  let parameters: Tree = [];
  let moments: [Tree, Tree] = [[], []];
  const end = () => {
    tree.dispose(parameters);
    tree.dispose(moments);
  };
  const dispose = () => {
    end();
    tree.dispose(batches);
  };
  const contender = await racer({ ...about(backend, host), dispose }, work, {
    begin(initial) {
      end();
      parameters = initialTree({ plan, parameters: initial });
      const zeros = () => parameters.map((p) => np.zeros(p.shape));
      moments = [zeros(), zeros()];
    },
    async step(x, targets, { rows, number, learningRate, correction1, correction2 }) {
      const rates = [learningRate, correction1, correction2].map((rate) => np.array([rate]));
      const images = np.array(x, { shape: [rows, inputs] });
      const labels = np.array(targets, { shape: [rows, classes] });
      const [next, first, second] = update(parameters, ...moments, images, labels, rates);
      parameters = next;
      moments = [first, second];
      if (number % STEPS_UNDER_WAY === 0) (await parameters[0].ref.blockUntilReady()).dispose();
    },
    logits: () => Promise.all(batches.map(logits)),
  });
  return {
    ...contender,
    async train(seed) {
      defaultDevice(backend);
      return contender.train(seed);
    },
  };
}

async function use(backend: JaxBackend, host: Host): Promise<void> {
  if (backend === 'webgpu') await provideGpu(host);
  const available = await init(backend);
  if (!available.includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  defaultDevice(backend);
}

const initialTree = ({ plan, parameters }: Pick<Work, 'plan' | 'parameters'>): Tree =>
  treeOf(plan, parameters, 'kernel', 'bias');

const velocityTree = ({ plan, state }: Work): Tree => treeOf(plan, state, 'velocityKernel', 'velocityBias');

function treeOf({ network }: Plan, values: Parameters, kernel: string, bias: string): Tree {
  return layersOf(network).flatMap(({ index, inputs, units }) => [
    np.array(values[`${kernel}${index}`].slice(), { shape: [inputs, units] }),
    np.array(values[`${bias}${index}`].slice(), { shape: [units] }),
  ]);
}

/** Consumes its arguments, as functions of jax-js do. */
function forward(parameters: Tree, x: JaxArray): JaxArray {
  let output = x;
  for (let at = 0; at < parameters.length; at += 2) {
    const sum = np.dot(output, parameters[at]).add(parameters[at + 1]);
    output = at + 2 < parameters.length ? nn.relu(sum) : sum;
  }
  return output;
}

function oneHot(labels: Uint8Array, classes: number): Float32Array {
  const targets = new Float32Array(labels.length * classes);
  for (const [row, label] of labels.entries()) targets[row * classes + label] = 1;
  return targets;
}
