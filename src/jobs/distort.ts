// Distorted images to look at, made by the kernel that a training uses.
import type { Dataset } from '../data/dataset.ts';
import type { Host } from '../engine/host.ts';
import { open } from '../engine/open.ts';
import type { Distortion } from '../network/distortion.ts';
import { lower } from '../network/lower.ts';
import { naturalOrder } from '../network/random.ts';
import { findRecipe } from '../training/recipes.ts';
import { trainingSteps } from '../training/schedule.ts';
import { writeDataset } from '../training/transfer.ts';

/**
 * All training images of the data set as the first step of a training sees them that takes them as one batch.
 * @returns uint8 [images, height·width]
 * @throws InputError if the distortion is out of bounds
 */
export async function distortImages(
  dataset: Dataset,
  distortion: Distortion,
  seed: number,
  host: Host,
): Promise<Uint8Array> {
  const { width, height, classes, train } = dataset;
  const recipe = {
    ...findRecipe('quick').recipe,
    batch: train.count,
    distortion: { ...distortion, rest: 0 },
  };
  const network = { widths: [width * height, classes] };
  const plan = lower({ network, recipe, seed, samples: { train: train.count, test: 0 }, image: dataset });
  const { engine } = await open(host, { backend: 'wasm', threads: 1 });
  try {
    const executor = await engine.prepare(plan);
    await writeDataset(executor, dataset);
    await executor.write('trainOrder', naturalOrder(train.count));
    await executor.run('train', trainingSteps(recipe, train.count, 0, 0, 1));
    return (await executor.read('batchImages')) as Uint8Array;
  } finally {
    engine.dispose();
  }
}
