// What goes to an executor beside its steps, and what is read from it: data set, parameters, measurements.
import type { Dataset, Samples } from '../data/dataset.ts';
import type { Executor } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import type { Parameters } from '../network/initialisation.ts';
import type { Step } from '../network/kernels.ts';
import { buffersOf, type Plan, sizeOf, type TypedArray } from '../network/plan.ts';
import { naturalOrder } from '../network/random.ts';
import type { Snapshot } from './events.ts';
import { evaluationRuns, stepsPerEpoch } from './schedule.ts';

/**
 * Uploads a data set once: uint8, as it lies in its files.
 * @throws InputError before anything is written unless the images, labels and counts are those of the plan
 */
export async function writeDataset(
  executor: Executor,
  { train, test }: Pick<Dataset, 'train' | 'test'>,
): Promise<void> {
  const { buffers, constants } = executor.plan;
  if ('trainImages' in buffers) checkSamples(executor.plan, 'train', train);
  if ('testImages' in buffers) checkSamples(executor.plan, 'test', test);
  for (const [name, values] of Object.entries(constants)) await executor.write(name, values);
  if ('trainImages' in buffers) {
    await executor.write('trainImages', train.images);
    await executor.write('trainLabels', train.labels);
  }
  if ('testImages' in buffers) {
    await executor.write('testImages', test.images);
    await executor.write('testLabels', test.labels);
    await executor.write('testOrder', naturalOrder(test.count));
  }
}

/** @throws InputError naming the number, or the first sample, that does not fit the plan */
function checkSamples({ buffers, network }: Plan, part: 'train' | 'test', samples: Samples): void {
  const { count, images, labels } = samples;
  const [expected, pixels] = buffers[`${part}Images`].shape;
  const title = part === 'train' ? 'training' : 'test';
  if (count !== expected) throw new InputError(`${count} ${title} samples: the plan is made for ${expected}`);
  if (images.length !== count * pixels)
    throw new InputError(
      `${title} images of ${images.length} bytes: expected ${count * pixels}, ${count} times ${pixels} pixels`,
    );
  if (labels.length !== count)
    throw new InputError(`${labels.length} ${title} labels: expected ${count}, one for each image`);
  const classes = network.widths.at(-1)!;
  const outside = labels.findIndex((label) => label >= classes);
  if (outside >= 0)
    throw new InputError(
      `${title} sample ${outside}: label ${labels[outside]}, expected 0 to ${classes - 1} as the network has ${classes} classes`,
    );
}

export interface Measurement {
  readonly loss: number;
  readonly accuracy: number;
  /** Counts [target][predicted]. */
  readonly confusion: readonly (readonly number[])[];
}

/** Mean loss, accuracy and confusion over the plan's test samples, counted on the device. */
export function measure(executor: Executor): Promise<Measurement> {
  return counted(executor, async (steps) => {
    const metrics = await executor.run('evaluate', steps);
    return steps.map(({ slot }) => metrics[2 * slot]);
  });
}

/** The same, and the network's output for each sample: float32 [samples, classes]. */
export async function measureWithLogits(
  executor: Executor,
): Promise<{ measurement: Measurement; logits: Float32Array }> {
  const { buffers, network } = executor.plan;
  const classes = network.widths.at(-1)!;
  const logits = new Float32Array(buffers.testLabels.shape[0] * classes);
  const measurement = await counted(executor, async (steps) => {
    const losses: number[] = [];
    for (const step of steps) {
      const [loss] = await executor.run('evaluate', [{ ...step, slot: 0 }]);
      losses.push(loss);
      const batch = await executor.read(`activation${network.widths.length - 1}`);
      logits.set(batch.subarray(0, step.rows * classes), step.first * classes);
    }
    return losses;
  });
  return { measurement, logits };
}

/** @param run executes the steps and returns the loss of each, summed over its rows */
async function counted(
  executor: Executor,
  run: (steps: readonly Step[]) => Promise<readonly number[]>,
): Promise<Measurement> {
  const { plan } = executor;
  const samples = plan.buffers.testLabels.shape[0];
  const classes = plan.network.widths.at(-1)!;
  await executor.write('confusion', new Uint32Array(classes * classes));
  let loss = 0;
  for (const steps of evaluationRuns(samples, plan.batch.evaluate))
    for (const each of await run(steps)) loss += each;
  const counts = await executor.read('confusion');
  const confusion = Array.from({ length: classes }, (_, target) => [
    ...counts.subarray(target * classes, (target + 1) * classes),
  ]);
  const correct = confusion.reduce((sum, row, target) => sum + row[target], 0);
  return { loss: loss / samples, accuracy: correct / samples, confusion };
}

/**
 * Checks that a training can begin with these.
 * @throws InputError naming the one that is missing, strange or not finite
 */
export function checkParameters(parameters: Parameters, plan: Plan): void {
  checkBuffers(parameters, plan, buffersOf(plan, 'parameter'), 'the parameters to begin with');
}

/**
 * Checks that a training can go on from here as if it had never stopped.
 * @throws InputError naming what is missing, strange or not finite
 */
export function checkSnapshot({ buffers, epochs, stepLosses }: Snapshot, plan: Plan): void {
  const title = 'the checkpoint to go on from';
  const refuse = (what: string) => new InputError(`${title}: ${what}`);
  checkBuffers(buffers, plan, buffersOf(plan, 'parameter', 'state'), title);
  if (epochs.length > plan.recipe.epochs || epochs.some(({ epoch }, index) => epoch !== index + 1))
    throw refuse(`its epochs are not the first of ${plan.recipe.epochs}`);
  const steps = epochs.length * stepsPerEpoch(plan.recipe, plan.buffers.trainLabels.shape[0]);
  if (stepLosses.length !== steps)
    throw refuse(`${stepLosses.length} losses of steps, expected ${steps} of ${epochs.length} epochs`);
}

/** @throws InputError unless these are the plan's buffers of such names, of finite numbers */
function checkBuffers(
  buffers: { readonly [name: string]: Float32Array },
  plan: Plan,
  names: readonly string[],
  title: string,
): void {
  const refuse = (what: string) => new InputError(`${title}: ${what}`);
  const stranger = Object.keys(buffers).find((name) => !names.includes(name));
  if (stranger !== undefined) throw refuse(`"${stranger}" has no place in this training`);
  for (const name of names) {
    const [found, expected] = [buffers[name]?.length ?? 0, sizeOf(plan.buffers[name])];
    if (found !== expected) throw refuse(`"${name}" has ${found} numbers, expected ${expected}`);
    const strange = buffers[name].findIndex((value) => !Number.isFinite(value));
    if (strange >= 0) throw refuse(`"${name}" has ${buffers[name][strange]} at index ${strange}`);
  }
}

export async function writeParameters(
  executor: Executor,
  parameters: { readonly [buffer: string]: TypedArray },
): Promise<void> {
  for (const [name, data] of Object.entries(parameters)) await executor.write(name, data);
}

export async function readParameters(executor: Executor): Promise<Parameters> {
  const parameters: Parameters = {};
  for (const name of buffersOf(executor.plan, 'parameter')) {
    parameters[name] = (await executor.read(name)) as Float32Array;
  }
  return parameters;
}
