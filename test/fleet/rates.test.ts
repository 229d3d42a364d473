// How much of a fleet one command line can drive, with a thousand browsers that are simulated by another process:
// sessions in a second, and what a job takes of its memory and of its processor.
import { afterEach, expect, it } from 'vitest';
import { collectGarbage } from '../../src/cli/collect_garbage.ts';
import { jobsNamed, runOver, type SimulatedGrid, startSimulatedGrid } from './simulated_grid.ts';

let grid: SimulatedGrid | undefined;
afterEach(() => grid?.close());

const SLOTS = 1000;
const JOBS = 1000;

it('opens a thousand sessions at some twenty a second at least, and runs a thousand jobs', async () => {
  grid = await startSimulatedGrid({ slots: SLOTS, seconds: 5 });
  const jobs = jobsNamed(Array.from({ length: JOBS }, (_, index) => `job ${index}`));
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  let most = 0;
  let heap = 0;
  const entries = await runOver(grid, jobs, {
    onProgress: ({ sessions, waiting, done }) => {
      most = Math.max(most, sessions);
      if (waiting === 0 && heap === 0 && done > 0) {
        collectGarbage();
        heap = process.memoryUsage().heapUsed - before;
      }
    },
  });
  const { user, system } = process.cpuUsage(cpu);
  const opened = entries.flatMap(({ kind, at }) => (kind === 'opened' ? [Date.parse(at)] : []));
  const done = entries.flatMap((entry) => (entry.kind === 'done' ? [entry.job] : []));
  const begun = entries.filter(({ kind }) => kind === 'began');
  const rates = {
    sessionsASecond: opened.length / ((opened.at(-1)! - opened[0]) / 1000),
    processorMillisecondsAJob: (user + system) / 1000 / JOBS,
    kilobytesAJob: heap / 1024 / JOBS,
  };
  // Less than a third of what a quiet machine does: others work beside this test.
  expect(new Set(done).size).toBe(JOBS);
  expect(begun).toHaveLength(JOBS);
  expect(most).toBeGreaterThan(SLOTS / 2);
  expect(await grid.counts()).toMatchObject({ now: 0 });
  expect(rates.sessionsASecond).toBeGreaterThan(20);
  expect(rates.kilobytesAJob).toBeLessThan(20);
  expect(rates.processorMillisecondsAJob).toBeLessThan(40);
});
