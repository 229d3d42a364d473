// What the terminal says of a training: what happened to its engine, its result, its kernels' times.
import { className } from '../data/dataset.ts';
import { percent } from '../evaluation/percent.ts';
import type { TrainOutcome } from '../jobs/job.ts';
import type { JobEvent } from '../jobs/run.ts';
import { count, plural } from '../plural.ts';
import { accuracyText, note, print, seconds, table } from './output.ts';

export function tuningTable(rows: Extract<JobEvent, { kind: 'tuned' }>['rows']): string {
  const variants = [...new Set(rows.flatMap(({ milliseconds }) => Object.keys(milliseconds)))];
  return table(
    ['shape', ...variants.map((variant) => `${variant} ms`), 'chosen'],
    rows.map(({ shape, milliseconds, chosen }) => [
      shape,
      ...variants.map((variant) => milliseconds[variant]?.toFixed(3) ?? ''),
      chosen,
    ]),
  );
}

export function printProfile(profile: TrainOutcome['profile']): void {
  if (!profile) {
    note('no profile: this engine cannot tell its kernels apart (WASM does with --threads 1, WebGPU always)');
    return;
  }
  const total = profile.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = profile.map(({ kernel, variant, milliseconds, operations, bytes }) => [
    kernel,
    variant ?? '',
    milliseconds.toFixed(3),
    percent(milliseconds / total, 0),
    (operations / milliseconds / 1e6).toFixed(1),
    (bytes / milliseconds / 1e6).toFixed(1),
  ]);
  print(table(['kernel', 'variant', 'ms', 'of step', 'GFLOP/s', 'GB/s'], rows));
}

export function movedText({ from, to }: Extract<JobEvent, { kind: 'moved' }>): string {
  return `computed on ${from.join(' and ')} so far, goes on with ${to}: its bits will differ from those of a run without interruption`;
}

export function lostText({ message, goesOn }: Extract<JobEvent, { kind: 'lost' }>): string {
  return `${message}; ${goesOn ? 'going on with WASM' : 'the last finished epoch is kept'}`;
}

export function printSummary({ report, evaluation, dataset: { classNames } }: TrainOutcome): void {
  const { epochs, keptEpoch, stopped, recipe } = report;
  if (stopped) {
    const kept = keptEpoch > 0 ? `kept epoch ${keptEpoch}` : 'kept the unfinished first epoch';
    note(`stopped after ${epochs.length} of ${plural(recipe.epochs, 'epoch')}; ${kept}`);
  }
  const speed = Math.max(0, ...epochs.map(({ imagesPerSecond }) => imagesPerSecond));
  print(`test accuracy ${accuracyText(evaluation)}, loss ${evaluation.loss.toFixed(4)}`);
  print(`${seconds(report.seconds)} in all, up to ${count(speed)} images/s`);
  const worst = evaluation.mistakes[0];
  if (worst) {
    print(
      `${plural(evaluation.samples - evaluation.correct, 'mistake')}; the most confident: test image ` +
        `${worst.index}, a ${className(classNames, worst.label)} read as ${className(classNames, worst.predicted)} with ${percent(worst.probability, 1)}`,
    );
  }
  const { sha256 } = report.parameters;
  if (sha256 !== null) print(`parameters sha256 ${sha256}`);
}
