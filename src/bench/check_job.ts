// How much a benchmark may be asked for.
import { MNIST } from '../data/dataset.ts';
import { checkThreads } from '../engine/open.ts';
import { InputError } from '../errors.ts';
import { checkFit, parseNetwork } from '../network/spec.ts';
import type { BenchJob } from './report.ts';

/** The least and the most that can be asked for. */
export const LIMITS = {
  batch: [1, 10_000],
  /** Seconds for each case. */
  seconds: [0.01, 3600],
  /** Seeds of the suite `time-to-accuracy`. */
  seeds: [1, 100],
} as const;

/**
 * Everything that is asked for, before any of it is done.
 * @throws InputError naming what is wrong and what is accepted
 */
export function checkBenchJob({ networks, batches, seconds, seeds, threads }: BenchJob): void {
  for (const network of networks) checkFit(parseNetwork(network), MNIST);
  for (const batch of batches) checkWhole('batch', batch);
  if (seeds !== undefined) checkWhole('seeds', seeds);
  if (threads !== undefined) checkThreads(threads);
  const [least, most] = LIMITS.seconds;
  if (!(seconds >= least && seconds <= most))
    throw new InputError(`seconds ${seconds}: expected a number from ${least} to ${most}`);
}

function checkWhole(name: 'batch' | 'seeds', value: number): void {
  const [least, most] = LIMITS[name];
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InputError(`${name} ${value}: expected a whole number from ${least} to ${most}`);
}
