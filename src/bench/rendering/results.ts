// What the documents' tables are made from.
import type { BenchCase, BenchReport, PeerEntry } from '../report.ts';

/** Reports by file name without its extension. */
export type Results = { readonly [name: string]: BenchReport };

export function peerOf({ peers }: BenchCase, name: string): PeerEntry | undefined {
  return peers.find((peer) => peer.name === name);
}

/** How many times as long the peer takes, or why there is no ratio. */
export const ratioText = (peer: PeerEntry | undefined) =>
  peer?.ratio ? `${peer.ratio.median.toFixed(1)}×` : (peer?.error ?? '');
