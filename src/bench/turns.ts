// Contestants do the same work in turns; what is compared are the pairs of one round, so that a noisy machine
// disturbs both sides alike.
import { median, quantile } from 'simple-statistics';
import { hash } from '../network/random.ts';
import type { Entrant } from './contestant.ts';

/** How long a contestant is timed. */
export interface Pace {
  /** Milliseconds of a sample at least, far above the resolution of the clock. */
  readonly sample: number;
  /** Milliseconds of a turn, which has several samples where they are short. */
  readonly turn: number;
}

/** Each sample lasts so many steps of the clock at least. */
const CLOCK_STEPS = 20;

/** One sample a turn, of many calls. */
export const throughput = (clock: number): Pace => ({
  sample: Math.max(60, CLOCK_STEPS * clock),
  turn: 0,
});

/**
 * As few calls a sample as the clock can tell, many samples a turn: their percentiles are what is asked for.
 */
export const latency = (clock: number): Pace => ({ sample: Math.max(0.1, CLOCK_STEPS * clock), turn: 60 });

/** The times of the work done once: of each round, each sample. */
export type Samples = readonly (readonly number[])[];

export interface Result {
  readonly samples: Samples;
  /** Calls that make a sample. */
  readonly count: number;
}

const MIN_ROUNDS = 5;

/**
 * @param seconds for all contestants together
 * @param onRound called with the share of the time that is over, between turns
 */
export async function compete(
  entrants: readonly Entrant[],
  seconds: number,
  pace: Pace,
  onRound: (share: number) => void = () => {},
): Promise<Result[]> {
  onRound(0);
  const turns: { count: number; samples: number }[] = [];
  const share = (1000 * seconds) / entrants.length;
  const limit = Math.max(WARM_UP_MILLISECONDS, Math.min(share, MAX_WARM_UP_MILLISECONDS));
  for (const each of entrants) turns.push(await turnOf(each, pace, limit));
  const rounds: number[][][] = entrants.map(() => []);
  const begin = performance.now();
  const passed = () => (performance.now() - begin) / 1000;
  for (let round = 0; round < MIN_ROUNDS || passed() < seconds; round++) {
    onRound(Math.min(1, passed() / seconds));
    for (const [index, each] of entrants.entries()) {
      const { count, samples } = turns[index];
      rounds[index].push((await each.time(count, samples)).map((milliseconds) => milliseconds / count));
    }
  }
  return rounds.map((samples, index) => ({ samples, count: turns[index].count }));
}

/**
 * Warm: after so many milliseconds, two samples in a row that differ by less than STABLE, or MAX_WARM_UP
 * samples.
 */
const WARM_UP_MILLISECONDS = 200;
const STABLE = 0.05;
const MAX_WARM_UP = 2000;
/** All together warm up no longer than they are timed, but each so long if it takes it. */
const MAX_WARM_UP_MILLISECONDS = 2000;

/** How often the work fits a sample, and how many samples a turn, once the contestant is warm. */
async function turnOf(each: Entrant, pace: Pace, limit: number): Promise<{ count: number; samples: number }> {
  let count = 1;
  let before = 0;
  let elapsed = 0;
  for (let warm = 0; warm < MAX_WARM_UP && elapsed < limit; warm++) {
    const [milliseconds] = await each.time(count, 1);
    elapsed += milliseconds;
    if (milliseconds < pace.sample) {
      const factor = Math.min(8, (1.2 * pace.sample) / Math.max(milliseconds, 0.01));
      count = Math.ceil(count * Math.max(factor, 1.1));
      elapsed = Math.min(elapsed, WARM_UP_MILLISECONDS / 2);
      continue;
    }
    const stable = Math.abs(milliseconds - before) < STABLE * before;
    before = milliseconds;
    if (stable && elapsed >= WARM_UP_MILLISECONDS) break;
  }
  return { count, samples: Math.max(1, Math.round(pace.turn / Math.max(before, pace.sample))) };
}

export interface Spread {
  readonly median: number;
  readonly p5: number;
  readonly p95: number;
  /** Where single calls are timed. */
  readonly p99?: number;
}

/** @param tail whether also the 99th percentile is of interest */
export function spreadOf(times: readonly number[], tail = false): Spread {
  const [p5, middle, p95, p99] = quantile([...times], [0.05, 0.5, 0.95, 0.99]);
  return { median: middle, p5, p95, p99: tail ? p99 : undefined };
}

/**
 * The median of the paired ratios with its 95 % bootstrap interval (Efron, Annals of Statistics 7(1), 1979).
 */
export function ratioOf(peer: Samples, subject: Samples): { median: number; low: number; high: number } {
  const ratios = peer.map((times, round) => median([...times]) / median([...subject[round]]));
  const medians = Array.from({ length: RESAMPLES }, (_, draw) =>
    median(ratios.map((_, i) => ratios[hash(draw, 0, i) % ratios.length])),
  );
  return { median: median(ratios), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

const RESAMPLES = 1000;

/**
 * Logits are of order 10 and agree to some 1e-5; a bias that is left out is a hundred times as large as this.
 */
export const MAX_LOGIT_DIFFERENCE = 1e-3;

/**
 * @returns the largest difference of the entrant's answer from what is expected
 * @throws Error if it is more than `tolerance`, or the answer is too short
 */
export async function checkAnswer(
  each: Entrant,
  expected: ArrayLike<number>,
  tolerance: number,
): Promise<number> {
  const found = difference(await each.answer(), expected);
  if (!(found <= tolerance)) throw new Error(`a wrong answer, ${found.toPrecision(2)} off`);
  return found;
}

/** The answer may go on after what is expected. */
function difference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length < expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
  return largest;
}
