// The tutorial's worker: holds the lab, so that the page never waits for a kernel.
import * as Comlink from 'comlink';
import { loadMnistBrowser } from '../../data/mnist_browser.ts';
import { browserHost } from '../../hosts/browser/host.ts';
import { holdLock } from '../../hosts/browser/lifeline.ts';
import { Lab } from './lab.ts';

const api = {
  ready: holdLock,

  /** @param base the page's folder, ending with a slash */
  open: async (base: string) =>
    Comlink.proxy(await Lab.open(browserHost(), await loadMnistBrowser(`${base}data/`))),
};

export type LabWorker = typeof api;

Comlink.expose(api);
