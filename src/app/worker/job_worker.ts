// The worker of a run from the terminal, and of the page's benchmark: loads the data set and runs one job.
import { expose, wrap } from 'comlink';
import type { Dataset, Reading } from '../../data/dataset.ts';
import { loadFiles, loadMnistBrowser } from '../../data/mnist_browser.ts';
import { answerMessages } from '../../hosts/browser/answer_messages.ts';
import { type Job, type JobEvent, runJob } from '../../jobs/run.ts';
import { benchHost, type Realms } from './realms.ts';

/** A data set's name and the addresses of its four files. */
interface RemoteFiles {
  readonly name: string;
  readonly urls: readonly string[];
}

const host = benchHost(wrap<Realms>(self));
const stopping = new AbortController();
/** The data set of the job before, where it is kept. */
let kept: { readonly key: string; readonly dataset: Promise<Dataset> } | undefined;

const api = {
  /**
   * @param source four files, or the folder of the page, whose MNIST is then used
   * @param keep the data set for the next job
   */
  run(
    job: Job,
    source: RemoteFiles | string,
    onEvent: (event: JobEvent) => void,
    reading: Reading = {},
    keep = false,
  ): Promise<unknown> {
    const read = () =>
      typeof source === 'string'
        ? loadMnistBrowser(`${source}data/`, reading)
        : loadRemoteFiles(source, reading);
    const load = keep ? () => once(JSON.stringify([source, reading]), read) : read;
    return runJob(job, host, load, { onEvent, signal: stopping.signal, gate: answerMessages });
  },

  /** Ends the job early; its outcome is what it has by then. */
  stop(): void {
    stopping.abort();
  },
};

/** What was read for the key before, or else is now; what could not be read is tried anew. */
function once(key: string, read: () => Promise<Dataset>): Promise<Dataset> {
  if (kept?.key !== key) {
    const dataset = read();
    kept = { key, dataset };
    dataset.catch(() => {
      kept = undefined;
    });
  }
  return kept.dataset;
}

export type JobWorker = typeof api;

async function loadRemoteFiles({ name, urls }: RemoteFiles, reading: Reading): Promise<Dataset> {
  const files = await Promise.all(
    urls.map(async (url) => {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`cannot load ${url}: the server answered ${response.status}`);
      return new File([await response.blob()], decodeURIComponent(url.split('/').at(-1)!));
    }),
  );
  return { ...(await loadFiles(files, reading)), name };
}

self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));

expose(api);
