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

/** All that were started: one that only its own message handler refers to may be collected. */
const workers: Worker[] = [];

/** Those that are free: a thread that ended its work is used again, also by another engine. */
const idle: Worker[] = [];

function startWorker(): Worker {
  const worker = new Worker(new URL('../engine/wasm/thread_browser.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  return worker;
}

function spawnThread(): Thread {
  const worker = idle.pop() ?? startWorker();
  return {
    postMessage: (message) => worker.postMessage(message),
    nextMessage: () =>
      new Promise((resolve, reject) => {
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => reject(new Error(`a WASM thread failed: ${event.message}`));
      }),
    end: () => void idle.push(worker),
  };
}
