// Opens peers: in a browser each in a worker of its own, so that none can disturb, block or end another.
import { wrap } from 'comlink';
import type { Host, Realm } from '../../engine/host.ts';
import { missingPackage } from '../../engine/missing_package.ts';
import { firstLineOf } from '../../errors.ts';
import { type Entrant, entrant } from '../contestant.ts';
import type { BenchBackend, PeerName } from '../options.ts';
import type { Racer } from '../race.ts';
import type { Work } from '../work.ts';
import { type Kind, PEERS } from './peers.ts';
import type { RemotePeer } from './remote.ts';

/** A peer that did not start: a row with its error, not a gap. */
export interface Missing {
  readonly name: string;
  readonly error: string;
}

export interface RemoteEntrant extends Entrant {
  /** Milliseconds until its worker's script ran. */
  readonly script: number;
  /** @returns bytes of the files that it and its helper threads loaded so far; undefined where it is not told */
  downloaded(): Promise<number | undefined>;
}

/**
 * Those that can do the work.
 * @param integers the work for those that compute in integers, called for the first of them
 * @param onOpen called with the name of each before it starts
 */
export async function openPeers(
  names: readonly PeerName[],
  work: Work,
  integers: () => Work,
  host: Host,
  kind: Kind,
  onOpen: (name: string) => void,
): Promise<(Entrant | Missing)[]> {
  const opened: (Entrant | Missing)[] = [];
  for (const name of names) {
    const { [kind]: open, int8 } = PEERS[name];
    if (!open) continue;
    onOpen(name);
    try {
      const own = int8 ? integers() : work;
      opened.push(
        host.startRealm ? await remotely(host, name, kind, own) : entrant(await inTime(open(own, host))),
      );
    } catch (error) {
      opened.push({ name, error: missingPackage(error) ?? firstLineOf(error) });
    }
  }
  return opened;
}

/**
 * Seconds that a call may take: the slowest peers take many for a training step. In Firefox a worker that
 * starts its own threads, as peers do, may stand still for good.
 */
const PATIENCE = 180;
/** Seconds that a whole training may take. */
const RACE_PATIENCE = 900;

/**
 * In a browser.
 * @param ownThreads of our WASM engine
 * @throws Error if the peer does not start, with its worker ended
 */
export async function remotely(
  host: Host,
  name: BenchBackend | PeerName,
  kind: Kind,
  work: Work,
  ownThreads = 1,
): Promise<RemoteEntrant> {
  const realm = await realmFor(name, host, ownThreads);
  return orEnd(realm, async () => {
    const peer = wrap<RemotePeer>(realm.port);
    const begin = performance.now();
    await settled(realm, peer.ready());
    const script = performance.now() - begin;
    const { version, threads } = await settled(realm, peer.open(name, kind, cloneable(work)));
    return {
      name,
      version,
      threads,
      script,
      async downloaded() {
        const own = await settled(realm, peer.downloaded());
        return own && own + (await realm.helperBytes());
      },
      time: (count, samples) => settled(realm, peer.time(count, samples)),
      answer: () => settled(realm, peer.answer()),
      dispose: realm.end,
    };
  });
}

/** Those that train, and those that would but do not start. */
export async function openRacers(
  names: readonly PeerName[],
  work: Work,
  host: Host,
): Promise<{ racers: Racer[]; missing: Missing[] }> {
  const racers: Racer[] = [];
  const missing: Missing[] = [];
  for (const name of names) {
    const open = PEERS[name].race;
    if (!open) continue;
    try {
      racers.push(host.startRealm ? await remoteRacer(host, name, work) : await inTime(open(work, host)));
    } catch (error) {
      missing.push({ name, error: firstLineOf(error) });
    }
  }
  return { racers, missing };
}

async function remoteRacer(host: Host, name: PeerName, work: Work): Promise<Racer> {
  const realm = await realmFor(name, host);
  return orEnd(realm, async () => {
    const peer = wrap<RemotePeer>(realm.port);
    const about = await settled(realm, peer.openRacer(name, cloneable(work)));
    return {
      name,
      ...about,
      train: (seed) => settled(realm, peer.train(seed), RACE_PATIENCE),
      dispose: realm.end,
    };
  });
}

/**
 * @throws Error if the peer needs threads and there are none: its own ways to fail take long, and say less
 */
async function realmFor(name: BenchBackend | PeerName, host: Host, ownThreads = 1): Promise<Realm> {
  if (PEERS[name].threads && host.threadsUnavailable !== undefined)
    throw new Error(`it needs threads: ${host.threadsUnavailable}`);
  return host.startRealm!(name, ownThreads);
}

async function orEnd<T>(realm: Realm, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    realm.end();
    throw error;
  }
}

/** @throws Error if the realm's worker fails or stands still */
function settled<T>({ failure }: Realm, call: Promise<T>, patience = PATIENCE): Promise<T> {
  return inTime(failure.during(call), patience);
}

/** @throws Error if the call takes longer than `patience`, in seconds */
function inTime<T>(call: Promise<T>, patience = PATIENCE): Promise<T> {
  let late: ReturnType<typeof setTimeout>;
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(
      () => reject(new Error(`it did not answer within ${patience} seconds`)),
      1000 * patience,
    );
  });
  return Promise.race([call, tooLate]).finally(() => clearTimeout(late));
}

/** A view travels with all of its buffer, which for samples is the whole data set. */
function cloneable({ train, test, ...rest }: Work): Work {
  const copy = ({ count, images, labels }: Work['train']) => ({
    count,
    images: images.slice(),
    labels: labels.slice(),
  });
  return { ...rest, train: copy(train), test: copy(test) };
}
