// What goes to an executor beside its steps, and what is read from it: data set and parameters.
import type { Dataset, Samples } from '../data/dataset.ts';
import type { Executor } from '../engine/engine.ts';
import { InputError } from '../errors.ts';
import type { Parameters } from '../network/initialisation.ts';
import { buffersOf, type Plan, type TypedArray } from '../network/plan.ts';
import { naturalOrder } from '../network/random.ts';

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

/**
 * The data set as the executor holds it: where it lies in this process's memory, views of that take the place
 * of the images that were written, which can then be given up.
 */
export function heldBy(executor: Executor, dataset: Dataset): Dataset {
  const held = (part: 'train' | 'test'): Samples => {
    const images = executor.view?.(`${part}Images`) as Uint8Array | undefined;
    return images ? { ...dataset[part], images } : dataset[part];
  };
  return { ...dataset, train: held('train'), test: held('test') };
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

export async function writeParameters(
  executor: Executor,
  parameters: { readonly [buffer: string]: TypedArray },
): Promise<void> {
  for (const [name, data] of Object.entries(parameters)) await executor.write(name, data);
}

/** All at once: of one state, also where the training goes on before they are there. */
export async function readParameters(executor: Executor): Promise<Parameters> {
  const names = buffersOf(executor.plan, 'parameter');
  const values = await Promise.all(names.map((name) => executor.read(name)));
  return Object.fromEntries(names.map((name, i) => [name, values[i] as Float32Array]));
}
