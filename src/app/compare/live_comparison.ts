// A comparison as it goes: a row for each engine, filled by the job's events.
import type { EngineInfo } from '../../engine/engine.ts';
import { type Summary, summarise, type Trace, TraceRecorder } from '../../evaluation/comparison.ts';
import type { CompareEvent, CompareJob, EntrantEnd } from '../../jobs/job.ts';
import { stepsPerEpoch } from '../../training/schedule.ts';
import type { DatasetShape } from '../model/form.ts';
import { count, plural } from '../parts/format.ts';
import { ENGINES, type EngineName } from './compare_form.ts';

export interface Row {
  readonly name: string;
  /** Grows with the events. */
  readonly trace: TraceRecorder;
  /** By epoch, by row: how far its parameters are from those of one that was there before. Grows, too. */
  readonly apart: (readonly (number | null)[])[];
  /** Once the engine is open. */
  readonly info?: EngineInfo;
  /** Once its training has ended. */
  readonly end?: EntrantEnd;
}

export interface Comparison {
  readonly job: CompareJob;
  readonly rows: readonly Row[];
  /** Training images. */
  readonly samples: number;
  /** The share of all steps of all engines that is done. */
  readonly share: number;
}

export function begun(job: CompareJob, shape: DatasetShape): Comparison {
  const rows = job.entrants.map(({ name }) => ({ name, trace: new TraceRecorder(), apart: [] }));
  return { job, rows, samples: job.trainLimit ?? shape.train, share: 0 };
}

export function received(comparison: Comparison, event: CompareEvent): Comparison {
  const { rows } = comparison;
  const { entrant } = event;
  const row = rows[entrant];
  switch (event.kind) {
    case 'opened':
      return { ...comparison, rows: rows.with(entrant, { ...row, info: event.info }) };
    case 'steps':
      row.trace.addSteps(event.losses, event.seconds);
      return { ...comparison, share: (entrant + event.share) / rows.length };
    case 'epoch':
      row.trace.addEpoch(event.report, null);
      row.apart.push(event.parameterDifferences);
      return { ...comparison };
    case 'ended': {
      const share = (entrant + 1) / rows.length;
      return { ...comparison, share, rows: rows.with(entrant, { ...row, end: event.end }) };
    }
  }
}

export const engineTitle = ({ name }: Row) => ENGINES[name as EngineName].title;

/** Whether there is something to hold others against. */
export function hasRun({ end, trace }: Row): boolean {
  return end?.failure === undefined && trace.stepLosses.length > 0;
}

/** The row that the others are held against: the one that is asked for, or else the first, if it has run. */
export function baselineOf({ rows }: Comparison, asked: string | undefined): Row | undefined {
  const ran = rows.filter(hasRun);
  return ran.find(({ name }) => name === asked) ?? ran[0];
}

export function summaryOf(row: Row, comparison: Comparison, baseline: Row | undefined): Summary {
  const { job, samples, rows } = comparison;
  const trace = baseline && baseline !== row ? against(row, baseline, rows) : row.trace;
  return summarise(trace, baseline?.trace, { batch: job.recipe.batch, samples });
}

/** Whoever came later was held against who came before. */
function against(row: Row, baseline: Row, rows: readonly Row[]): Trace {
  const [place, other] = [rows.indexOf(row), rows.indexOf(baseline)];
  const [later, before] = place > other ? [row, other] : [baseline, place];
  const parameterDifferences = row.trace.epochs.map((_, epoch) => later.apart[epoch]?.[before] ?? null);
  return { ...row.trace, parameterDifferences };
}

/** "11.9× faster" of a step that takes 0.084 of the baseline's time */
export function speedText(ratio: number): string {
  const factor = Math.max(ratio, 1 / ratio);
  const text = factor.toPrecision(factor < 9.95 ? 2 : 3);
  if (Number(text) === 1) return 'as fast';
  return `${factor < 1000 ? text : count(factor)}× ${ratio < 1 ? 'faster' : 'slower'}`;
}

/** The steps of a whole training. */
export function stepsOf({ job: { recipe }, samples }: Comparison): number {
  return recipe.epochs * stepsPerEpoch(recipe, samples);
}

/** "784-128-10 on 10,000 images, 2 epochs" */
export function titleOf({ job: { network, recipe }, samples }: Comparison): string {
  return `${network} on ${count(samples)} images, ${plural(recipe.epochs, 'epoch')}`;
}
