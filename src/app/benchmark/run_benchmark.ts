// A benchmark in a worker of its own, which ends with it, as do its threads and the workers of its peers.
import { expose, proxy, wrap } from 'comlink';
import type { BenchEvent, BenchJob, BenchReport } from '../../bench/report.ts';
import type { JobWorker } from '../worker/job_worker.ts';
import { Realms } from '../worker/realms.ts';

/**
 * @param signal ends it at once, with nothing
 * @throws Error if the benchmark fails, its worker does, or the signal is given
 */
export async function runBenchmark(
  job: BenchJob,
  onEvent: (event: BenchEvent) => void,
  signal: AbortSignal,
): Promise<BenchReport> {
  const worker = new Worker(new URL('../worker/job_worker.ts', import.meta.url), { type: 'module' });
  const realms = new Realms();
  try {
    const ended = new Promise<never>((_, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message || 'its worker could not be loaded'));
      worker.onmessageerror = () => reject(new Error('a message of its worker could not be read'));
      signal.addEventListener('abort', () => reject(signal.reason));
    });
    expose(realms, worker);
    const base = new URL('.', document.baseURI).href;
    const outcome = wrap<JobWorker>(worker).run(
      { kind: 'bench', ...job },
      base,
      proxy((event) => onEvent(event as BenchEvent)),
    );
    return (await Promise.race([outcome, ended])) as BenchReport;
  } finally {
    worker.terminate();
    realms.terminate();
  }
}
