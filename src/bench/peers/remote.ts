// A peer's own worker, as Comlink exposes it: opens one contestant or racer and times it by this worker's
// clock.
import type { Host } from '../../engine/host.ts';
import { type Entrant, entrant } from '../contestant.ts';
import type { Lap, Racer } from '../race.ts';
import type { Work } from '../work.ts';
import type { Kind, Peer } from './peers.ts';

export class RemotePeer<H = Host> {
  private entrant: Entrant | undefined;
  private racer: Racer | undefined;

  /** @param peers those that this worker's script has */
  constructor(
    private readonly host: H,
    private readonly peers: { readonly [name: string]: Peer<H> },
  ) {}

  /** Settles once this worker's script runs. */
  async ready(): Promise<void> {}

  /**
   * The bytes of all files that this worker loaded, as they travelled; undefined in WebKit, which says 0 of
   * what a worker imports.
   */
  async downloaded(): Promise<number | undefined> {
    const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    if (files.every(({ encodedBodySize }) => encodedBodySize === 0)) return undefined;
    const script = await (await fetch(location.href, { cache: 'force-cache' })).blob();
    return files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, script.size);
  }

  async open(name: string, kind: Kind, work: Work): Promise<{ version: string; threads: number }> {
    const open = this.peers[name]?.[kind];
    if (!open) throw new Error(`no peer "${name}" for ${kind}`);
    this.entrant = entrant(await open(work, this.host));
    const { version, threads } = this.entrant;
    return { version, threads };
  }

  time(count: number, samples: number): Promise<number[]> {
    return this.opened.time(count, samples);
  }

  answer(): Promise<Float32Array> {
    return this.opened.answer();
  }

  async openRacer(name: string, work: Work): Promise<{ version: string; threads: number }> {
    const open = this.peers[name]?.race;
    if (!open) throw new Error(`no peer "${name}" for a whole training`);
    this.racer = await open(work, this.host);
    const { version, threads } = this.racer;
    return { version, threads };
  }

  async train(seed: number): Promise<readonly Lap[]> {
    if (!this.racer) throw new Error('no racer was opened');
    return this.racer.train(seed);
  }

  private get opened(): Entrant {
    if (!this.entrant) throw new Error('no peer was opened');
    return this.entrant;
  }
}
