// Opens peers: in a browser each in a worker of its own, so that none can disturb, block or end another.
import { wrap } from 'comlink';
import type { Host, Realm } from '../../src/engine/host.ts';
import { firstLineOf } from '../../src/errors.ts';
import { type Entrant, entrant } from '../contest.ts';
import type { BenchBackend, PeerName } from '../suites.ts';
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
  /** Bytes of the files that it loaded. */
  readonly downloaded: number;
}

/** Those that can do the work. */
export async function openPeers(
  names: readonly PeerName[],
  work: Work,
  host: Host,
  kind: Kind,
): Promise<(Entrant | Missing)[]> {
  const opened: (Entrant | Missing)[] = [];
  for (const name of names) {
    const open = PEERS[name][kind];
    if (!open) continue;
    const start = host.startRealm
      ? remotely(await host.startRealm(), name, kind, work)
      : open(work, host).then((contestant) => entrant(contestant));
    opened.push(await start.catch((error: unknown) => ({ name, error: firstLineOf(error) })));
  }
  return opened;
}

/**
 * Seconds that a call may take: the slowest peers take many for a training step. In Firefox a worker that starts its own
 * threads, as peers do, may stand still for good.
 */
const PATIENCE = 180;

/** @throws Error if the peer does not start, with its worker ended */
export async function remotely(
  realm: Realm,
  name: BenchBackend | PeerName,
  kind: Kind,
  work: Work,
): Promise<RemoteEntrant> {
  const peer = wrap<RemotePeer>(realm.port);
  const settle = <T>(call: Promise<T>): Promise<T> => {
    let late: ReturnType<typeof setTimeout>;
    const tooLate = new Promise<never>((_, reject) => {
      late = setTimeout(
        () => reject(new Error(`it did not answer within ${PATIENCE} seconds`)),
        1000 * PATIENCE,
      );
    });
    return Promise.race([call, realm.failed, tooLate]).finally(() => clearTimeout(late));
  };
  try {
    const begin = performance.now();
    await settle(peer.ready());
    const script = performance.now() - begin;
    const { version, threads } = await settle(peer.open(name, kind, cloneable(work)));
    return {
      name,
      version,
      threads,
      script,
      downloaded: await settle(peer.downloaded()),
      time: (count, samples) => settle(peer.time(count, samples)),
      answer: () => settle(peer.answer()),
      dispose: realm.end,
    };
  } catch (error) {
    realm.end();
    throw error;
  }
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
