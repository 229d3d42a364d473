// Milliseconds from the first step to the evaluation that first shows a test accuracy: bench/RULES.md.
import { messageOf } from '../errors.ts';
import type { Contestant } from './contestant.ts';

/** Test accuracies, and how many epochs of `quick` take every seed there. */
export const TARGETS = [
  { accuracy: 0.976, epochs: 2 },
  { accuracy: 0.98, epochs: 3 },
];
/** Seeds 1 to SEEDS, unless fewer are asked for. */
export const SEEDS = 5;

/** The end of an epoch and its evaluation. */
export interface Lap {
  /** Since the first step. */
  readonly milliseconds: number;
  readonly testAccuracy: number;
}

/** Somebody who trains, here or in a worker of its own. */
export interface Racer extends Pick<Contestant, 'name' | 'version' | 'threads' | 'dispose'> {
  train(seed: number): Promise<readonly Lap[]>;
}

/** One racer's way to a test accuracy. */
export interface Race {
  readonly racer: Racer;
  /** Milliseconds by seed; Infinity where it was not reached. */
  readonly times: readonly number[];
  readonly error?: string;
}

/** Each seed in turn, the racers one after the other. Who fails is out. */
export async function race(
  racers: readonly Racer[],
  accuracy: number,
  onSeed: (seed: number) => void,
  seeds = SEEDS,
): Promise<Race[]> {
  const laps = new Map<Racer, (readonly Lap[])[]>(racers.map((racer) => [racer, []]));
  const errors = new Map<Racer, string>();
  for (let seed = 1; seed <= seeds; seed++) {
    onSeed(seed);
    for (const racer of racers) {
      if (errors.has(racer)) continue;
      try {
        laps.get(racer)!.push(await racer.train(seed));
      } catch (error) {
        errors.set(racer, messageOf(error));
      }
    }
  }
  return racers.map((racer) => ({
    racer,
    times: laps.get(racer)!.map((each) => reached(each, accuracy)),
    error: errors.get(racer),
  }));
}

const reached = (laps: readonly Lap[], accuracy: number) =>
  laps.find(({ testAccuracy }) => testAccuracy >= accuracy)?.milliseconds ?? Infinity;

/** "reached with 3 of 5 seeds", where a time would be that of some seeds only. */
export function shortfall(times: readonly number[]): string | undefined {
  const count = times.filter(Number.isFinite).length;
  return count === times.length ? undefined : `reached with ${count} of ${times.length} seeds`;
}
