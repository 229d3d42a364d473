// The real queue with simulated nodes in virtual time, of which one in a hundred fails each minute.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { limitsTable } from '../../src/fleet/limits_table.ts';
import { MAX_TRIES } from '../../src/fleet/queue.ts';
import { RATES, simulate } from '../../src/fleet/simulation.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';

const fleet = { slots: 1000, jobs: 10_000, failing: 0.01, restart: 60, rates: RATES.long };

it('a thousand slots: no job is lost, none is tried more than twice, and little time either', () => {
  const begin = process.cpuUsage();
  const found = simulate(fleet);
  const milliseconds = process.cpuUsage(begin).user / 1000;
  expect(found).toMatchObject({ waiting: 0, running: 0 });
  expect(found.done + found.failed).toBe(fleet.jobs);
  // A try of a minute fails once in a hundred times, two one after the other once in ten thousand.
  expect(found.failed).toBeLessThan(10);
  expect(found.tries).toBe(MAX_TRIES);
  expect(found.sessions).toBeGreaterThan(fleet.slots);
  expect(found.seconds / found.ideal).toBeGreaterThan(1);
  expect(found.seconds / found.ideal).toBeLessThan(1.35);
  expect(found.busy).toBeLessThan(0.8);
  // The queue itself, with the simulation around it: far from a millisecond a job.
  expect(milliseconds / fleet.jobs).toBeLessThan(0.5);
});

it('without failures each job runs once, in one session a slot', () => {
  const found = simulate({ ...fleet, failing: 1e-9, slots: 100, jobs: 1000 });
  expect(found).toMatchObject({ done: 1000, failed: 0, tries: 1, sessions: 100 });
});

it('the command line is the limit where jobs are short and slots many', () => {
  const found = simulate({ ...fleet, rates: RATES.short });
  expect(found.busy).toBeGreaterThan(0.8);
  expect(found.seconds).toBeGreaterThan(1.5 * found.ideal);
});

it('is the same each time', () => {
  expect(simulate({ ...fleet, slots: 50, jobs: 500 })).toEqual(simulate({ ...fleet, slots: 50, jobs: 500 }));
});

it('docs/FLEET.md has the rows of ten and of a thousand slots (npm run fleet:limits prints them)', () => {
  const document = readFileSync(join(packageRoot(), 'docs/FLEET.md'), 'utf8');
  for (const row of limitsTable([10, 1000]).trimEnd().split('\n')) expect(document).toContain(row);
});
