// Entry of a helper thread in Node: a worker thread.
import { parentPort } from 'node:worker_threads';
import { serve, type ThreadStart } from './thread.ts';

parentPort!.on('message', (start: ThreadStart) => serve(start, () => parentPort!.postMessage('ready')));
