// This project's engines as contestants, whatever their backend, build and number of threads.

import { type Samples, slice } from '../../data/dataset.ts';
import type { Engine, Executor } from '../../engine/engine.ts';
import type { Host } from '../../engine/host.ts';
import { type OpenOptions, open } from '../../engine/open.ts';
import { lower } from '../../network/lower.ts';
import { buffersOf, MAX_STEPS_PER_RUN, type TypedArray } from '../../network/plan.ts';
import { naturalOrder } from '../../network/random.ts';
import { evaluationRuns, trainingSteps } from '../../training/schedule.ts';
import { train } from '../../training/trainer.ts';
import { writeDataset, writeParameters } from '../../training/transfer.ts';
import type { Lap, Racer } from '../race.ts';
import type { Contestant } from '../turns.ts';
import { answerSteps, inferenceOf, type Work } from '../work.ts';
import { singleByteImages } from './single_images.ts';

export interface OwnContestant extends Contestant {
  readonly backend: string;
}

/** Training steps. */
export async function ownTraining(
  work: Work,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<OwnContestant> {
  const { executor, ...rest } = await prepared(work, host, name, options);
  const { plan, train } = work;
  const perEpoch = Math.ceil(train.count / plan.batch.train);
  return {
    ...rest,
    begin: () => writeBeginning(executor, work),
    async run(count) {
      for (let done = 0; done < count; ) {
        const steps = Math.min(perEpoch, count - done, MAX_STEPS_PER_RUN);
        await executor.run('train', trainingSteps(plan.recipe, train.count, 0, 0, steps));
        done += steps;
      }
    },
    async answer() {
      const steps = answerSteps(work);
      const metrics = await executor.run('train', steps);
      return Float32Array.from(steps, ({ slot, rows }) => metrics[2 * slot] / rows);
    },
  };
}

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

/** What a contestant needs to run. */
type Prepared = Omit<OwnContestant, 'run' | 'answer'> & { readonly executor: Executor };

/** On batches of the engine's liking, without anything that only training needs. */
async function preparedInference(
  work: Work,
  test: Samples,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<Prepared> {
  return prepared(work, host, name, options, ({ evaluationBatch }) => ({
    ...work,
    test,
    ...inferenceOf(work, test.count, evaluationBatch),
  }));
}

/** @param workFor the work for the engine, where it depends on it */
async function prepared(
  work: Work,
  host: Host,
  name: string,
  options: OpenOptions,
  workFor: (engine: Engine) => Beginning = () => work,
): Promise<Prepared> {
  const { engine } = await open(host, options);
  const executor = await preparedExecutor(workFor(engine), engine);
  const { backend, adapter, threads } = engine.info;
  return { executor, name, backend, version: adapter, threads, dispose: () => engine.dispose() };
}

/** What an executor begins with. */
interface Beginning extends Pick<Work, 'plan' | 'train' | 'test' | 'state'> {
  readonly parameters: { readonly [buffer: string]: TypedArray };
}

/** With the work's data, where it begins. */
export async function preparedExecutor(work: Beginning, engine: Engine): Promise<Executor> {
  const executor = await engine.prepare(work.plan);
  await writeDataset(executor, work);
  if ('trainOrder' in work.plan.buffers) await executor.write('trainOrder', naturalOrder(work.train.count));
  await writeBeginning(executor, work);
  return executor;
}

/** Settles once it lies where it is computed with. */
export async function writeBeginning(
  executor: Executor,
  { parameters, state }: Pick<Beginning, 'parameters' | 'state'>,
): Promise<void> {
  await writeParameters(executor, parameters);
  for (const name of buffersOf(executor.plan, 'state')) await executor.write(name, state[name]);
  await executor.read('bias0');
}
