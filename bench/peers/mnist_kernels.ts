// This project's engines as contestants, whatever their backend, build and number of threads.
import type { Engine, Executor } from '../../src/engine/engine.ts';
import type { Host } from '../../src/engine/host.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { MAX_STEPS_PER_RUN } from '../../src/network/plan.ts';
import { naturalOrder } from '../../src/network/random.ts';
import { evaluationRuns, trainingSteps } from '../../src/training/schedule.ts';
import { writeDataset, writeParameters } from '../../src/training/trainer.ts';
import type { Contestant } from '../contest.ts';
import { ANSWER_STEPS, type Work } from '../work.ts';

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
    async run(count) {
      for (let done = 0; done < count; ) {
        const steps = Math.min(perEpoch, count - done, MAX_STEPS_PER_RUN);
        await executor.run('train', trainingSteps(plan.recipe, train.count, 0, 0, steps));
        done += steps;
      }
    },
    async answer() {
      await writeParameters(executor, work.parameters);
      const steps = trainingSteps(plan.recipe, train.count, 0, 0, ANSWER_STEPS);
      const metrics = await executor.run('train', steps);
      return Float32Array.from(steps, ({ slot, rows }) => metrics[2 * slot] / rows);
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
  const { executor, ...rest } = await prepared(work, host, name, options);
  const { plan, test } = work;
  const runs = evaluationRuns(test.count, plan.batch.evaluate);
  return {
    ...rest,
    async run(count) {
      for (let pass = 0; pass < count; pass++)
        for (const steps of runs) await executor.run('evaluate', steps);
    },
    async answer() {
      await executor.run('evaluate', runs[0].slice(0, 1));
      return (await executor.read(`activation${plan.network.widths.length - 1}`)) as Float32Array;
    },
  };
}

async function prepared(
  work: Work,
  host: Host,
  name: string,
  options: OpenOptions,
): Promise<Omit<OwnContestant, 'run' | 'answer'> & { executor: Executor }> {
  const { engine } = await open(host, options);
  const executor = await preparedExecutor(work, engine);
  const { backend, adapter, threads } = engine.info;
  return { executor, name, backend, version: adapter, threads, dispose: () => engine.dispose() };
}

/** With the work's data and parameters. */
export async function preparedExecutor(work: Work, engine: Engine): Promise<Executor> {
  const executor = await engine.prepare(work.plan);
  await writeDataset(executor, work);
  await executor.write('trainOrder', naturalOrder(work.train.count));
  await writeParameters(executor, work.parameters);
  return executor;
}
