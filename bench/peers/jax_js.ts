// jax-js on its WASM backend, with as many threads as it takes by itself, and on WebGPU: the whole step compiled by jit.
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
import packageJson from '../../node_modules/@jax-js/jax/package.json';
import type { Host } from '../../src/engine/host.ts';
import { layersOf } from '../../src/network/spec.ts';
import type { Contestant } from '../contest.ts';
import { ANSWER_STEPS, LEARNING_RATE, MOMENTUM, pixels, type Work } from '../work.ts';
import { singleImages } from './single_images.ts';

/** Kernel and bias of each layer. */
type Tree = JaxArray[];

export type JaxBackend = 'wasm' | 'webgpu';

const about = (backend: JaxBackend, { processors }: Host) => ({
  name: `jax-js ${backend}`,
  version: packageJson.version,
  threads: backend === 'wasm' ? processors : 1,
});

export async function jaxTraining(work: Work, host: Host, backend: JaxBackend): Promise<Contestant> {
  await use(backend);
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

  let parameters: Tree;
  let velocity: Tree;
  const reset = () => {
    parameters = initialTree(work);
    velocity = parameters.map((p) => np.zeros(p.shape));
  };
  reset();
  const step = (index: number): JaxArray => {
    const { x, y } = batches[index % batches.length];
    const [loss, next, moved] = update(parameters, velocity, x.ref, y.ref);
    parameters = next;
    velocity = moved;
    return loss;
  };
  return {
    ...about(backend, host),
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
      tree.dispose(parameters);
      tree.dispose(velocity);
      reset();
      const losses: number[] = [];
      for (let index = 0; index < ANSWER_STEPS; index++) losses.push((await step(index).data())[0]);
      return Float32Array.from(losses);
    },
    dispose: () => {
      tree.dispose(parameters);
      tree.dispose(velocity);
      tree.dispose(batches);
    },
  };
}

/** Images of one call. */
const INFERENCE_BATCH = 1000;

export async function jaxInference(work: Work, host: Host, backend: JaxBackend): Promise<Contestant> {
  await use(backend);
  const { test, plan } = work;
  const count = Math.floor(test.count / INFERENCE_BATCH);
  if (count * INFERENCE_BATCH !== test.count)
    throw new Error(`jax-js compiles one batch size: ${INFERENCE_BATCH} must divide the images`);
  const shape = [INFERENCE_BATCH, plan.network.widths[0]];
  const batches = Array.from({ length: count }, (_, index) =>
    np.array(pixels(test, index * INFERENCE_BATCH, INFERENCE_BATCH), { shape }),
  );
  const parameters = initialTree(work);
  const infer = jit((tensors: Tree, x: JaxArray) => forward(tensors, x)) as unknown as (
    tensors: Tree,
    x: JaxArray,
  ) => JaxArray;
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

export async function jaxLatency(work: Work, host: Host, backend: JaxBackend): Promise<Contestant> {
  await use(backend);
  const parameters = initialTree(work);
  const infer = jit((tensors: Tree, x: JaxArray) => forward(tensors, x)) as unknown as (
    tensors: Tree,
    x: JaxArray,
  ) => JaxArray;
  const predict = (image: Float32Array) => {
    defaultDevice(backend);
    const x = np.array(image.slice(), { shape: [1, image.length] });
    return infer(tree.ref(parameters), x).data() as Promise<Float32Array>;
  };
  const dispose = () => tree.dispose(parameters);
  return singleImages(work, { ...about(backend, host), dispose }, predict);
}

async function use(backend: JaxBackend): Promise<void> {
  const available = await init(backend);
  if (!available.includes(backend)) throw new Error(`jax-js has no ${backend} here`);
  defaultDevice(backend);
}

function initialTree({ plan, parameters }: Work): Tree {
  return layersOf(plan.network).flatMap(({ index, inputs, units }) => [
    np.array(parameters[`kernel${index}`].slice(), { shape: [inputs, units] }),
    np.array(parameters[`bias${index}`].slice(), { shape: [units] }),
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
