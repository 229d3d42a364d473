// The page that the command line opens in a browser: has its worker run jobs, and reports back. With a token in
// its address it fetches one job from the command line's server; without, it waits for a WebDriver client.
// The page itself stays idle, so that events travel while the worker computes.
import { expose, proxy, type Remote, wrap } from 'comlink';
import { messageOf } from '../errors.ts';
import { decodeWire, encodeWire } from '../formats/wire.ts';
import { type RemoteError, type RemoteTask, remotePaths } from '../jobs/remote.ts';
import type { Job, JobEvent, OutcomeOf } from '../jobs/run.ts';
import { offerToDriver } from './driven_page.ts';
import { isolate } from './isolation.ts';
import type { JobWorker } from './worker/job_worker.ts';
import { Realms } from './worker/realms.ts';

/** Events are sent at most this often. */
const BATCH_MILLISECONDS = 100;

const token = location.hash.slice(1);
const paths = remotePaths(token);

interface StartedWorker {
  readonly remote: Remote<JobWorker>;
  /** Rejects when the worker fails. */
  readonly failed: Promise<never>;
}

function startWorker(): StartedWorker {
  const worker = new Worker(new URL('./worker/job_worker.ts', import.meta.url), { type: 'module' });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message || 'it did not load'}`));
    worker.onmessageerror = () => reject(new Error('the worker failed: a message could not be read'));
  });
  failed.catch(() => {}); // it may come between two jobs
  expose(new Realms(), worker);
  return { remote: wrap<JobWorker>(worker), failed };
}

/** @param keep the data set for another job */
function runIn(
  { remote, failed }: StartedWorker,
  { job, dataset }: RemoteTask,
  onEvent: (event: JobEvent) => void,
  keep: boolean,
): Promise<OutcomeOf<Job>> {
  const files = dataset.kind === 'files' && {
    name: dataset.name,
    urls: dataset.files.map((file) => new URL(file, location.href).href),
  };
  const { transpose, classNames } = dataset;
  const source = files || new URL('.', location.href).href;
  const run = remote.run(job, source, proxy(onEvent), { transpose, classNames }, keep);
  return Promise.race([run, failed]) as Promise<OutcomeOf<Job>>;
}

async function runForServer(): Promise<void> {
  const worker = startWorker();
  try {
    const task = decodeWire(await (await fetch(paths.task)).text()) as RemoteTask;
    new EventSource(paths.stop).addEventListener('stop', () => void worker.remote.stop());
    const outcome = await runIn(worker, task, queueEvent, false);
    await sendEvents();
    await post(paths.outcome, outcome);
  } catch (error) {
    await sendEvents().catch(() => {});
    const name = error instanceof Error ? error.name : 'Error';
    await post(paths.error, { name, message: messageOf(error) } satisfies RemoteError);
  }
}

let queue: JobEvent[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let sent: Promise<void> = Promise.resolve();

function queueEvent(event: JobEvent): void {
  // For a page that shows it; the terminal does not, and sending it would take time from what is timed.
  if (event.kind === 'timing') return;
  queue.push(event);
  timer ??= setTimeout(() => void sendEvents().catch(() => {}), BATCH_MILLISECONDS);
}

/** Settles when all events so far have arrived; one request after the other keeps their order. */
function sendEvents(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  const events = queue;
  queue = [];
  sent = sent.then(() => (events.length > 0 ? post(paths.events, events) : undefined));
  return sent;
}

async function post(path: string, value: unknown): Promise<void> {
  const response = await fetch(path, { method: 'POST', body: encodeWire(value) });
  if (!response.ok) throw new Error(`the command line answered ${response.status}`);
}

async function waitForDriver(): Promise<void> {
  if (await isolate()) return;
  // One worker for all jobs, so that the data set is loaded once.
  let worker: StartedWorker | undefined;
  offerToDriver((task, onEvent) => {
    worker ??= startWorker();
    return runIn(worker, task, onEvent, true);
  });
}

void (token === '' ? waitForDriver() : runForServer());
