// Trainings, evaluations and predictions on all engines, opened and closed again and again in one process.

import type { Dataset } from '../../src/data/dataset.ts';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { infer, runEvaluateJob } from '../../src/jobs/evaluate.ts';
import type { EngineOptions } from '../../src/jobs/job.ts';
import { modelOf, runTrainJob } from '../../src/jobs/train.ts';
import { findRecipe } from '../../src/training/recipes.ts';
import { type Sizes, sizesOf } from './sizes.ts';

const ENGINES: readonly EngineOptions[] = [
  { backend: 'wasm', threads: 1 },
  { backend: 'wasm', threads: 2 },
  { backend: 'webgpu' },
  { backend: 'tfjs' },
];

/** @returns what this process took, after each round */
export async function soakProcess(until: number, tell: (sizes: Sizes) => void): Promise<Sizes[]> {
  const mnist = await loadMnistNode();
  const dataset = { ...mnist, train: slice(mnist.train, 0, 4000), test: slice(mnist.test, 0, 1000) };
  const samples: Sizes[] = [];
  while (performance.now() < until) {
    for (const engine of ENGINES) await useOnce(engine, dataset);
    globalThis.gc?.();
    samples.push(sizesOf([process.pid]));
    tell(samples.at(-1)!);
  }
  return samples;
}

async function useOnce(engine: EngineOptions, dataset: Dataset): Promise<void> {
  const { recipe } = findRecipe('quick');
  const host = nodeHost();
  const job = { ...engine, network: '784-64-10', recipe: { ...recipe, epochs: 2 }, seed: 1 };
  const model = modelOf(await runTrainJob(job, dataset, host));
  await runEvaluateJob({ ...engine, model }, dataset, host);
  for (let image = 0; image < 3; image++)
    await infer(engine, model, slice(dataset.test, image, image + 1), host);
}
