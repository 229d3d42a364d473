// Which tiling is fastest for a product's shape on this adapter: timed once, and remembered by the host.
import * as v from 'valibot';
import { version } from '../../../package.json';
import { titleOf } from '../../network/cost.ts';
import type { TuningRow } from '../engine.ts';
import type { WgslCall } from './kernels/index.ts';

const tuningSchema = v.fallback(v.record(v.string(), v.string()), {});

/** What a host remembers, as far as it can be read. */
export function knownTilings(remembered: unknown): { readonly [key: string]: string } {
  return v.parse(tuningSchema, remembered);
}

/** Profiles of each tiling; the median counts. */
export const TUNING_RUNS = 3;

/** By which a shape is known again: kernels, drivers and adapters differ. */
export function tuningKey(adapter: string, call: WgslCall, rows: number): string {
  return `${version} | ${adapter} | ${shapeOf(call, rows)}`;
}

export function shapeOf(call: WgslCall, rows: number): string {
  const { kernel, constants, layers } = call;
  return `${titleOf(kernel, constants, layers)}, ${rows} rows`;
}

/** @param times milliseconds of one call, by tiling */
export function rowOf(shape: string, times: readonly (readonly [string, number])[]): TuningRow {
  const [chosen] = times.reduce((best, each) => (each[1] < best[1] ? each : best));
  return { shape, milliseconds: Object.fromEntries(times), chosen };
}
