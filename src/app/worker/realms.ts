// The page's end of the workers of a benchmark: threads, and a worker of its own for each peer.
import { type ProxyMarked, proxy, type Remote, transfer } from 'comlink';
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

/** Comlink exposes it to the worker that runs the benchmark. */
export class Realms extends Threads {
  private readonly realms: Worker[] = [];

  constructor() {
    super(startThread);
  }

  /** @param onFail called with the reason when the worker fails */
  startRealm(onFail: ((why: string) => void) & ProxyMarked): { realm: number; port: MessagePort } {
    if (this.ended) throw new Error('the benchmark was ended');
    const worker = new Worker(new URL('./peer_worker.ts', import.meta.url), { type: 'module' });
    worker.onerror = (event) => {
      event.preventDefault(); // it is the peer's failure, not the page's
      onFail(event.message || 'its script could not be loaded');
    };
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port1, [port1]);
    const realm = this.realms.push(worker) - 1;
    return transfer({ realm, port: port2 }, [port2]);
  }

  endRealm(realm: number): void {
    this.realms[realm].terminate();
  }

  override terminate(): void {
    super.terminate();
    for (const worker of this.realms) worker.terminate();
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
    startRealm: () => startRealm(page),
    measureMemory: () => page.measureMemory(),
    machine: () => page.machine(),
  };
}

async function startRealm(page: Remote<Realms>): Promise<Realm> {
  const failure = new Failure();
  const { realm, port } = await page.startRealm(proxy((why: string) => failure.raise(new Error(why))));
  return { port, failure, end: () => void page.endRealm(realm) };
}
