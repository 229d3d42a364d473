// Equal trainings on equal builds give equal bits, wherever they run: whether they did, and where they did not.
import type { Place } from './place.ts';

/** What a training's parameters came to. */
export interface Fingerprint {
  /** Equal for equal trainings. */
  readonly training: string;
  /** "wasm relaxed-simd", as `buildOf` names it. */
  readonly build: string;
  /** null where the browser has no crypto. */
  readonly sha256: string | null;
  readonly place: Place;
}

/** A training whose bits differ on one build. */
export interface Difference {
  readonly training: string;
  readonly build: string;
  /** The bits that most places have come first. */
  readonly results: readonly { readonly sha256: string; readonly places: readonly Place[] }[];
}

export interface Bits {
  /** Pairs of training and build that ran in more than one place. */
  readonly compared: number;
  /** Places that took part in them. */
  readonly places: number;
  readonly builds: readonly string[];
  readonly differences: readonly Difference[];
}

export function bitsOf(fingerprints: readonly Fingerprint[]): Bits {
  const groups = new Map<string, Map<string, Place[]>>();
  for (const { training, build, sha256, place } of fingerprints) {
    if (sha256 === null) continue;
    const key = JSON.stringify([training, build]);
    const group = groups.get(key) ?? new Map<string, Place[]>();
    groups.set(key, group);
    const places = group.get(sha256) ?? [];
    group.set(sha256, places);
    if (!places.some((other) => isSame(other, place))) places.push(place);
  }
  const compared = [...groups].filter(([, group]) => [...group.values()].flat().length > 1);
  const differences = compared.flatMap(([key, group]): Difference[] => {
    if (group.size < 2) return [];
    const [training, build] = JSON.parse(key) as [string, string];
    const results = [...group]
      .map(([sha256, places]) => ({ sha256, places }))
      .sort((a, b) => b.places.length - a.places.length);
    return [{ training, build, results }];
  });
  const all = compared.flatMap(([, group]) => [...group.values()].flat());
  return {
    compared: compared.length,
    places: new Set(all.map(({ node, slot }) => `${node} ${slot}`)).size,
    builds: [...new Set(compared.map(([key]) => (JSON.parse(key) as [string, string])[1]))],
    differences,
  };
}

const isSame = (a: Place, b: Place) => a.node === b.node && a.slot === b.slot;
