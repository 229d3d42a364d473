// A browser as the host of engines: a dedicated worker, or for a look at what there is, a page.
import type { Remote } from 'comlink';
import { get, set } from 'idb-keyval';
import type { Host, Thread, TuningCache } from '../../engine/host.ts';
import { sharedMemoryUnavailable } from './shared_memory.ts';
import type { Threads } from './threads.ts';

/** @param page starts the threads; left out, there are none */
export function browserHost(page?: Remote<Threads>): Host {
  const { userAgent } = navigator;
  return {
    runtime: browserName(userAgent),
    userAgent,
    processors: navigator.hardwareConcurrency || 1,
    threadsUnavailable: threadsUnavailable(page !== undefined),
    gpu,
    tuning,
    spawnThread: () => spawnThread(page!),
    tfjsWasmPath: packagePath('tfjs/'),
    onnxWasmPath: packagePath('ort/'),
    litertPath: packagePath('litert/'),
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
  const webkit = userAgent.includes('Mac OS X') ? 'safari' : 'webkit';
  const name = { Firefox: 'firefox', Edg: 'edge', Chrome: 'chromium', Version: webkit }[match[1]];
  return `${name} ${match[2]}`;
}

function threadsUnavailable(startable: boolean): string | undefined {
  if (typeof document !== 'undefined')
    return 'the engine runs in the page itself, where a thread must not wait';
  if (!startable) return 'this worker has no page that starts threads';
  return sharedMemoryUnavailable;
}

const TUNING = 'tuning';

/** In IndexedDB, which a private window may lack. */
const tuning: TuningCache = {
  read: async () => (await readTuning().catch(() => undefined)) ?? {},
  write: (entries) => writeTuning(entries).catch(() => {}),
};

// Where site data is blocked IndexedDB throws at once: these reject in either case.
const readTuning = async () => get<unknown>(TUNING);
const writeTuning = async (entries: { readonly [key: string]: string }) => set(TUNING, entries);

async function gpu(): Promise<GPU | string> {
  if (!isSecureContext) return 'WebGPU needs a secure page (https, or localhost)';
  return navigator.gpu ?? 'this browser has no WebGPU, or has it switched off';
}

/** Threads that are free: one that ended its work is used again, also by another engine. */
const idle: number[] = [];
let started = 0;

function spawnThread(page: Remote<Threads>): Thread {
  const thread = idle.pop() ?? started++;
  return {
    begin: (start) => page.begin(thread, start),
    end: () => void idle.push(thread),
    abandon: () => page.abandon(thread),
  };
}
