// Seconds from the first step to the evaluation that first shows a test accuracy: bench/RULES.md.
import type { Dataset } from '../src/data/dataset.ts';
import type { Engine } from '../src/engine/engine.ts';
import type { Host } from '../src/engine/host.ts';
import { type OpenOptions, open } from '../src/engine/open.ts';
import { messageOf } from '../src/errors.ts';
import { lower } from '../src/network/plan.ts';
import { parseNetwork } from '../src/network/spec.ts';
import { findRecipe } from '../src/training/recipes.ts';
import { train, writeDataset } from '../src/training/trainer.ts';

export const TARGETS = [0.976, 0.98];
export const SEEDS = [1, 2, 3, 4, 5];

export interface Racer {
  readonly name: string;
  readonly options: OpenOptions;
  /** One of this project's engines, not a peer. */
  readonly own: boolean;
}

/** One racer's way to one target. */
export interface Race {
  readonly name: string;
  readonly own: boolean;
  readonly backend: string;
  readonly version: string;
  readonly threads: number;
  readonly target: number;
  /** Milliseconds by seed; Infinity where the target was not reached. */
  readonly times: readonly number[];
  readonly error?: string;
}

/** Trains `quick` with each seed, the racers in turns. */
export async function race(
  racers: readonly Racer[],
  dataset: Dataset,
  host: Host,
  onSeed: (seed: number) => void,
): Promise<Race[]> {
  const opened: { racer: Racer; engine?: Engine; error?: string; times: number[][] }[] = [];
  for (const racer of racers) {
    const times = TARGETS.map(() => []);
    try {
      opened.push({ racer, engine: (await open(host, racer.options)).engine, times });
    } catch (error) {
      opened.push({ racer, error: messageOf(error), times });
    }
  }
  try {
    for (const seed of SEEDS) {
      onSeed(seed);
      for (const { engine, times } of opened) {
        if (!engine) continue;
        const reached = await timesOf(engine, dataset, seed);
        for (const [index, time] of reached.entries()) times[index].push(time);
      }
    }
  } finally {
    for (const { engine } of opened) engine?.dispose();
  }
  return opened.flatMap(({ racer, engine, error, times }) =>
    TARGETS.map((target, index) => ({
      name: racer.name,
      own: racer.own,
      backend: engine?.info.backend ?? '',
      version: engine?.info.adapter ?? '',
      threads: engine?.info.threads ?? 1,
      target,
      times: times[index],
      error,
    })),
  );
}

/** Milliseconds to each target. */
async function timesOf(engine: Engine, dataset: Dataset, seed: number): Promise<number[]> {
  const { network, recipe } = findRecipe('quick');
  const samples = { train: dataset.train.count, test: dataset.test.count };
  const plan = lower({ network: parseNetwork(network), recipe, seed, samples });
  const executor = await engine.prepare(plan);
  try {
    await writeDataset(executor, dataset);
    const times = TARGETS.map(() => Infinity);
    const begin = performance.now();
    await train(executor, {
      onEpoch: ({ testAccuracy }) => {
        const now = performance.now() - begin;
        for (const [index, target] of TARGETS.entries())
          if (testAccuracy >= target) times[index] = Math.min(times[index], now);
      },
    });
    return times;
  } finally {
    executor.dispose();
  }
}

/** "reached with 3 of 5 seeds", where a time would be that of some seeds only. */
export function shortfall(times: readonly number[]): string | undefined {
  const reached = times.filter(Number.isFinite).length;
  return reached === times.length ? undefined : `reached with ${reached} of ${times.length} seeds`;
}
