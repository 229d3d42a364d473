// A fleet's run from its options to its report: what `bench`, `train` and `sweep` do with --grid.
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import {
  type FleetReport,
  type FleetTask,
  fleetReport,
  type Result,
  type Values,
} from '../../fleet/report.ts';
import type { DrivenOutcome } from '../../jobs/remote.ts';
import type { Job } from '../../jobs/run.ts';
import type { BrowserDataset } from '../browser/run_in_browser.ts';
import { WebDriverServer } from '../browser/webdriver.ts';
import { abortOnInterrupt } from '../options.ts';
import { note } from '../output.ts';
import { OutputFile, reasonOf } from '../output_file.ts';
import { dispatch, type FleetJob } from './dispatcher.ts';
import { type FleetPage, openFleetPage } from './fleet_page.ts';
import { type GridSlot, gridSlots } from './grid.ts';
import { type GridOptions, PATIENCE } from './grid_options.ts';
import { begunIn, findingsIn } from './history.ts';
import { type Entry, Journal } from './journal.ts';
import { FleetProgress } from './progress.ts';

/** One of a fleet's jobs before it is known where its data lies. */
export interface PlannedJob extends Pick<FleetJob, 'id' | 'only'> {
  readonly job: Job;
  readonly values: Values;
}

export interface FleetRun {
  readonly task: FleetTask;
  /** The jobs, once the Grid's slots are known. */
  readonly jobs: (slots: readonly GridSlot[]) => readonly PlannedJob[];
  /** See DispatchOptions. */
  readonly alone: boolean;
  readonly may?: (slot: GridSlot) => boolean;
  readonly check?: Job;
  readonly dataset: BrowserDataset;
}

export interface EndedFleet {
  readonly report: FleetReport;
  readonly interrupted: boolean;
}

/**
 * Runs what is not done yet, and reports all that is. Ctrl-C ends the sessions, and what is there is reported.
 * @throws InputError if something is wrong with what is asked for, before anything runs
 */
export async function runFleet(run: FleetRun, options: GridOptions): Promise<EndedFleet> {
  const { patience = PATIENCE, models } = options;
  if (!(patience >= 1)) throw new InputError(`--patience ${patience}: expected 1 or more seconds`);
  const server = gridAt(options.grid!);
  const slots = (await gridSlots(server)).filter(run.may ?? (() => true));
  if (slots.length === 0) throw new InputError(`the Grid at ${server.url} has no slot for this`);
  if (models !== undefined) await makeFolder(models);
  const page = await openFleetPage({ ...options, dataset: run.dataset });
  try {
    const { journal, entries } = await Journal.open(options.journal ?? nameOf(run.task), run.task);
    try {
      return await runWith({ run, slots, server, page, journal, patience, models }, entries);
    } finally {
      await journal.close();
    }
  } finally {
    await page.close();
  }
}

/** All that a run takes, open. */
interface Opened {
  readonly run: FleetRun;
  readonly slots: readonly GridSlot[];
  readonly server: WebDriverServer;
  readonly page: FleetPage;
  readonly journal: Journal;
  readonly patience: number;
  readonly models?: string;
}

async function runWith(opened: Opened, entries: readonly Entry[]): Promise<EndedFleet> {
  const { run, slots, server, journal } = opened;
  const begun = begunIn(entries);
  // What a killed process left open would keep its slots from us.
  await Promise.all(begun.open.map((id) => server.session(id).close()));
  for (const session of begun.open) await journal.append({ kind: 'closed', session });
  const planned = withDone(run.jobs(slots), begun.done);
  const rest = planned.filter(({ id }) => !begun.done.has(id));
  noteBeginning(journal.file, planned.length, begun.done.size, slots.length);
  const signal = abortOnInterrupt();
  const progress = new FleetProgress(planned.length, begun.done.size);
  const failed = rest.length === 0 ? 0 : await dispatchAll(opened, rest, progress, signal);
  const values = new Map(planned.map((each) => [each.id, each.values]));
  const found = findingsIn(await journal.read(), (job) => values.get(job) ?? {});
  const [total, done] = [planned.length, found.results.length];
  const jobs = { total, done, failed, waiting: total - done - failed };
  return {
    report: fleetReport({ task: run.task, grid: server.url, jobs, ...found }),
    interrupted: signal.aborted,
  };
}

/** @returns how many jobs were given up */
async function dispatchAll(
  { run, server, page, journal, patience, models }: Opened,
  jobs: readonly PlannedJob[],
  progress: FleetProgress,
  signal: AbortSignal,
): Promise<number> {
  const taskOf = (job: Job, model = false) => ({ job, dataset: page.dataset, model });
  let failed = 0;
  try {
    await dispatch({
      server,
      page: page.url,
      jobs: jobs.map(({ id, only, job }) => ({ id, only, task: taskOf(job, models !== undefined) })),
      alone: run.alone,
      may: run.may,
      check: run.check && taskOf(run.check),
      journal,
      keep: (job, outcome) => keep(job.id, outcome, models),
      patience,
      signal,
      onEntry: (entry) => progress.entry(entry),
      onProgress: (now) => {
        failed = now.failed;
        progress.update(now);
      },
    });
  } finally {
    progress.stop();
  }
  return failed;
}

function gridAt(address: string): WebDriverServer {
  try {
    return new WebDriverServer(address);
  } catch {
    throw new InputError(`--grid ${address}: expected http://… or https://… of a Selenium Grid`);
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw new InputError(`cannot write into ${folder}: ${reasonOf(error, folder)}`);
  });
}

/** The jobs, and those that are done although the Grid no longer has what they ran on. */
function withDone(planned: readonly PlannedJob[], done: ReadonlySet<string>): readonly PlannedJob[] {
  const ids = new Set(planned.map(({ id }) => id));
  const gone = [...done].filter((id) => !ids.has(id));
  return [...planned, ...gone.map((id) => ({ id, job: planned[0].job, values: {} }))];
}

function noteBeginning(file: string, total: number, done: number, slots: number): void {
  const what = `${total} job${total === 1 ? '' : 's'} over ${slots} slot${slots === 1 ? '' : 's'}`;
  if (done === 0) note(`${what}; the journal is ${file}`);
  else if (done < total) note(`${what}; ${done} are done already, as ${file} says`);
  else note(`all ${total} are done, as ${file} says: remove it to run them anew`);
}

/** Named after what is asked for, so that the same command finds it again. */
function nameOf(task: FleetTask): string {
  const hash = createHash('sha256').update(JSON.stringify(task)).digest('hex').slice(0, 8);
  return `fleet-${task.command}-${hash}.jsonl`;
}

/** @param models the folder for models; left out, they stay in their browsers */
async function keep(job: string, { report, model }: DrivenOutcome, models?: string): Promise<Result> {
  if ('cases' in report) return { kind: 'bench', report };
  if (!model || models === undefined) return { kind: 'train', report };
  const file = join(models, `${job.replaceAll(/[^\w.-]+/g, '-')}.safetensors`);
  await (await OutputFile.open(file)).write(model);
  return { kind: 'train', report, model: file };
}
