// Options that several commands share, and how their text becomes values.
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Dataset } from '../data/dataset.ts';
import { loadFolder, loadMnistNode } from '../data/mnist_node.ts';
import { BACKEND_CHOICES, type BackendChoice } from '../engine/open.ts';
import { InputError, messageOf } from '../errors.ts';
import type { JobControl } from '../jobs/job.ts';
import { type Job, type JobEvent, type OutcomeOf, runJob } from '../jobs/run.ts';
import { BROWSERS, type BrowserName } from './browser/find.ts';
import { nodeHost } from './host_node.ts';

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
    return runJob(job, nodeHost(), () => loadData(data), { ...control, gate: turnOfEventLoop });
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

/** A signal that Ctrl-C aborts; a second Ctrl-C ends the process. */
export function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

/** @throws InputError before any work is done if one of the files could not be written after it */
export async function checkWritable(...files: (string | undefined)[]): Promise<void> {
  for (const file of files) {
    if (file === undefined) continue;
    const refuse = (why: string) => {
      throw new InputError(`cannot write ${file}: ${why}`);
    };
    const folder = dirname(resolve(file));
    await access(folder).catch(() => refuse(`there is no folder ${folder}`));
    const present = await stat(file).catch(() => undefined);
    if (present?.isDirectory()) refuse('it is a folder');
    await access(present ? file : folder, constants.W_OK).catch(() => refuse('no permission'));
  }
}

/** @throws InputError naming the file */
export async function write(file: string, contents: string | Uint8Array): Promise<void> {
  await writeFile(file, contents).catch((error: unknown) => {
    throw new InputError(`cannot write ${file}: ${messageOf(error)}`);
  });
}

export async function writeJson(file: string | undefined, value: unknown): Promise<void> {
  if (file !== undefined) await write(file, `${JSON.stringify(value)}\n`);
}
