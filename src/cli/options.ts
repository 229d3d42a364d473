// Options that several commands share, and how their text becomes values.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BACKEND_CHOICES, type BackendChoice } from '../engine/open.ts';
import { InputError } from '../errors.ts';
import { BROWSERS, type BrowserName } from '../hosts/find_browser.ts';
import { nodeHost } from '../hosts/node.ts';
import type { JobControl } from '../jobs/job.ts';
import { type Job, type JobEvent, type OutcomeOf, runJob } from '../jobs/run.ts';
import { type DataSource, openData } from './data.ts';

const RUNTIMES = ['node', ...BROWSERS] as const;

export interface RunOptions {
  readonly backend: BackendChoice;
  readonly runtime: 'node' | BrowserName;
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

/** The text of an option as a number; its range is checked where it is used. */
export function toNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

/** Runs a job where `--runtime` says, on MNIST if no data set is given. */
export async function runWhereAsked<J extends Job>(
  job: J,
  { runtime, connect, address, port }: RunOptions,
  control: JobControl<JobEvent>,
  data?: DataSource,
): Promise<OutcomeOf<J>> {
  if (runtime === 'node') {
    if (connect !== undefined) throw new InputError('--connect is to a browser: choose one with --runtime');
    const gate = async () => {
      await turnOfEventLoop();
      await control.gate?.();
    };
    const load = async () => (data ?? (await openData())).load();
    return runJob(job, nodeHost(), load, { ...control, gate, onHeld: data?.replace });
  }
  const { runInBrowser } = await import('./browser/run_in_browser.ts');
  const dataset = data?.forBrowser ?? ({ kind: 'mnist' } as const);
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
