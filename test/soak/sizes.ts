// What a long run may not let grow: sizes that are taken again and again, and whether they stay.
import { readdirSync, readFileSync } from 'node:fs';
import { median } from 'simple-statistics';

/** Megabytes or counts by name. */
export type Sizes = { readonly [name: string]: number };

/** What processes take, as Linux tells it: memory in megabytes, open files and threads. */
export function sizesOf(pids: readonly number[]): Sizes {
  let [memory, files, threads] = [0, 0, 0];
  for (const pid of pids) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      memory += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
      threads += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      files += readdirSync(`/proc/${pid}/fd`).length;
    } catch {
      // It has ended meanwhile.
    }
  }
  return { 'memory MB': memory, files, threads };
}

/** A size at the end may be so much larger than at first, for noise. */
const GROWTH = 1.1;
const MORE = 2;

export interface Course {
  readonly name: string;
  /** Medians of the second and of the last fifth of the run: the first fifth warms up. */
  readonly early: number;
  readonly late: number;
  readonly most: number;
  readonly flat: boolean;
}

export function coursesOf(samples: readonly Sizes[]): Course[] {
  if (samples.length < 5) throw new Error(`${samples.length} rounds are too few to tell: take more minutes`);
  const fifth = Math.floor(samples.length / 5);
  return Object.keys(samples[0]).map((name) => {
    const values = samples.map((sample) => sample[name]);
    const early = median(values.slice(fifth, 2 * fifth));
    const late = median(values.slice(-fifth));
    return { name, early, late, most: Math.max(...values), flat: late <= GROWTH * early + MORE };
  });
}
