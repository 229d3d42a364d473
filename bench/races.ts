// The suite `time-to-accuracy` as cases of a report; its rules are in bench/RULES.md.
import type { Dataset } from '../src/data/dataset.ts';
import type { Host } from '../src/engine/host.ts';
import { findRecipe } from '../src/training/recipes.ts';
import { ratioOf, spreadOf } from './contest.ts';
import { variants } from './contests.ts';
import type { BenchCase, BenchJob, PeerEntry } from './report.ts';
import type { Roofline } from './roofline.ts';
import { type Race, type Racer, race, shortfall } from './time_to_accuracy.ts';
import { makeWork, trainingOperations } from './work.ts';

/** Our variants that skip zeros, or WebGPU, and the reference, each to every target. */
export async function runRaces(
  job: BenchJob,
  dataset: Dataset,
  host: Host,
  roofline: Roofline,
  onSeed: (what: string) => void,
  notes: string[],
): Promise<BenchCase[]> {
  const racers: Racer[] = variants(host, job)
    .filter(({ options }) => options.zeroSkipping !== false)
    .map(({ name, options }) => ({ name, options, own: true }));
  if (job.peers.includes('tfjs-wasm')) {
    racers.push({ name: 'tfjs-wasm', options: { backend: 'tfjs' }, own: false });
  }
  const { network, recipe } = findRecipe('quick');
  const races = await roofline.around(() =>
    race(racers, dataset, host, (seed) => onSeed(`${network}, seed ${seed}`)),
  );
  const operations =
    (trainingOperations(makeWork(network, recipe.batch, dataset)) * recipe.epochs * dataset.train.count) /
    recipe.batch;
  for (const { name, target, times, error } of races) {
    const missing = error ?? shortfall(times);
    if (missing) notes.push(`${network} to ${(100 * target).toFixed(1)} %, ${name}: ${missing}`);
  }
  return races
    .filter(({ own, error, times }) => own && !error && !shortfall(times))
    .map(({ name, backend, threads, target, times }): BenchCase => {
      const milliseconds = spreadOf(times);
      const gflops = operations / milliseconds.median / 1e6;
      const subject = {
        backend,
        threads,
        milliseconds,
        gflops,
        rooflineFraction: gflops / roofline.of(threads),
      };
      const others = races.filter((other) => other.target === target && other.name !== name);
      const title = `${network} to ${(100 * target).toFixed(1)} %, ${name}`;
      return {
        suite: 'time-to-accuracy',
        name: title,
        network,
        batch: recipe.batch,
        subject,
        peers: others.map((other) => racePeer(other, times)),
      };
    });
}

function racePeer({ name, version, threads, times, error }: Race, subject: readonly number[]): PeerEntry {
  const missing = error ?? shortfall(times);
  if (missing !== undefined) return { name, version, error: missing };
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
