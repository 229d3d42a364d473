// The table of docs/FLEET.md: runs with more slots than anybody has at hand, on paper.
import { markdown } from '../bench/rendering/text.ts';
import { count } from '../plural.ts';
import { RATES, type Simulated, simulate } from './simulation.ts';

const HEAD = [
  'slots',
  'a job lasts',
  'jobs',
  'took',
  'as long as without failures',
  'command line busy',
  'lost after two tries',
];

/** @param slots one row for each, and for each length of a job */
export function limitsTable(slots: readonly number[]): string {
  return markdown(
    HEAD,
    0,
    Object.values(RATES).flatMap((rates) => slots.map((each) => row(each, rates))),
  );
}

function row(slots: number, rates: (typeof RATES)['long']): string[] {
  const jobs = 10 * slots;
  const found: Simulated = simulate({ slots, jobs, rates, failing: 0.01, restart: 60 });
  return [
    count(slots),
    `${rates.job} s`,
    count(jobs),
    `${count(found.seconds)} s`,
    `${(found.seconds / found.ideal).toFixed(2)}×`,
    `${(100 * found.busy).toFixed(0)} %`,
    count(found.failed),
  ];
}
