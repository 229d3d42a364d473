#!/usr/bin/env node
// `npm run fleet:limits`: measures what a session, a job and a look take of the command line, with a thousand
// browsers that another process simulates, and prints the table of docs/FLEET.md.
// @ts-check
import { performance } from 'node:perf_hooks';
import { load, vite } from './load.mjs';

/** @type {typeof import('../test/fleet/simulated_grid.ts')} */
const { jobsNamed, runOver, startSimulatedGrid } = await load('/test/fleet/simulated_grid.ts');
/** @type {typeof import('../src/fleet/limits_table.ts')} */
const { limitsTable } = await load('/src/fleet/limits_table.ts');

/**
 * @param {number} slots
 * @param {number} jobs
 * @param {number} seconds of a job
 */
async function measured(slots, jobs, seconds) {
  const grid = await startSimulatedGrid({ slots, seconds });
  const cpu = process.cpuUsage();
  const begin = performance.now();
  let open = 0;
  await runOver(grid, jobsNamed(Array.from({ length: jobs }, (_, index) => `job ${index}`)), {
    onProgress: ({ sessions }) => {
      if (sessions >= 0.9 * slots) open ||= performance.now() - begin;
    },
  });
  const { user, system } = process.cpuUsage(cpu);
  grid.close();
  return { seconds: (performance.now() - begin) / 1000, busy: (user + system) / 1e6, open: open / 1000 };
}

await measured(100, 200, 0.1); // the compiler is warm
const [one, three, long] = [
  await measured(1000, 1000, 4),
  await measured(1000, 3000, 4),
  await measured(100, 100, 10),
];
console.log({ one, three, long, sessionsASecond: 900 / one.open });
console.log(limitsTable([10, 1000, 10_000]));
await vite.close();
