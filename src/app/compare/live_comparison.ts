// A comparison as it goes: a row for each engine, filled by the job's events.
import type { EngineInfo } from '../../engine/engine.ts';
import { type Summary, summarise, TraceRecorder } from '../../evaluation/comparison.ts';
import type { CompareEvent, CompareJob, EntrantEnd } from '../../jobs/job.ts';
import { stepsPerEpoch } from '../../training/schedule.ts';
import type { DatasetShape } from '../model/form.ts';
import { count, plural } from '../parts/format.ts';

export interface Row {
  readonly name: string;
  /** Grows with the events. */
  readonly trace: TraceRecorder;
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
  const rows = job.entrants.map(({ name }) => ({ name, trace: new TraceRecorder() }));
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
      row.trace.addEpoch(event.report, event.parameterDifference);
      return { ...comparison };
    case 'ended': {
      const share = (entrant + 1) / rows.length;
      return { ...comparison, share, rows: rows.with(entrant, { ...row, end: event.end }) };
    }
  }
}

/** The row that the others are held against: the first that does not fail. */
export function referenceOf({ rows }: Comparison): Row | undefined {
  return rows.find(({ end }) => end?.failure === undefined);
}

export function summaryOf({ trace }: Row, comparison: Comparison): Summary {
  const { job, samples } = comparison;
  return summarise(trace, referenceOf(comparison)?.trace, { batch: job.recipe.batch, samples });
}

/** The steps of a whole training. */
export function stepsOf({ job: { recipe }, samples }: Comparison): number {
  return recipe.epochs * stepsPerEpoch(recipe, samples);
}

/** "784-128-10 on 10,000 images, 2 epochs" */
export function titleOf({ job: { network, recipe }, samples }: Comparison): string {
  return `${network} on ${count(samples)} images, ${plural(recipe.epochs, 'epoch')}`;
}
