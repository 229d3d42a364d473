// Runs a job in a real browser, driven from the terminal, through the built page's own engine code.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Reading } from '../../data/dataset.ts';
import { readBytes } from '../../data/file_node.ts';
import { findFolder } from '../../data/mnist_node.ts';
import { firstLineOf, InputError, messageOf } from '../../errors.ts';
import { decodeWire, encodeWire } from '../../formats/wire.ts';
import type { BrowserName } from '../../hosts/find_browser.ts';
import { packageRoot } from '../../hosts/package_root.ts';
import { type RemoteDataset, type RemoteError, type RemoteTask, remotePaths } from '../../jobs/remote.ts';
import type { Job, JobEvent, OutcomeOf } from '../../jobs/run.ts';
import { bodyOf, builtPage, type Route, type ServeOptions, serveStatic } from './server.ts';
import { connectSession, startSession } from './session.ts';

/** The MNIST of the page, or a folder of this machine. */
export type BrowserDataset = Reading &
  ({ readonly kind: 'mnist' } | { readonly kind: 'folder'; readonly dir: string });

export interface RunInBrowserOptions {
  readonly runtime: BrowserName;
  /** No window; true if left out. */
  readonly headless?: boolean;
  /** The address of a browser that runs elsewhere: see connectSession. Left out, one is started here. */
  readonly connect?: string;
  /** Where that browser finds this machine; left out, it is on this machine. */
  readonly address?: string;
  /** That is listened on for `address`; left out, the one of the address. */
  readonly port?: number;
  readonly dataset: BrowserDataset;
  /** Called in order, in batches about ten times a second. */
  readonly onEvent?: (event: JobEvent) => void;
  /** Asks the job to stop; its outcome is what it has by then. */
  readonly signal?: AbortSignal;
  /** The built page's folder; this package's dist/web if left out. */
  readonly root?: string;
}

/** The page that runs jobs, on the site. */
export const RUNNER = 'runner.html';

/** From the browser's start until its page asks for the job. */
const START_SECONDS = 60;
/** From the request to stop until the outcome, which may take an evaluation. */
const STOP_SECONDS = 120;

/**
 * Starts the browser with a fresh profile, or connects to one, runs the job in its page's worker and closes
 * it again.
 * @throws InputError as the job does, or if the browser, the built page or the data set is missing; Error in
 * one line
 *   if the page or the browser fails
 */
export async function runInBrowser<J extends Job>(
  job: J,
  options: RunInBrowserOptions,
): Promise<OutcomeOf<J>> {
  const { runtime, headless, connect, root = builtPage(packageRoot()) } = options;
  const { kind, transpose, classNames } = options.dataset;
  const token = randomBytes(16).toString('hex');
  const folder = kind === 'folder' ? await dataFolder(options.dataset.dir) : undefined;
  if (!existsSync(join(root, RUNNER)))
    throw new InputError(`no page to run jobs in ${root}: npm run build makes it`);
  const task: RemoteTask = {
    job,
    dataset: { ...(folder?.dataset(token) ?? { kind: 'mnist' }), transpose, classNames },
  };
  const run = new RemoteRun(connect ?? runtime);
  const server = await serveStatic(root, {
    ...reachable(options),
    routes: { ...jobRoutes(token, task, run, options), ...folder?.routes(token) },
  });
  try {
    const session = await (connect
      ? connectSession(connect, runtime)
      : startSession(runtime, { headless, sharedMemory: wantsThreads(job) }));
    try {
      const page = new URL(`${RUNNER}#${token}`, options.address ?? server.url).href;
      session.open(page, (why) => run.fail(why)).catch((error) => run.fail(messageOf(error)));
      run.failAfter(START_SECONDS, 'its page did not ask for the job');
      return (await run.outcome) as OutcomeOf<J>;
    } finally {
      run.expectAnytime();
      await session.close();
    }
  } finally {
    await server.close();
  }
}

/**
 * More than one thread is asked for, or all builds are: validation is of every one that a browser can run.
 */
function wantsThreads(job: Job): boolean {
  return job.kind === 'validate' || (job.threads ?? 1) > 1;
}

/** What a job ends with, whoever brings it about first. */
class RemoteRun {
  readonly outcome: Promise<unknown>;
  succeed!: (outcome: unknown) => void;
  /** What the caller's own code threw. */
  readonly abandon: (error: unknown) => void;
  /** For messages. */
  private readonly runtime: string;
  private deadline: ReturnType<typeof setTimeout> | undefined;

  constructor(runtime: string) {
    this.runtime = runtime;
    let reject!: (error: unknown) => void;
    this.outcome = new Promise((resolve, rejectOutcome) => {
      this.succeed = resolve;
      reject = rejectOutcome;
    });
    this.outcome.catch(() => {}); // it may come before anyone awaits it
    this.abandon = reject;
  }

  /** The browser or the page failed. */
  fail(why: string): void {
    this.abandon(new Error(`${this.runtime}: ${firstLineOf(why)}`));
  }

  /** The job threw. */
  failWith({ name, message }: RemoteError): void {
    if (name === 'InputError') this.abandon(new InputError(message));
    else this.fail(message);
  }

  failAfter(seconds: number, why: string): void {
    this.expectAnytime();
    this.deadline = setTimeout(() => this.fail(`${why} within ${seconds} seconds`), seconds * 1000);
  }

  /** Lifts the deadline. */
  expectAnytime(): void {
    clearTimeout(this.deadline);
  }
}

/** On all of this machine's addresses if others are to reach it. */
export function reachable({
  address,
  port,
}: Pick<RunInBrowserOptions, 'address' | 'port'>): Pick<ServeOptions, 'host' | 'port' | 'names'> {
  if (address === undefined) return {};
  if (!/^https?:\/\/./.test(address) || !URL.canParse(address))
    throw new InputError(`--address ${address}: expected http://… or https://…`);
  const { protocol, hostname, port: own } = new URL(address);
  return {
    host: '0.0.0.0',
    names: [hostname],
    port: port ?? Number(own || (protocol === 'https:' ? 443 : 80)),
  };
}

function jobRoutes(
  token: string,
  task: RemoteTask,
  run: RemoteRun,
  { onEvent, signal }: RunInBrowserOptions,
): Record<string, Route> {
  const paths = remotePaths(token);
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    const value = decodeWire((await bodyOf(request)).toString());
    response.end();
    return value;
  };
  return {
    [`GET ${paths.task}`]: (_, response) => {
      run.expectAnytime();
      response.setHeader('Content-Type', 'application/json').end(encodeWire(task));
    },
    [`GET ${paths.stop}`]: (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(': open\n\n'); // Firefox opens an event stream with its first bytes
      response.on('close', () => run.fail('the page ended unexpectedly'));
      whenAborted(signal, () => {
        response.write('event: stop\ndata: now\n\n');
        run.failAfter(STOP_SECONDS, 'it did not stop');
      });
    },
    [`POST ${paths.events}`]: async (request, response) => {
      const events = (await receive(request, response)) as JobEvent[];
      try {
        for (const event of events) onEvent?.(event);
      } catch (error) {
        run.abandon(error);
      }
    },
    [`POST ${paths.outcome}`]: async (request, response) => run.succeed(await receive(request, response)),
    [`POST ${paths.error}`]: async (request, response) =>
      run.failWith((await receive(request, response)) as RemoteError),
  };
}

function whenAborted(signal: AbortSignal | undefined, then: () => void): void {
  if (signal?.aborted) then();
  else signal?.addEventListener('abort', then, { once: true });
}

/** A folder's data set as a page finds it, and the routes that serve its four files, behind a token. */
export interface ServedFolder {
  dataset(token: string): RemoteDataset;
  routes(token: string): Record<string, Route>;
}

export async function dataFolder(folder: string): Promise<ServedFolder> {
  const found = await findFolder(folder);
  const files = Object.values(found.files);
  const serve =
    (file: string): Route =>
    async (_, response) => {
      response.setHeader('Content-Type', 'application/octet-stream').end(await readBytes(join(folder, file)));
    };
  return {
    dataset: (token) => ({ kind: 'files', name: found.name, files: files.map(remotePaths(token).dataset) }),
    routes: (token) =>
      Object.fromEntries(files.map((file) => [`GET ${remotePaths(token).dataset(file)}`, serve(file)])),
  };
}
