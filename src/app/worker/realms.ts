// The page's end of the workers of a benchmark: threads, and a worker of its own for each peer.
import { expose, type ProxyMarked, proxy, type Remote, transfer } from 'comlink';
import type { Host, Realm } from '../../engine/host.ts';
import { InputError } from '../../errors.ts';
import { Failure } from '../../failure.ts';
import { browserHost } from '../../hosts/browser/host.ts';
import { Threads } from '../../hosts/browser/threads.ts';
import { startThread } from './start_thread.ts';

// Only Chromium has these.
declare global {
  interface Performance {
    measureUserAgentSpecificMemory?(): Promise<{ readonly bytes: number }>;
  }
  interface Navigator {
    readonly deviceMemory?: number;
    getBattery?(): Promise<{ readonly charging: boolean; readonly level: number }>;
  }
}

/** A peer's worker, and the helper threads of our WASM engine. */
interface Started {
  readonly worker: Worker;
  readonly helpers: Threads;
  readonly threads: number;
}

function end({ worker, helpers }: Started): void {
  worker.terminate();
  helpers.terminate();
}

const startPeer = (name: string) =>
  new Worker(new URL('./peer_worker.ts', import.meta.url), { type: 'module', name });

/** The helpers start with the worker that will ask for them. */
function startOwn(threads: number, helpers: Threads): Worker {
  const worker = new Worker(new URL('./own_worker.ts', import.meta.url), {
    type: 'module',
    name: `${threads}`,
  });
  for (let helper = 0; helper < threads - 1; helper++) helpers.start(helper);
  expose(helpers, worker);
  return worker;
}

/** Comlink exposes it to the worker that runs the benchmark. */
export class Realms extends Threads {
  private readonly realms: Started[] = [];

  constructor() {
    super(startThread);
  }

  /**
   * @param threads of our WASM engine
   * @param onFail called with the reason when the worker fails
   */
  startRealm(
    name: string,
    threads: number,
    onFail: ((why: string) => void) & ProxyMarked,
  ): { realm: number; port: MessagePort } {
    if (this.ended) throw new Error('the benchmark was ended');
    const helpers = new Threads(startThread);
    const worker = name === 'wasm' ? startOwn(threads, helpers) : startPeer(name);
    worker.onerror = (event) => {
      event.preventDefault(); // it is the peer's failure, not the page's
      onFail(event.message || 'its script could not be loaded');
    };
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port1, [port1]);
    const realm = this.realms.push({ worker, helpers, threads }) - 1;
    return transfer({ realm, port: port2 }, [port2]);
  }

  endRealm(realm: number): void {
    end(this.realms[realm]);
  }

  /** 0 where helpers have no part in it. */
  helperBytes(realm: number): number {
    if (this.realms[realm].threads === 1) return 0;
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    // The names of built scripts begin with their modules'. Browsers keep the entries of the first 250 files only.
    return Math.max(
      ...files.filter(({ name }) => name.includes('/thread_browser')).map((file) => file.encodedBodySize),
    );
  }

  override terminate(): void {
    super.terminate();
    for (const realm of this.realms) end(realm);
  }

  async measureMemory(): Promise<number> {
    if (!performance.measureUserAgentSpecificMemory)
      throw new InputError('this browser does not tell its memory');
    return (await performance.measureUserAgentSpecificMemory()).bytes;
  }

  async machine(): Promise<{ memory?: number; power?: string }> {
    const { deviceMemory } = navigator;
    const memory = deviceMemory === undefined ? undefined : deviceMemory * 2 ** 30;
    const battery = await navigator.getBattery?.();
    if (!battery) return { memory };
    return { memory, power: battery.charging ? 'mains' : `battery, ${Math.round(100 * battery.level)} %` };
  }
}

/** The worker's end of it: the host of a benchmark. */
export function benchHost(page: Remote<Realms>): Host {
  return {
    ...browserHost(page),
    startRealm: (name, threads) => startRealm(page, name, threads),
    measureMemory: () => page.measureMemory(),
    machine: () => page.machine(),
  };
}

async function startRealm(page: Remote<Realms>, name: string, threads: number): Promise<Realm> {
  const failure = new Failure();
  const { realm, port } = await page.startRealm(
    name,
    threads,
    proxy((why: string) => failure.raise(new Error(why))),
  );
  return {
    port,
    failure,
    helperBytes: () => page.helperBytes(realm),
    end: () => void page.endRealm(realm),
  };
}
