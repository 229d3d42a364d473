// A browser as the host of engines: a dedicated worker, or for a look at what there is, a page.
import type { Remote } from 'comlink';
import { get, set } from 'idb-keyval';
import type { Host, TuningCache } from '../../engine/host.ts';
import { threadHost } from './thread_host.ts';
import type { Threads } from './threads.ts';

/** @param page starts the threads; left out, there are none */
export function browserHost(page?: Remote<Threads>): Host {
  const { userAgent } = navigator;
  return {
    ...threadHost(page),
    runtime: browserName(userAgent),
    userAgent,
    gpu,
    tuning,
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
