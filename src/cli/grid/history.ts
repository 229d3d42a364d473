// What a journal says has happened: what is done, what was left open, and all that a report tells.
import type { Fingerprint } from '../../fleet/bits.ts';
import type { Place } from '../../fleet/place.ts';
import type { Findings, FleetFailure, Values } from '../../fleet/report.ts';
import type { Entry } from './journal.ts';

/** The training that every session begins with, as reports name it. */
export const CHECK = 'the training that every session begins with';

export interface Begun {
  readonly done: ReadonlySet<string>;
  /** Sessions that a killed process left behind. */
  readonly open: readonly string[];
}

export function begunIn(entries: readonly Entry[]): Begun {
  const done = new Set<string>();
  const open = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'done') done.add(entry.job);
    if (entry.kind === 'opened') open.add(entry.session);
    if (entry.kind === 'closed') open.delete(entry.session);
  }
  return { done, open: [...open] };
}

/** @param valuesOf of a job, by its id */
export function findingsIn(
  entries: readonly Entry[],
  valuesOf: (job: string) => Values,
): Pick<Findings, 'started' | 'ended' | 'results' | 'failures' | 'checks'> {
  const places = new Map<string, Place>();
  const attempts = new Map<string, number>();
  const results = new Map<string, Findings['results'][number]>();
  const failures: FleetFailure[] = [];
  const checks: Fingerprint[] = [];
  for (const entry of entries) {
    const place = 'session' in entry && entry.session !== undefined ? places.get(entry.session) : undefined;
    switch (entry.kind) {
      case 'opened':
        places.set(entry.session, entry.place);
        break;
      case 'began':
        attempts.set(entry.job, entry.attempt);
        break;
      case 'checked':
        if (place) checks.push({ training: CHECK, build: entry.build, sha256: entry.sha256, place });
        break;
      case 'done': {
        const { job, result } = entry;
        if (place)
          results.set(job, { job, values: valuesOf(job), place, attempt: attempts.get(job) ?? 1, result });
        break;
      }
      case 'failed': {
        const { at, why, job, attempt, browser } = entry;
        failures.push({ at, why, job, attempt, place, browser });
        break;
      }
      case 'closed':
        break;
    }
  }
  const now = new Date().toISOString();
  return {
    started: entries[0]?.at ?? now,
    ended: entries.at(-1)?.at ?? now,
    results: [...results.values()],
    failures,
    checks,
  };
}
