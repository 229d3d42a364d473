// `bench --grid`: the same benchmark in each browser of each node of a Grid, with nothing beside it.
import { version } from '../../../package.json';
import type { BenchJob } from '../../bench/report.ts';
import type { BrowserName } from '../../hosts/find_browser.ts';
import { webDriverNames } from '../browser/session.ts';
import { capabilitiesOf, type GridSlot } from './grid.ts';
import type { GridOptions } from './grid_options.ts';
import { type FleetRun, type PlannedJob, runFleet } from './run_fleet.ts';

/** @param browser the only one that is of interest; left out, all are */
export function benchOverGrid(job: BenchJob, options: GridOptions, browser?: BrowserName) {
  const run: FleetRun = {
    task: { version, command: 'bench', job },
    jobs: (slots) => jobsOf(job, slots),
    alone: true,
    may: browser && isBrowser(browser),
    dataset: { kind: 'mnist' },
  };
  return runFleet(run, options);
}

/** Whether a slot has that browser. */
export const isBrowser = (browser: BrowserName) => (slot: GridSlot) =>
  webDriverNames(browser).includes(slot.browser);

/** One for each browser of each node. */
function jobsOf(job: BenchJob, slots: readonly GridSlot[]): PlannedJob[] {
  const planned = new Map<string, PlannedJob>();
  for (const { node, kind } of slots) {
    const { browserName, browserVersion } = capabilitiesOf(kind);
    const id = `${[browserName, browserVersion].filter(Boolean).join(' ')} at ${node}`;
    planned.set(id, { id, job: { kind: 'bench', ...job }, values: {}, only: { node, kind } });
  }
  return [...planned.values()];
}
