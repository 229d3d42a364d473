// The address of a run: its id, and what another browser needs to train the same.
import { formatFragment } from '../router.ts';
import type { KeptRun } from '../storage/kept_runs.ts';
import { type FormValues, fromKept, fromParams, toParams } from './form.ts';

/** A training that an address describes. */
export interface AskedTraining {
  readonly id: string;
  readonly values: FormValues;
  readonly holdOut: number | undefined;
}

/** Fields as they come are left out, but for the seed: by it an address is told from one without a training. */
export function paramsOfRun({ id, values, holdOut }: KeptRun): URLSearchParams {
  const form = { ...fromKept(values), rows: '', columns: '' };
  const { seed } = form;
  return new URLSearchParams({
    run: id,
    seed,
    ...Object.fromEntries(toParams(form)),
    ...(holdOut && { holdOut: String(holdOut) }),
  });
}

/** Its Results, in this page or another browser. */
export function hrefOfRun(run: KeptRun): string {
  return formatFragment('results', paramsOfRun(run));
}

/** Reads {@link paramsOfRun}'s; undefined where it holds no training. */
export function trainingOf(params: URLSearchParams): AskedTraining | undefined {
  const id = params.get('run') ?? '';
  if (!/^[\w-]{1,64}$/.test(id) || !params.has('seed')) return undefined;
  const holdOut = Number(params.get('holdOut') ?? 0);
  if (!Number.isSafeInteger(holdOut) || holdOut < 0) return undefined;
  return { id, values: fromParams(params), holdOut: holdOut || undefined };
}
