// What a comparison shows: the curves as they grow, and a row of facts for each engine.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { lossDifferences, orderBound, type Summary } from '../../evaluation/comparison.ts';
import type { CompareReport } from '../../jobs/job.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import type { ChartOptions } from '../parts/line_chart.ts';
import type { Series } from '../parts/series.ts';
import { ENGINES, type EngineName } from './compare_form.ts';
import { stepsToCsv } from './comparison_csv.ts';
import { type Comparison, type Row, referenceOf, stepsOf, summaryOf } from './live_comparison.ts';

const CHARTS = {
  steps: { label: 'Training loss by step', xTitle: 'step', log: true },
  seconds: { label: 'Training loss by seconds of training', xTitle: 'seconds', log: true },
  difference: {
    label: 'Difference of the loss to the first engine by step',
    xTitle: 'step',
    log: true,
    format: difference,
  },
} as const satisfies { readonly [name: string]: ChartOptions };

/** Lines lie on one another where engines agree: the first is the widest. */
const WIDTHS = [4, 2.5, 1.5, 1.25, 1];

export function chartsView(comparison: Comparison | undefined): TemplateResult {
  const rows = comparison?.rows ?? [];
  const grown = rows.flatMap(({ trace, end }) => [trace.stepLosses.length, end]);
  return html`
    ${guard([comparison?.job, ...grown], () => {
      const xEnd = comparison && stepsOf(comparison);
      const lines = rows.map(({ name, trace: { stepLosses } }, index) => ({
        name,
        colour: ENGINES[name as EngineName].colour,
        width: WIDTHS[index],
        x: stepLosses.map((_, step) => step + 1),
        y: stepLosses,
      }));
      const overTime = lines.map((line, i) => ({ ...line, width: undefined, x: rows[i].trace.stepSeconds }));
      return html`
        <div class="charts">
          ${chart('steps', 'Training loss', 'by step', lines, xEnd)} ${chart('seconds', 'Training loss', 'by seconds of training', overTime)}
        </div>
        <div class="charts compare-wide">
          ${chart('difference', 'Difference of the loss', 'to the first engine, by step', comparison ? differences(comparison) : [], xEnd)}
        </div>
      `;
    })}
  `;
}

function chart(
  name: keyof typeof CHARTS,
  title: string,
  aside: string,
  series: readonly Series[],
  xEnd?: number,
): TemplateResult {
  return html`
    <figure class="chart" id=${`compare-chart-${name}`}>
      <figcaption>${title} <span class="aside">${aside}</span></figcaption>
      <line-chart .options=${{ ...CHARTS[name], xEnd }} .series=${series}></line-chart>
    </figure>
  `;
}

/** Each engine's differences from the reference, and what the order of one sum explains. */
function differences(comparison: Comparison): Series[] {
  const reference = referenceOf(comparison);
  if (!reference) return [];
  const { stepLosses } = reference.trace;
  const x = stepLosses.map((_, step) => step + 1);
  const bound = orderBound(comparison.job.recipe.batch);
  return [
    ...comparison.rows
      .filter((row) => row !== reference)
      .map(({ name, trace }) => {
        const y = lossDifferences(trace, reference.trace);
        return { name, colour: ENGINES[name as EngineName].colour, x: x.slice(0, y.length), y };
      }),
    {
      name: 'rounding of one sum',
      colour: '--muted',
      width: 1,
      x,
      y: stepLosses.map((loss) => bound * loss),
    },
  ];
}

export function tableView(comparison: Comparison, report: CompareReport | undefined): TemplateResult {
  const summaries = comparison.rows.map((row) => summaryOf(row, comparison));
  const reference = referenceOf(comparison);
  return html`
    <div class="panel compare-result">
      <div class="section-head">
        <h2 id="compare-table-title">Side by side</h2>
        ${report ? downloads(report) : nothing}
      </div>
      <div class="scroller" tabindex="0" role="region" aria-labelledby="compare-table-title">
        <table id="compare-table" class="scores">
          <thead>
            <tr>
              <th scope="col" rowspan="2">engine</th>
              <th scope="col" rowspan="2" class="compare-device">device</th>
              <th scope="col" rowspan="2">ms a step</th>
              <th scope="col" rowspan="2">images/s</th>
              <th scope="col" rowspan="2">ratio</th>
              <th scope="col" rowspan="2">time</th>
              <th scope="col" rowspan="2">test accuracy</th>
              <th scope="colgroup" colspan="3" class="compare-group">difference to the first</th>
            </tr>
            <tr>
              <th scope="col">largest of loss</th>
              <th scope="col">of parameters</th>
              <th scope="col">beyond rounding</th>
            </tr>
          </thead>
          <tbody>
            ${comparison.rows.map((row, index) => tableRow(row, summaries[index], row === reference))}
          </tbody>
        </table>
      </div>
      ${epochsView(comparison.rows, summaries)}
      <p class="note">
        Time is that of training alone, its first slow steps included; ratio is the time of a step, that of
        the first engine being 1.
      </p>
      <p class="note">
        Why two correct engines differ: a float32 number keeps about seven digits, so a sum rounds differently
        when it is added in another order, and training lets such differences grow. “Beyond rounding” is the
        first step whose loss differs by more than the order of the batch’s own sum can explain: from there
        on, the parameters have moved apart.
      </p>
    </div>
  `;
}

function tableRow(row: Row, summary: Summary, isReference: boolean): TemplateResult {
  const { name, info, end } = row;
  const { steps, seconds, millisecondsPerStep, imagesPerSecond, ratio, testAccuracy } = summary;
  const { loss, parameter, firstStep } = summary.difference ?? {};
  const cell = (value: number | null | undefined, show: (value: number) => string) =>
    html`<td>${value === null || value === undefined ? '–' : show(value)}</td>`;
  const beyond = firstStep === null ? 'at no step' : `from step ${firstStep}`;
  return html`
    <tr data-engine=${name}>
      <th scope="row">${ENGINES[name as EngineName].title}</th>
      <td class="compare-device">
        ${info ? html`<p>${format.engine(info)}</p>` : nothing}
        <p class=${end?.failure === undefined ? 'note' : 'compare-failure'}>${stateOf(row)}</p>
      </td>
      ${cell(millisecondsPerStep, (value) => value.toPrecision(3))} ${cell(imagesPerSecond, format.count)}
      ${cell(ratio, (value) => (isReference ? '1' : value.toPrecision(3)))} ${cell(steps > 0 ? seconds : null, time)}
      ${cell(testAccuracy, format.percent)} ${cell(loss, difference)} ${cell(parameter, difference)}
      <td>${summary.difference ? beyond : '–'}</td>
    </tr>
  `;
}

function stateOf({ info, end, trace }: Row): string {
  if (end?.failure !== undefined) return end.failure;
  if (end?.stopped) return `stopped after ${format.plural(trace.stepLosses.length, 'step')}`;
  if (end) return '';
  return info ? 'trains' : 'waits for its turn';
}

function epochsView(rows: readonly Row[], summaries: readonly Summary[]): TemplateResult | typeof nothing {
  const lines = rows.flatMap(({ name }, i) =>
    (summaries[i].difference?.epochs ?? []).map((epoch) => ({ name, ...epoch })),
  );
  if (lines.length === 0) return nothing;
  return html`
    <details class="more">
      <summary>Differences epoch by epoch</summary>
      <table id="compare-epochs" class="scores">
        <thead>
          <tr>
            <th scope="col">engine</th>
            <th scope="col">epoch</th>
            <th scope="col">largest of its losses</th>
            <th scope="col">largest of the parameters after it</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map(
            ({ name, epoch, loss, parameter }) => html`
              <tr>
                <th scope="row">${ENGINES[name as EngineName].title}</th>
                <td>${epoch}</td>
                <td>${difference(loss)}</td>
                <td>${parameter === null ? '–' : difference(parameter)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </details>
  `;
}

function downloads(report: CompareReport): TemplateResult {
  const file = `mnist-kernels-compare-${report.network}-seed${report.seed}`;
  return html`
    <div class="downloads beside" role="group" aria-label="Download">
      <button type="button" id="compare-csv" @click=${() => download(`${file}.csv`, 'text/csv', stepsToCsv(report.entrants))}>CSV</button>
      <button type="button" id="compare-json" @click=${() => download(`${file}.json`, 'application/json', JSON.stringify(report))}>JSON</button>
    </div>
  `;
}

/** The duration of a race that may be over in no time. */
const time = (seconds: number) =>
  seconds < 0.95 ? `${Math.round(1000 * seconds)}\u00a0ms` : format.duration(seconds);

function difference(value: number): string {
  return format.roughly(value, 2);
}
