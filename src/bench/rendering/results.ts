// What README's tables are made from.
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';

/** Reports by file name without its extension. */
export type Results = { readonly [name: string]: BenchReport };

export function peerOf({ peers }: BenchCase, name: string): PeerEntry | undefined {
  return peers.find((peer) => peer.name === name);
}
