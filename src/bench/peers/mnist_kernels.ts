// This project's engines as contestants in whole trainings and inference; in single steps: own_executor.ts.

import { type Samples, slice } from '../../data/dataset.ts';
import type { Host } from '../../engine/host.ts';
import { type OpenOptions, open } from '../../engine/open.ts';
import { lower } from '../../network/lower.ts';
import { evaluationRuns } from '../../training/schedule.ts';
import { train } from '../../training/trainer.ts';
import { writeDataset } from '../../training/transfer.ts';
import type { Lap, Racer } from '../race.ts';
import { inferenceOf, type Work } from '../work.ts';
import { type OwnContestant, type Prepared, prepared } from './own_executor.ts';
import { singleByteImages } from './single_images.ts';

export interface OwnRacer extends Racer {
  readonly backend: string;
}

/** Whole trainings of the work's network and recipe. */
export async function ownRace(
  { plan: { network, recipe }, train: images, test }: Work,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<OwnRacer> {
  const { engine } = await open(host, options);
  const { backend, adapter, threads } = engine.info;
  return {
    name,
    backend,
    version: adapter,
    threads,
    dispose: () => engine.dispose(),
    async train(seed) {
      const samples = { train: images.count, test: test.count };
      const { evaluationBatch } = engine;
      const plan = lower({ network, recipe, seed, samples, evaluationBatch });
      const executor = await engine.prepare(plan);
      try {
        await writeDataset(executor, { train: images, test });
        const laps: Lap[] = [];
        const begin = performance.now();
        await train(executor, {
          onEpoch: ({ testAccuracy }) => laps.push({ milliseconds: performance.now() - begin, testAccuracy }),
        });
        return laps;
      } finally {
        executor.dispose();
      }
    },
  };
}

/** Passes over all test images. */
export async function ownInference(
  work: Work,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<OwnContestant> {
  const { executor, ...rest } = await preparedInference(work, work.test, host, name, options);
  const runs = evaluationRuns(work.test.count, executor.plan.batch.evaluate);
  return {
    ...rest,
    async run(count) {
      for (let pass = 0; pass < count; pass++)
        for (const steps of runs) await executor.run('evaluate', steps);
    },
    async answer() {
      await executor.run('evaluate', runs[0].slice(0, 1));
      return (await executor.read(outputOf(work))) as Float32Array;
    },
  };
}

/** One image a call: its pixels in, its logits out. */
export async function ownLatency(
  work: Work,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<OwnContestant> {
  const { executor, ...about } = await preparedInference(work, slice(work.test, 0, 1), host, name, options);
  const steps = evaluationRuns(1, 1)[0];
  const predict = async (image: Uint8Array) => {
    await executor.write('testImages', image);
    await executor.run('evaluate', steps);
    return executor.read(outputOf(work));
  };
  return { ...singleByteImages(work, about, predict), backend: about.backend };
}

function outputOf({ plan: { network } }: Work): string {
  return `activation${network.widths.length - 1}`;
}

/** On batches of the engine's liking, without anything that only training needs. */
async function preparedInference(
  work: Work,
  test: Samples,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<Prepared> {
  const { engine } = await open(host, options);
  return prepared(engine, { ...work, test, ...inferenceOf(work, test.count, engine.evaluationBatch) }, name);
}
