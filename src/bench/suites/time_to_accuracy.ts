// The suite `time-to-accuracy` as cases of a report; its rules are in bench/RULES.md.
import type { Dataset } from '../../data/dataset.ts';
import type { Host } from '../../engine/host.ts';
import { findRecipe } from '../../training/recipes.ts';
import { type OwnRacer, ownRace } from '../peers/mnist_kernels.ts';
import { openRacers } from '../peers/open.ts';
import { type Race, race, shortfall, TARGETS } from '../race.ts';
import type { BenchCase, BenchJob, PeerEntry } from '../report.ts';
import type { Roofline } from '../roofline.ts';
import { ratioOf, spreadOf } from '../turns.ts';
import { stepOperations, type Work, workWith } from '../work.ts';
import { variants } from './variants.ts';

/** Our variants that skip zeros, or WebGPU, and every peer that trains, to each accuracy. */
export async function runRaces(
  job: BenchJob,
  dataset: Dataset,
  host: Host,
  roofline: Roofline,
  onSeed: (what: string) => void,
  notes: string[],
): Promise<BenchCase[]> {
  const { network, recipe } = findRecipe('quick');
  const cases: BenchCase[] = [];
  for (const { accuracy, epochs } of TARGETS) {
    const work = workWith(network, { ...recipe, epochs }, dataset);
    cases.push(...(await runRace(work, accuracy, job, host, roofline, onSeed, notes)));
  }
  return cases;
}

async function runRace(
  work: Work,
  accuracy: number,
  job: BenchJob,
  host: Host,
  roofline: Roofline,
  onSeed: (what: string) => void,
  notes: string[],
): Promise<BenchCase[]> {
  const { network, batch, plan, train } = work;
  const way = `${network} to ${(100 * accuracy).toFixed(1)} %`;
  const own: OwnRacer[] = [];
  try {
    for (const { name, options } of variants(host, job))
      if (options.zeroSkipping !== false) own.push(await ownRace(work, host, name, options));
    const { racers, missing } = await openRacers(job.peers, work, host);
    try {
      const races = await roofline.around(() =>
        race([...own, ...racers], accuracy, (seed) => onSeed(`${way}, seed ${seed}`), job.seeds),
      );
      const title = ({ racer }: Race) => `${way}, ${racer.name}`;
      for (const each of races) {
        const why = each.error ?? shortfall(each.times);
        if (why) notes.push(`${title(each)}: ${why}`);
      }
      const operations = (stepOperations(work) * plan.recipe.epochs * train.count) / batch;
      return races.flatMap((each): BenchCase[] => {
        const { racer, times, error } = each;
        const backend = own.find((one) => one === racer)?.backend;
        if (backend === undefined || error || shortfall(times)) return [];
        const milliseconds = spreadOf(times);
        const gflops = operations / milliseconds.median / 1e6;
        const { threads } = racer;
        const others = races.filter((other) => other !== each);
        return [
          {
            suite: 'time-to-accuracy',
            name: title(each),
            network,
            batch,
            subject: {
              backend,
              threads,
              milliseconds,
              gflops,
              rooflineFraction: gflops / roofline.of(threads),
            },
            peers: [...others.map((other) => racePeer(other, times)), ...missing],
          },
        ];
      });
    } finally {
      for (const each of racers) each.dispose();
    }
  } finally {
    for (const each of own) each.dispose();
  }
}

function racePeer({ racer, times, error }: Race, subject: readonly number[]): PeerEntry {
  const { name, version, threads } = racer;
  const why = error ?? shortfall(times);
  if (why !== undefined) return { name, version, error: why };
  return {
    name,
    version,
    threads,
    milliseconds: spreadOf(times),
    ratio: ratioOf(pairs(times), pairs(subject)),
  };
}

/** Each seed is a round of one sample. */
const pairs = (times: readonly number[]) => times.map((time) => [time]);
