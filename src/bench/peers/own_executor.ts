// An engine of this project as a contestant in training, from where the work begins.
import type { Engine, Executor } from '../../engine/engine.ts';
import { buffersOf, MAX_STEPS_PER_RUN, type TypedArray } from '../../network/plan.ts';
import { naturalOrder } from '../../network/random.ts';
import { trainingSteps } from '../../training/schedule.ts';
import { writeDataset, writeParameters } from '../../training/transfer.ts';
import { answerSteps } from '../answer_steps.ts';
import type { Contestant } from '../contestant.ts';
import type { Work } from '../work.ts';

export interface OwnContestant extends Contestant {
  readonly backend: string;
}

/**
 * Training steps on an engine that is open, and is disposed of with the contestant.
 * @param young the work's velocities are zero, as those of an executor are at first
 */
export async function trainingOn(
  engine: Engine,
  work: Work,
  name: string,
  young = false,
): Promise<OwnContestant> {
  const { executor, ...rest } = await prepared(engine, young ? { ...work, state: undefined } : work, name);
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

/** What a contestant needs to run. */
export type Prepared = Omit<OwnContestant, 'run' | 'answer'> & { readonly executor: Executor };

/** What an executor begins with. */
interface Beginning extends Pick<Work, 'plan' | 'train' | 'test'> {
  /** Undefined: zeros, as an executor has them at first. */
  readonly state: Work['state'] | undefined;
  readonly parameters: { readonly [buffer: string]: TypedArray };
}

/** With the work's data, where it begins. */
export async function prepared(engine: Engine, work: Beginning, name: string): Promise<Prepared> {
  const executor = await preparedExecutor(work, engine);
  const { backend, adapter, threads } = engine.info;
  return { executor, name, backend, version: adapter, threads, dispose: () => engine.dispose() };
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
  if (state) for (const name of buffersOf(executor.plan, 'state')) await executor.write(name, state[name]);
  await executor.read('bias0');
}
