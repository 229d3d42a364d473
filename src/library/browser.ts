// The library in browsers.
import type { Dataset } from '../data/dataset.ts';
import { loadMnistBrowser } from '../data/mnist_browser.ts';
import { InputError, messageOf } from '../errors.ts';
import { answerMessages } from '../hosts/browser/answer_messages.ts';
import { browserHost } from '../hosts/browser/host.ts';
import { openHostSession } from './host_session.ts';
import type { Session, SessionOptions } from './session.ts';
import { openWorkerSession } from './worker_session.ts';

export * from '../index.ts';

/** Bundlers find the scripts where they are written so. */
const SCRIPTS = {
  startWorker: (name: string) =>
    new Worker(new URL('./session_worker.js', import.meta.url), { type: 'module', name }),
  startThread: () => new Worker(new URL('./thread_browser.js', import.meta.url), { type: 'module' }),
};

/**
 * Chooses an engine, in a worker of its own.
 * @throws InputError if the backend named cannot run here, with the reason
 */
export function createSession(options: SessionOptions = {}): Promise<Session> {
  if (options.worker === false) return openHostSession(browserHost(), options, answerMessages);
  return openWorkerSession(options, SCRIPTS);
}

/**
 * MNIST, verified by SHA-256.
 * @param folder the address where its four files lie, gzipped; left out, `mnist/` beside the page, as
 * `npx mnist-kernels data mnist` writes it
 * @throws Error naming the address that could not be fetched
 * @throws InputError naming the file that is not MNIST's
 */
export async function loadMnist(folder: string | URL = 'mnist/'): Promise<Dataset> {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  return loadMnistBrowser(new URL(`${folder}`.replace(/\/?$/, '/'), base)).catch((error: unknown) => {
    const hint = 'the command npx mnist-kernels data DIR writes the four files';
    if (error instanceof InputError) throw new InputError(`${error.message}; ${hint}`);
    throw new Error(`${messageOf(error)}; ${hint}`);
  });
}
