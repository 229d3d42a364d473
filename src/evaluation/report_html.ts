// The report of a run as one HTML page that needs nothing else: no script, no request, images as data URLs.

import { className, type Dataset } from '../data/dataset.ts';
import type { Activation } from '../network/activation.ts';
import { formatDistortion } from '../network/distortion.ts';
import type { Parameters } from '../network/initialisation.ts';
import type { Optimizer, Recipe, Schedule } from '../network/recipe.ts';
import { countParameters, formatNetwork, type NetworkSpec } from '../network/spec.ts';
import { count, plural } from '../plural.ts';
import type { TrainingRecord, TrainReport } from '../training/report.ts';
import { calibrationMarkup } from './calibration_html.ts';
import { classTable, confusionMap } from './confusion_html.ts';
import type { Evaluation, Mistake } from './evaluation.ts';
import { firstLayerMarkup } from './first_layer_html.ts';
import { htmlDocument } from './html_document.ts';
import { type Markup, markup } from './markup.ts';
import { unbrokenPercent } from './percent.ts';
import { greyPngUrl } from './png.ts';
import { curves } from './training_curves.ts';

/** A trained network with how it was trained, or without it where another program did that. */
export type ReportedModel = { readonly network: NetworkSpec; readonly parameters: Parameters } & (
  | { readonly recipe: Recipe; readonly seed: number }
  | { readonly recipe?: undefined; readonly source: string; readonly activation: Activation }
);

export interface ReportOptions {
  readonly title: string;
  /** What was evaluated; the mistakes' images are those of its test set, and classes have its names. */
  readonly dataset: Dataset;
  readonly model: ReportedModel;
  readonly evaluation: Evaluation;
  /** What the images are called that it was evaluated on: "test", unless told otherwise. */
  readonly judgedBy?: 'test' | 'held-out';
  /**
   * The training's report, if there was one; without it there are no curves. A model's file keeps one without
   * times.
   */
  readonly report?: TrainReport | TrainingRecord;
}

/** @returns a whole HTML document */
export function renderReport(options: ReportOptions): string {
  const { title, dataset, evaluation, report, judgedBy = 'test' } = options;
  const content = markup`${summary(options)}
${report ? curves(report, judgedBy) : undefined}
${confusionMap(evaluation, dataset)}
${classTable(evaluation, dataset)}
<section><h2>Calibration</h2>
${calibrationMarkup(evaluation.calibration)}</section>
${gallery(evaluation, dataset, judgedBy)}
${firstLayerMarkup(options.model, dataset, dataset.classNames)}`;
  return htmlDocument(title, headline(evaluation, dataset, judgedBy), content);
}

function headline(
  { accuracy, interval, loss, samples, correct }: Evaluation,
  { name }: Dataset,
  judgedBy: string,
): Markup {
  const mistakes = samples - correct;
  return markup`<p class="headline"><strong>${unbrokenPercent(accuracy)}</strong> <span>of ${count(samples)} ${judgedBy} images of
${name} are classified correctly: ${plural(mistakes, 'mistake')}, mean loss ${decimal(loss, 4)}.<br>
<small>95 % interval ${unbrokenPercent(interval.low)} to ${unbrokenPercent(interval.high)} (Wilson)</small></span></p>`;
}

type Fact = readonly [term: string, value: string];

function summary({ dataset, model, report, judgedBy = 'test' }: ReportOptions): Markup {
  return markup`<section class="facts">
${factList('Model', modelFacts(dataset, model, judgedBy))}
${model.recipe ? factList('Recipe', recipeFacts(model.recipe)) : undefined}
${report ? factList('Run', runFacts(report)) : undefined}
</section>`;
}

function factList(heading: string, facts: readonly Fact[]): Markup {
  return markup`<div><h2>${heading}</h2>
<dl>${facts.map(([term, value]) => markup`<dt>${term}</dt><dd>${value}</dd>`)}</dl></div>`;
}

function modelFacts(dataset: Dataset, model: ReportedModel, judgedBy: string): Fact[] {
  const { network } = model;
  const origin: Fact[] = model.recipe
    ? [['seed', String(model.seed)]]
    : [
        ['activation', model.activation],
        ['source', model.source],
      ];
  return [
    ['network', formatNetwork(network)],
    ['parameters', count(countParameters(network))],
    ...origin,
    ['data', dataset.name],
    ['images', `${dataset.width}×${dataset.height}, ${dataset.classes} classes`],
    [`train / ${judgedBy}`, `${count(dataset.train.count)} / ${count(dataset.test.count)}`],
  ];
}

function recipeFacts(recipe: Recipe): Fact[] {
  return [
    ['recipe', recipe.name],
    ['epochs × batch', `${recipe.epochs} × ${recipe.batch}`],
    ['optimizer', describeOptimizer(recipe.optimizer)],
    ['learning rate', `${recipe.learningRate}, ${describeSchedule(recipe.schedule)}`],
    ['initialisation', recipe.initialisation],
    ['dropout', String(recipe.dropout)],
    ['label smoothing', String(recipe.labelSmoothing)],
    ['distortion', formatDistortion(recipe.distortion).replaceAll(',', ', ')],
  ];
}

function describeOptimizer(optimizer: Optimizer): string {
  const decay = optimizer.weightDecay > 0 ? `, weight decay ${optimizer.weightDecay}` : '';
  return optimizer.kind === 'sgd'
    ? `SGD, momentum ${optimizer.momentum}${decay}`
    : `AdamW${optimizer.nesterov ? ' with Nesterov’s momentum' : ''}, β ${optimizer.beta1} and ${optimizer.beta2}${decay}`;
}

function describeSchedule(schedule: Schedule): string {
  return schedule.kind === 'one-cycle' ? `one-cycle, warm-up ${schedule.warmup}` : schedule.kind;
}

function isTimed(report: TrainReport | TrainingRecord): report is TrainReport {
  return 'environment' in report;
}

function runFacts(report: TrainReport | TrainingRecord): Fact[] {
  const { builds, stopped, keptEpoch, parameters } = report;
  return [
    ...(builds ? [['build', builds.join(', then ')] as const] : []),
    ...(isTimed(report) ? timedFacts(report) : []),
    ...(stopped ? [['stopped', `epoch ${keptEpoch} kept`] as const] : []),
    ...(parameters.sha256 === null ? [] : [['SHA-256', `${parameters.sha256.slice(0, 12)}…`] as const]),
  ];
}

function timedFacts({ environment, seconds, epochs }: TrainReport): Fact[] {
  const { backend, adapter, threads, simd, runtime } = environment;
  const speed = epochs.length > 0 ? Math.max(...epochs.map((epoch) => epoch.imagesPerSecond)) : 0;
  return [
    ['engine', backend],
    ['adapter', adapter],
    ['threads', String(threads)],
    ['vectors', simd],
    ['runtime', runtime],
    ['time', `${decimal(seconds, seconds < 100 ? 1 : 0)} s`],
    ['best epoch', `${count(speed)} images/s`],
  ];
}

function gallery({ mistakes, samples, correct }: Evaluation, dataset: Dataset, judgedBy: string): Markup {
  const all = samples - correct;
  if (mistakes.length === 0) return markup`<section><h2>Mistakes</h2><p>None.</p></section>`;
  return markup`<section><h2>Mistakes</h2>
<p>${mistakes.length === all ? `All ${count(all)}` : `The ${mistakes.length} most confident of ${count(all)}`}:
true class → predicted class, and the probability it was given.</p>
<div class="gallery">${mistakes.map((mistake) => mistakeFigure(mistake, dataset, judgedBy))}</div></section>`;
}

function mistakeFigure(
  { index, label, predicted, probability, probabilities }: Mistake,
  dataset: Dataset,
  judgedBy: string,
): Markup {
  const { width, height, test } = dataset;
  const name = (index: number) => className(dataset.classNames, index);
  const size = width * height;
  const url = greyPngUrl(width, height, test.images.subarray(index * size, (index + 1) * size));
  const runnersUp = probabilities
    .map((share, predictedClass) => ({ share, predictedClass }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 3)
    .map(({ share, predictedClass }) => `${name(predictedClass)}: ${unbrokenPercent(share)}`);
  return markup`<figure title="${judgedBy} image ${index}; ${runnersUp.join(', ')}">
<div class="frame"><img src="${url}" width="${width}" height="${height}" alt="${name(label)} taken for ${name(predicted)}"></div>
<figcaption><b>${name(label)} → ${name(predicted)}</b><small>${unbrokenPercent(probability, 1)}</small></figcaption>
</figure>`;
}

/** A loss read back from JSON is null where it was not finite. */
function decimal(value: number | null, digits: number): string {
  return value !== null && Number.isFinite(value) ? value.toFixed(digits) : 'not finite';
}
