// Contestants do the same work in turns; what is compared are the pairs of one round, so that a noisy machine disturbs
// both sides alike.
import { median, quantile } from 'simple-statistics';
import { hash } from '../src/network/random.ts';

/** Something that can do the work of a case. */
export interface Contestant {
  readonly name: string;
  readonly version: string;
  readonly threads: number;
  /** Does the work `count` times. */
  run(count: number): Promise<void>;
  /** The results that are held against the oracle's, of a fresh start. */
  answer(): Promise<Float32Array>;
  dispose(): void;
}

/** Milliseconds that the work took once, by round. */
export type Samples = readonly number[];

/** Each sample lasts at least so long, far above the resolution of any browser's clock. */
const SAMPLE_MILLISECONDS = 60;

const WARM_UP_SAMPLES = 2;
const MIN_ROUNDS = 5;

/** @param seconds for all contestants together */
export async function compete(contestants: readonly Contestant[], seconds: number): Promise<Samples[]> {
  const counts = [];
  for (const contestant of contestants) counts.push(await countFor(contestant));
  const samples: number[][] = contestants.map(() => []);
  const end = performance.now() + 1000 * seconds;
  for (let round = 0; round < MIN_ROUNDS || performance.now() < end; round++) {
    for (const [index, contestant] of contestants.entries()) {
      samples[index].push(await sample(contestant, counts[index]));
    }
  }
  return samples;
}

/** How often the work fits a sample, once the contestant is warm. */
async function countFor(contestant: Contestant): Promise<number> {
  let count = 1;
  for (let warm = 0; warm < WARM_UP_SAMPLES; ) {
    const milliseconds = (await sample(contestant, count)) * count;
    if (milliseconds >= SAMPLE_MILLISECONDS) warm++;
    else count = Math.ceil(count * Math.min(8, (1.2 * SAMPLE_MILLISECONDS) / Math.max(milliseconds, 0.1)));
  }
  return count;
}

async function sample(contestant: Contestant, count: number): Promise<number> {
  const begin = performance.now();
  await contestant.run(count);
  return (performance.now() - begin) / count;
}

export interface Spread {
  readonly median: number;
  readonly p5: number;
  readonly p95: number;
}

export function spreadOf(samples: Samples): Spread {
  return {
    median: median([...samples]),
    p5: quantile([...samples], 0.05),
    p95: quantile([...samples], 0.95),
  };
}

/** The median of the paired ratios with its 95 % bootstrap interval (Efron, Annals of Statistics 7(1), 1979). */
export function ratioOf(peer: Samples, subject: Samples): { median: number; low: number; high: number } {
  const ratios = peer.map((time, round) => time / subject[round]);
  const medians = Array.from({ length: RESAMPLES }, (_, draw) =>
    median(ratios.map((_, i) => ratios[hash(draw, 0, i) % ratios.length])),
  );
  return { median: median(ratios), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

const RESAMPLES = 1000;
