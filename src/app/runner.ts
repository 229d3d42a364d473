// The page that the command line opens in a browser: fetches a job, has its worker run it, and reports back.
// The page itself stays idle, so that events travel while the worker computes.
import { expose, proxy, wrap } from 'comlink';
import { messageOf } from '../errors.ts';
import { decodeWire, encodeWire } from '../formats/wire.ts';
import { type RemoteError, type RemoteTask, remotePaths } from '../jobs/remote.ts';
import type { JobEvent } from '../jobs/run.ts';
import type { JobWorker } from './worker/job_worker.ts';
import { Realms } from './worker/realms.ts';

/** Events are sent at most this often. */
const BATCH_MILLISECONDS = 100;

const paths = remotePaths(location.hash.slice(1));

async function main(): Promise<void> {
  const worker = new Worker(new URL('./worker/job_worker.ts', import.meta.url), { type: 'module' });
  const failed = new Promise<never>((_, reject) => {
    worker.onerror = ({ message }) => reject(new Error(`the worker failed: ${message || 'it did not load'}`));
    worker.onmessageerror = () => reject(new Error('the worker failed: a message could not be read'));
  });
  expose(new Realms(), worker);
  const remote = wrap<JobWorker>(worker);
  try {
    const { job, dataset } = decodeWire(await (await fetch(paths.task)).text()) as RemoteTask;
    new EventSource(paths.stop).addEventListener('stop', () => void remote.stop());
    const files = dataset.kind === 'files' && {
      name: dataset.name,
      urls: dataset.files.map((file) => new URL(paths.dataset(file), location.href).href),
    };
    const { transpose, classNames } = dataset;
    const source = files || new URL('.', location.href).href;
    const run = remote.run(job, source, proxy(queueEvent), { transpose, classNames });
    const outcome = await Promise.race([run, failed]);
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

void main();
