// The page's end of the engine's worker, with the threads that it asks for.
import * as Comlink from 'comlink';
import { Threads } from '../../hosts/browser/threads.ts';
import { WorkerClient } from '../../hosts/browser/worker_client.ts';
import type { EngineWorker } from './engine_worker.ts';
import { startThread } from './start_thread.ts';

export { WorkerEnded } from '../../hosts/browser/worker_client.ts';

export class EngineClient extends WorkerClient<EngineWorker> {
  constructor() {
    const threads = new Threads(startThread);
    super('engine', (name) => {
      const worker = new Worker(new URL('./engine_worker.ts', import.meta.url), { type: 'module', name });
      Comlink.expose(threads, worker);
      return worker;
    });
    this.ended.catch(() => threads.terminate());
  }
}
