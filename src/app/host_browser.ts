// A browser as the host of engines: a dedicated worker, or for a look at what there is, a page.
import { get, set } from 'idb-keyval';
import type { Host, Thread, TuningCache } from '../engine/host.ts';

export function browserHost(): Host {
  const { userAgent } = navigator;
  return {
    runtime: browserName(userAgent),
    userAgent,
    processors: navigator.hardwareConcurrency || 1,
    threadsUnavailable: threadsUnavailable(),
    gpu,
    tuning,
    spawnThread,
    tfjsWasmPath: packagePath('tfjs/'),
    onnxWasmPath: packagePath('ort/'),
  };
}

/** Where the page has files that packages carry. */
function packagePath(folder: string): string {
  return new URL(folder, new URL(import.meta.env.BASE_URL, baseUrl())).href;
}

/** The page's folder: a worker's script lies in a folder below it. */
function baseUrl(): string {
  return typeof document === 'undefined' ? new URL('..', location.href).href : document.baseURI;
}

function browserName(userAgent: string): string {
  const match = /(Firefox|Edg|Chrome|Version)\/([\d.]+)/.exec(userAgent);
  if (!match) return 'browser';
  const name = { Firefox: 'firefox', Edg: 'edge', Chrome: 'chromium', Version: 'safari' }[match[1]];
  return `${name} ${match[2]}`;
}

function threadsUnavailable(): string | undefined {
  if (typeof document !== 'undefined')
    return 'the engine runs in the page itself, where a thread must not wait';
  if (!crossOriginIsolated)
    return 'the page is not cross-origin isolated (its server sends no COOP and COEP headers)';
  return undefined;
}

const TUNING = 'tuning';

/** In IndexedDB, which a private window may lack. */
const tuning: TuningCache = {
  read: async () => (await get(TUNING).catch(() => undefined)) ?? {},
  write: (entries) => set(TUNING, entries).catch(() => {}),
};

async function gpu(): Promise<GPU | string> {
  if (!isSecureContext) return 'WebGPU needs a secure page (https, or localhost)';
  return navigator.gpu ?? 'this browser has no WebGPU, or has it switched off';
}

/** A worker with a script that runs: until then Firefox may lose what is sent to it. */
interface Helper {
  readonly worker: Worker;
  readonly loaded: Promise<unknown>;
}

/** All that were started: one that only its own message handler refers to may be collected. */
const helpers: Helper[] = [];

/** Those that are free: a thread that ended its work is used again, also by another engine. */
const idle: Helper[] = [];

/** Far longer than a script takes to load, or a thread to begin. */
const PATIENCE = 20_000;

function startHelper(): Helper {
  const worker = new Worker(new URL('../engine/wasm/thread_browser.ts', import.meta.url), { type: 'module' });
  const helper = { worker, loaded: nextMessage(worker, 'load') };
  helpers.push(helper);
  return helper;
}

function nextMessage(worker: Worker, what: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`a WASM thread failed to ${what}: ${why}`));
    const late = setTimeout(fail, PATIENCE, `nothing came in ${PATIENCE / 1000} s`);
    worker.onmessage = ({ data }) => {
      clearTimeout(late);
      resolve(data);
    };
    worker.onmessageerror = () => fail('its message could not be read');
    worker.onerror = ({ message }) => fail(message);
  });
}

function spawnThread(): Thread {
  const helper = idle.pop() ?? startHelper();
  const { worker, loaded } = helper;
  return {
    postMessage: (message) => void loaded.then(() => worker.postMessage(message)).catch(() => {}),
    nextMessage: () => loaded.then(() => nextMessage(worker, 'begin')),
    end: () => void idle.push(helper),
  };
}
