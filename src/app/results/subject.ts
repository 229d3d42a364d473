// What Results can look at: a run of this browser, or a network that ships with the page.
import { readShipped, SHIPPED_MODELS, type ShippedModel } from '../draw/shipped_models.ts';
import { paramsOfRun } from '../model/run_address.ts';
import type { Session } from '../model/session.ts';
import type { KeptRun } from '../storage/kept_runs.ts';

export interface Subject {
  /** Tells it from all others: "run=ID" or "model=NAME". */
  readonly key: string;
  readonly title: string;
  /** Undefined of a network that ships with the page. */
  readonly run?: KeptRun;
  /** The parameters that have the same shown in another browser. */
  readonly params: URLSearchParams;
  /** A safetensors file. @throws Error saying why it cannot be had */
  readonly read: () => Promise<Uint8Array>;
}

/** What an address asks for. */
export type Asked =
  | { readonly subject: Subject }
  /** A run or network that is not here. */
  | { readonly missing: 'run' | 'model' }
  /** Nothing in particular, and no run is there to be shown. */
  | { readonly nothing: true }
  /** It is not known yet which runs there are. */
  | { readonly waiting: true };

export function askedBy(params: URLSearchParams, session: Session): Asked {
  const runs = runsOf(session);
  const [id, name] = [params.get('run'), params.get('model')];
  if (id === null && name !== null) {
    const model = SHIPPED_MODELS.find((each) => each.name === name);
    return model ? { subject: subjectOfModel(model) } : { missing: 'model' };
  }
  const run = id === null ? runs[0] : runs.find((each) => each.id === id);
  if (run) return { subject: subjectOfRun(run, session) };
  if (!session.state.listed) return { waiting: true };
  return id === null ? { nothing: true } : { missing: 'run' };
}

/** The newest first; the last one may not have been kept. */
export function runsOf({ state: { run, kept } }: Session): readonly KeptRun[] {
  return !run || kept.some(({ id }) => id === run.id) ? kept : [run, ...kept];
}

export function keyOfRun(id: string): string {
  return `run=${id}`;
}

export function keyOfModel(name: string): string {
  return `model=${name}`;
}

function subjectOfRun(run: KeptRun, session: Session): Subject {
  const read = () => session.runs.modelOf(run.id);
  return { key: keyOfRun(run.id), title: run.name, run, params: paramsOfRun(run), read };
}

function subjectOfModel(model: ShippedModel): Subject {
  return {
    key: keyOfModel(model.name),
    title: model.title,
    params: new URLSearchParams({ model: model.name }),
    read: () => readShipped(model),
  };
}
