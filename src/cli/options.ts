// Options that several commands share, and how their text becomes values.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Dataset } from '../data/dataset.ts';
import { loadFolder, loadMnistNode } from '../data/mnist_node.ts';
import { BACKEND_CHOICES, type BackendChoice } from '../engine/open.ts';
import { InputError } from '../errors.ts';
import { nodeHost } from '../hosts/node.ts';
import type { JobControl } from '../jobs/job.ts';
import { type Job, type JobEvent, type OutcomeOf, runJob } from '../jobs/run.ts';
import { BROWSERS, type BrowserName } from './browser/find.ts';

const RUNTIMES = ['node', ...BROWSERS] as const;

export interface RunOptions {
  readonly backend: BackendChoice;
  readonly runtime: 'node' | BrowserName;
  readonly data?: string;
  readonly json?: string;
  readonly connect?: string;
  readonly address?: string;
  readonly port?: number;
}

/** `--backend`, `--runtime`, `--json`. */
export function addRunOptions(command: Command): Command {
  return command
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKEND_CHOICES).default('auto'))
    .addOption(new Option('--runtime <name>', 'where it runs').choices(RUNTIMES).default('node'))
    .option('--json <file>', 'write the result as JSON');
}

/** `--data`. */
export function addDataOption(command: Command): Command {
  return command.option('--data <dir>', 'a folder of four IDX files, raw or .gz, instead of MNIST');
}

/** The text of an option as a number; its range is checked where it is used. */
export function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

export function loadData(folder: string | undefined): Promise<Dataset> {
  return folder === undefined ? loadMnistNode() : loadFolder(folder);
}

/** Runs a job where `--runtime` says. */
export async function runWhereAsked<J extends Job>(
  job: J,
  { runtime, data, connect, address, port }: RunOptions,
  control: JobControl<JobEvent>,
): Promise<OutcomeOf<J>> {
  if (runtime === 'node') {
    if (connect !== undefined) throw new InputError('--connect is to a browser: choose one with --runtime');
    const gate = async () => {
      await turnOfEventLoop();
      await control.gate?.();
    };
    return runJob(job, nodeHost(), () => loadData(data), { ...control, gate });
  }
  const { runInBrowser } = await import('./browser/run_in_browser.ts');
  const dataset =
    data === undefined ? ({ kind: 'mnist' } as const) : ({ kind: 'folder', dir: data } as const);
  const where = { runtime, connect, address, port };
  return runInBrowser(job, { ...where, dataset, onEvent: control.onEvent, signal: control.signal });
}

/** WASM computes on this very thread; in between, Ctrl-C and the progress bar get their turn. */
function turnOfEventLoop(): Promise<void> {
  return new Promise((resolveTurn) => setImmediate(resolveTurn));
}

/** The exit code of what Ctrl-C ended before its end: 128 and the signal's number, as shells have it. */
export const INTERRUPTED = 130;

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

/** A value as the text of a JSON file. */
export const jsonText = (value: unknown) => `${JSON.stringify(value)}\n`;
