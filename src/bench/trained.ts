// Networks that have trained, for the suites that time them as they are most of the time: bench/RULES.md.
import { mean } from 'simple-statistics';
import type { Dataset } from '../data/dataset.ts';
import type { Host } from '../engine/host.ts';
import { open } from '../engine/open.ts';
import { InputError } from '../errors.ts';
import type { Parameters } from '../network/initialisation.ts';
import { lower } from '../network/lower.ts';
import { buffersOf } from '../network/plan.ts';
import { shuffledOrder } from '../network/random.ts';
import { formatNetwork } from '../network/spec.ts';
import { stepsPerEpoch, trainingSteps } from '../training/schedule.ts';
import { readParameters, writeDataset, writeParameters } from '../training/transfer.ts';
import type { OnTiming } from './report.ts';
import { SEED, type Work } from './work.ts';

/** So many steps, or so many epochs, whichever is shorter. */
const STEPS = 2000;
const EPOCHS = 2;

/** Steps between two words of how far it is. */
const RUN = 100;

type Beginning = Pick<Work, 'parameters' | 'state'>;

/**
 * Trains each network once for all suites: with the work's recipe, on the whole training set, with the WASM
 * engine, which every host has.
 * @returns a function from a work to the same work as it goes on from there
 */
export function trainings(dataset: Dataset, host: Host): (work: Work, onTiming: OnTiming) => Promise<Work> {
  const trained = new Map<string, Beginning>();
  return async (work, onTiming) => {
    const key = JSON.stringify([work.network, work.plan.recipe]);
    const beginning = trained.get(key) ?? (await train(work, dataset, host, onTiming));
    trained.set(key, beginning);
    return { ...work, ...beginning };
  };
}

/** @throws InputError if the WASM engine cannot run here, or the network does not learn */
async function train(
  { plan: { network, recipe: ofOneEpoch }, parameters, state }: Work,
  dataset: Dataset,
  host: Host,
  onTiming: OnTiming,
): Promise<Beginning> {
  const recipe = { ...ofOneEpoch, epochs: EPOCHS };
  const samples = { train: dataset.train.count, test: 0 };
  const { engine } = await open(host, { backend: 'wasm' });
  try {
    const executor = await engine.prepare(lower({ network, recipe, seed: SEED, samples, image: dataset }));
    await writeDataset(executor, dataset);
    await writeParameters(executor, { ...parameters, ...state });
    const perEpoch = stepsPerEpoch(recipe, samples.train);
    const total = Math.min(STEPS, EPOCHS * perEpoch);
    const losses: number[] = [];
    for (let done = 0; done < total; ) {
      onTiming('the network is trained first', done / total);
      const [epoch, from] = [Math.floor(done / perEpoch), done % perEpoch];
      if (from === 0) await executor.write('trainOrder', shuffledOrder(SEED, epoch, samples.train));
      const count = Math.min(RUN, perEpoch - from, total - done);
      const steps = trainingSteps(recipe, samples.train, epoch, from, count);
      const metrics = await executor.run('train', steps);
      losses.push(...steps.map(({ slot, rows }) => metrics[2 * slot] / rows));
      done += count;
    }
    if (!(mean(losses.slice(-RUN)) <= losses[0]))
      throw new InputError(
        `${formatNetwork(network)}, batch ${recipe.batch}: it does not learn at the rate ${recipe.learningRate}, take a larger batch`,
      );
    const velocities: Parameters = {};
    for (const name of buffersOf(executor.plan, 'state'))
      velocities[name] = (await executor.read(name)) as Float32Array;
    return { parameters: await readParameters(executor), state: velocities };
  } finally {
    engine.dispose();
  }
}
