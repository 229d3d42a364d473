// Trainings over a Grid: one for each combination of values, each checked before any of them runs.
import { version } from '../../../package.json';
import { select } from '../../data/dataset.ts';
import { InputError } from '../../errors.ts';
import type { FleetTask, Values } from '../../fleet/report.ts';
import type { BrowserName } from '../../hosts/find_browser.ts';
import type { TrainJob } from '../../jobs/job.ts';
import { lower } from '../../network/lower.ts';
import { checkFit, parseNetwork } from '../../network/spec.ts';
import type { DataSource } from '../data.ts';
import { isBrowser } from './bench_fleet.ts';
import type { GridOptions } from './grid_options.ts';
import { type FleetRun, type PlannedJob, runFleet } from './run_fleet.ts';

export type Axes = Extract<FleetTask, { axes: unknown }>['axes'];

export interface TrainingsOverGrid {
  readonly command: 'train' | 'sweep';
  /** By name: "learning rate". */
  readonly axes: Axes;
  /** The training of a combination of values. @throws InputError if they make none */
  readonly jobOf: (values: Values) => TrainJob;
  readonly data: DataSource;
  /** The only browser that is of interest; left out, all are. */
  readonly browser?: BrowserName;
}

/** Trainings of one run; a journal and a report have all of them. */
const MAX_TRAININGS = 100_000;

/** @throws InputError if there are too many trainings, or one of them cannot be */
export async function trainOverGrid(
  { command, axes, jobOf, data, browser }: TrainingsOverGrid,
  options: GridOptions,
) {
  const combinations = combinationsOf(axes);
  const jobs = combinations.map(
    (values): PlannedJob => ({ id: nameOf(values), values, job: { kind: 'train', ...jobOf(values) } }),
  );
  const dataset = await data.load();
  for (const { job } of jobs) if (job.kind === 'train') checkTraining(job, dataset);
  const first = jobOf(combinations[0]);
  const run: FleetRun = {
    task: { version, command, data: data.identity, job: first, axes },
    jobs: () => jobs,
    alone: false,
    may: browser && isBrowser(browser),
    check: { kind: 'train', ...shortened(first, dataset.train.count) },
    dataset: data.forBrowser,
  };
  return runFleet(run, options);
}

/** Every value of the first axis with every value of the others, in order. */
function combinationsOf(axes: Axes): Values[] {
  const names = Object.keys(axes);
  const count = names.reduce((product, name) => product * axes[name].length, 1);
  if (count > MAX_TRAININGS) throw new InputError(`${count} trainings: expected at most ${MAX_TRAININGS}`);
  return names.reduce<Values[]>(
    (all, name) => all.flatMap((values) => axes[name].map((value) => ({ ...values, [name]: value }))),
    [{}],
  );
}

/** "learning rate 0.004, batch 64" */
function nameOf(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

function checkTraining(job: TrainJob, whole: Awaited<ReturnType<DataSource['load']>>): void {
  const network = parseNetwork(job.network);
  checkFit(network, whole);
  const { train, test, width, height } = select(whole, job);
  const samples = { train: train.count, test: test.count };
  lower({ network, recipe: job.recipe, seed: job.seed, samples, image: { width, height } });
}

/** A few steps of a training with seed 1: what every session begins with. @param train all training images */
function shortened(job: TrainJob, train: number): TrainJob {
  const images = Math.min(256, train - 1);
  return {
    ...job,
    seed: 1,
    recipe: { ...job.recipe, name: 'custom', epochs: 1, batch: Math.min(job.recipe.batch, 64, images) },
    trainLimit: images,
    holdOut: Math.min(64, train - images),
  };
}
