// The order of the kept runs: a sweep's runs are one entry, and each column sorts.
import * as v from 'valibot';
import type { KeptRun } from '../storage/kept_runs.ts';

export const COLUMNS = ['name', 'created', 'accuracy', 'seconds', 'images'] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

export const NEWEST_FIRST: Order = { column: 'created', descending: true };

/** A run by itself, or a sweep with all that are left of it, the best first. */
export interface Entry {
  readonly id: string;
  readonly runs: readonly KeptRun[];
  readonly isSweep: boolean;
}

/** Equals stay as they come: the newest first. */
export function entriesOf(kept: readonly KeptRun[], { column, descending }: Order): Entry[] {
  const groups = new Map<string, KeptRun[]>();
  for (const run of kept) {
    const id = run.sweep?.id ?? run.id;
    groups.set(id, [...(groups.get(id) ?? []), run]);
  }
  const entries = [...groups].map(([id, runs]) => ({
    id,
    runs: runs.toSorted((a, b) => b.report.test.accuracy - a.report.test.accuracy),
    isSweep: runs[0].sweep !== undefined,
  }));
  const sign = descending ? -1 : 1;
  return entries.toSorted((a, b) => sign * compare(keyOf(a, column), keyOf(b, column)));
}

/** Another column begins with what is sought most: the newest, the most accurate, the shortest. */
export function sortedBy(order: Order, column: Column): Order {
  if (order.column === column) return { column, descending: !order.descending };
  return { column, descending: column !== 'name' && column !== 'seconds' };
}

function keyOf({ runs }: Entry, column: Column): number | string {
  const [best] = runs;
  switch (column) {
    case 'name':
      return best.name;
    case 'created':
      return Math.max(...runs.map(({ created }) => created));
    case 'accuracy':
      return best.report.test.accuracy;
    case 'seconds':
      return secondsOf(runs);
    case 'images':
      return best.report.dataset.train;
  }
}

/** Of all trainings together. */
export function secondsOf(runs: readonly KeptRun[]): number {
  return runs.reduce((sum, { report }) => sum + report.seconds, 0);
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string') return a.localeCompare(String(b), 'en', { numeric: true });
  return a - Number(b);
}

const PLACE = 'mnist-kernels-order-of-runs';
const orderSchema = v.object({ column: v.picklist(COLUMNS), descending: v.boolean() });

/** Where nothing can be kept, the newest come first at each visit. */
export function keptOrder(): Order {
  try {
    return v.parse(orderSchema, JSON.parse(localStorage.getItem(PLACE) ?? ''));
  } catch {
    return NEWEST_FIRST;
  }
}

export function keepOrder(order: Order): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify(order));
  } catch {
    // The order holds for this visit.
  }
}
