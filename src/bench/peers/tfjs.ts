// TensorFlow.js on its backends. A training is timed with core ops and with `model.fit`, and the faster one
// competes. Its batches lie ready on the device; ours are gathered in the step.

import * as tf from '@tensorflow/tfjs-core';
import type { Host } from '../../engine/host.ts';
import { NesterovAdam } from '../../engine/tfjs/nesterov_adam.ts';
import { ANSWER_STEPS } from '../../evaluation/comparison.ts';
import type { Contestant } from '../contestant.ts';
import type { Racer } from '../race.ts';
import { pixels, type Work } from '../work.ts';
import { adamwOf, racer } from './laps.ts';
import { singleImages } from './single_images.ts';
import { about, use, type Variant } from './tfjs_backend.ts';
import { type Model, makeModel } from './tfjs_model.ts';
import {
  type Batch,
  type Beginning,
  batchesOf,
  beginningOf,
  type Way,
  withCoreOps,
  withFit,
} from './tfjs_ways.ts';

/** Images of one call: what tfjs is fastest with. */
const INFERENCE_BATCH = 1000;

/** Steps that tell which way is faster. */
const TRIAL_STEPS = 3;

/** In the faster of its ways. */
export async function tfjsTraining(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  await use(variant, host);
  const batches = batchesOf(work);
  const beginning = beginningOf(work);
  const ways = [withCoreOps(work, batches, beginning), withFit(work, batches, beginning)];
  const seconds: number[] = [];
  for (const way of ways) {
    await way.begin();
    await way.run(TRIAL_STEPS);
    const begin = performance.now();
    await way.run(TRIAL_STEPS);
    seconds.push(performance.now() - begin);
  }
  const faster = seconds[0] <= seconds[1] ? 0 : 1;
  ways[1 - faster].dispose();
  return inTurns(ways[faster], batches, beginning, host, variant);
}

/** With core ops. */
export async function tfjsStart(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  await use(variant, host);
  const batches = batchesOf(work);
  const beginning = beginningOf(work);
  return inTurns(withCoreOps(work, batches, beginning), batches, beginning, host, variant);
}

async function inTurns(
  { begin, run, losses, dispose, how }: Way,
  batches: readonly Batch[],
  beginning: Beginning,
  host: Host,
  variant: Variant,
): Promise<Contestant> {
  await begin();
  return {
    ...about(variant),
    version: `${tf.version_core}, ${how}`,
    async begin() {
      await use(variant, host);
      await begin();
    },
    async run(count) {
      await use(variant, host);
      await run(count);
    },
    async answer() {
      await use(variant, host);
      return Float32Array.from(await losses(ANSWER_STEPS));
    },
    dispose() {
      dispose();
      tf.dispose([beginning.parameters, beginning.velocities]);
      for (const { x, y } of batches) tf.dispose([x, y]);
    },
  };
}

export async function tfjsInference(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  await use(variant, host);
  const model = makeModel(work);
  const batches = testBatches(work);
  return {
    ...about(variant),
    async run(count) {
      await use(variant, host);
      for (let pass = 0; pass < count; pass++) await allLogits(model, batches);
    },
    async answer() {
      await use(variant, host);
      return Float32Array.from(await tf.tidy(() => model.forward(batches[0])).data());
    },
    dispose: () => model.dispose(),
  };
}

function testBatches({ test, plan }: Work): tf.Tensor2D[] {
  return Array.from({ length: Math.ceil(test.count / INFERENCE_BATCH) }, (_, index) => {
    const rows = Math.min(INFERENCE_BATCH, test.count - index * INFERENCE_BATCH);
    return tf.tensor2d(pixels(test, index * INFERENCE_BATCH, rows), [rows, plan.network.widths[0]]);
  });
}

async function allLogits(model: Model, batches: readonly tf.Tensor2D[]): Promise<Float32Array[]> {
  const logits = batches.map((x) => tf.tidy(() => model.forward(x)));
  const values = await Promise.all(logits.map((each) => each.data() as Promise<Float32Array>));
  tf.dispose(logits);
  return values;
}

export async function tfjsLatency(work: Work, host: Host, variant: Variant): Promise<Contestant> {
  await use(variant, host);
  const model = makeModel(work);
  const predict = async (image: Float32Array) => {
    await use(variant, host);
    const logits = tf.tidy(() => model.forward(tf.tensor2d(image, [1, image.length])));
    const values = await logits.data();
    logits.dispose();
    return values;
  };
  return singleImages(work, { ...about(variant), dispose: model.dispose }, predict);
}

/** With core ops, and the decay of the weights that tfjs has not. */
export async function tfjsRace(work: Work, host: Host, variant: Variant): Promise<Racer> {
  await use(variant, host);
  const { plan } = work;
  const [inputs, classes] = [plan.network.widths[0], plan.network.widths.at(-1)!];
  const { beta1, beta2, epsilon, weightDecay } = adamwOf(work);
  const batches = testBatches(work);
  let model: Model | undefined;
  let optimizer: NesterovAdam | undefined;
  const end = () => {
    model?.dispose();
    optimizer?.dispose();
  };
  const dispose = () => {
    end();
    tf.dispose(batches);
  };
  const started = { ...about(variant), version: `${tf.version_core}, core ops`, dispose };
  const contender = await racer(started, work, {
    begin(parameters) {
      end();
      model = makeModel({ plan, parameters });
      optimizer = new NesterovAdam(0, beta1, beta2, epsilon);
    },
    step(x, targets, { rows, learningRate }) {
      optimizer!.learningRate = learningRate;
      tf.tidy(() => {
        const [images, labels] = [tf.tensor2d(x, [rows, inputs]), tf.tensor2d(targets, [rows, classes])];
        const { grads } = tf.variableGrads(
          () => tf.losses.softmaxCrossEntropy(labels, model!.forward(images)) as tf.Scalar,
        );
        for (const kernel of model!.kernels) kernel.assign(tf.mul(kernel, 1 - learningRate * weightDecay));
        optimizer!.applyGradients(grads);
      });
    },
    logits: () => allLogits(model!, batches),
  });
  return {
    ...contender,
    async train(seed) {
      await use(variant, host);
      return contender.train(seed);
    },
  };
}
