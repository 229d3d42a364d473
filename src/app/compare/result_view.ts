// What a comparison comes to: a row for each engine, held against the baseline that one chooses.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ANSWER_STEPS, agreementOf, MAX_LOSS_DIFFERENCE, type Summary } from '../../evaluation/comparison.ts';
import type { CompareReport } from '../../jobs/job.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import type { EngineName } from './compare_form.ts';
import { stepsToCsv } from './comparison_csv.ts';
import { type Comparison, engineTitle, hasRun, type Row, speedText, summaryOf } from './live_comparison.ts';

export function tableView(
  comparison: Comparison,
  baseline: Row | undefined,
  report: CompareReport | undefined,
  onBaseline: (name: EngineName) => void,
): TemplateResult {
  const { rows } = comparison;
  const summaries = rows.map((row) => summaryOf(row, comparison, baseline));
  return html`
    <section class="panel compare-result" aria-labelledby="compare-table-title">
      <div class="section-head">
        <h2 id="compare-table-title">Side by side</h2>
        ${baselineView(rows, baseline, onBaseline)} ${report ? downloads(report) : nothing}
      </div>
      <div class="scroller" tabindex="0" role="region" aria-labelledby="compare-table-title">
        <table id="compare-table" class="scores">
          <thead>
            <tr>
              <th scope="col">engine</th>
              <th scope="col">a step is</th>
              <th scope="col">same answers</th>
              <th scope="col">ms a step</th>
              <th scope="col">images/s</th>
              <th scope="col">time</th>
              <th scope="col">test accuracy</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map((row, index) => tableRow(row, summaries[index], baseline))}
          </tbody>
        </table>
      </div>
      <p class="note">
        Time is that of training alone, its first slow steps included. Answers are the same if the losses of
        the first ${ANSWER_STEPS} steps are within ${difference(MAX_LOSS_DIFFERENCE)}, as the benchmark asks,
        too: a wrong engine is further off from its first steps on, while rounding has yet to grow.
      </p>
      ${differencesView(rows, summaries)}
    </section>
  `;
}

/** Only who has run can be a baseline. */
function baselineView(
  rows: readonly Row[],
  baseline: Row | undefined,
  onBaseline: (name: EngineName) => void,
): TemplateResult | typeof nothing {
  if (!baseline) return nothing;
  const change = ({ target }: Event) => onBaseline((target as HTMLSelectElement).value as EngineName);
  return html`
    <label class="compare-baseline">
      <span class="note">compared with</span>
      <select id="compare-baseline" class="compact" .value=${live(baseline.name)} @change=${change}>
        ${rows.filter(hasRun).map((row) => html`<option value=${row.name} ?selected=${row === baseline}>${engineTitle(row)}</option>`)}
      </select>
    </label>
  `;
}

function tableRow(row: Row, summary: Summary, baseline: Row | undefined): TemplateResult {
  const { info, end } = row;
  const { steps, seconds, millisecondsPerStep, imagesPerSecond, ratio, testAccuracy } = summary;
  const isBaseline = row === baseline;
  return html`
    <tr data-engine=${row.name}>
      <th scope="row">
        ${engineTitle(row)}
        ${info ? html`<p class="compare-device">${format.engine(info)}</p>` : nothing}
        <p class=${end?.failure === undefined ? 'compare-device' : 'compare-failure'}>${stateOf(row)}</p>
      </th>
      ${cell(ratio, (value) => (isBaseline ? 'the baseline' : speedText(value)), 'compare-speed')}
      ${answersCell(row, baseline)}
      ${cell(millisecondsPerStep, (value) => value.toPrecision(3))} ${cell(imagesPerSecond, format.count)}
      ${cell(steps > 0 ? seconds : null, time)} ${cell(testAccuracy, format.percent)}
    </tr>
  `;
}

function cell(value: number | null | undefined, show: (value: number) => string, name = ''): TemplateResult {
  return html`<td class=${name}>${value === null || value === undefined ? '–' : show(value)}</td>`;
}

function answersCell(row: Row, baseline: Row | undefined): TemplateResult {
  const agreement = baseline && row !== baseline ? agreementOf(row.trace, baseline.trace) : undefined;
  if (!agreement) return html`<td>–</td>`;
  const { same, difference: apart } = agreement;
  if (!same) return html`<td class="compare-wrong">no, ${difference(apart)} apart</td>`;
  return html`<td>yes, ${apart === 0 ? 'to the last bit' : `within ${difference(apart)}`}</td>`;
}

function stateOf({ info, end, trace }: Row): string {
  if (end?.failure !== undefined) return end.failure;
  if (end?.stopped) return `stopped after ${format.plural(trace.stepLosses.length, 'step')}`;
  if (end) return '';
  return info ? 'trains' : 'waits for its turn';
}

/** How far the whole trainings come apart, and why. */
function differencesView(
  rows: readonly Row[],
  summaries: readonly Summary[],
): TemplateResult | typeof nothing {
  const lines = rows.flatMap((row, i) => {
    const { difference: all } = summaries[i];
    if (!all) return [];
    const beyond = all.firstStep === null ? 'at no step' : `from step ${all.firstStep}`;
    return [
      { row, when: 'all steps', ...all, beyond },
      ...all.epochs.map(({ epoch, ...each }) => ({ row, when: `epoch ${epoch}`, ...each, beyond: '' })),
    ];
  });
  if (lines.length === 0) return nothing;
  return html`
    <details class="more">
      <summary>How far the whole trainings come apart</summary>
      <div class="scroller" tabindex="0" role="region" aria-label="Differences from the baseline">
        <table id="compare-differences" class="scores">
          <thead>
            <tr>
              <th scope="col">engine</th>
              <th scope="col">over</th>
              <th scope="col">largest difference of a loss</th>
              <th scope="col">of a parameter</th>
              <th scope="col">beyond rounding</th>
            </tr>
          </thead>
          <tbody>
            ${lines.map(
              ({ row, when, loss, parameter, beyond }) => html`
                <tr data-engine=${row.name}>
                  <th scope="row">${engineTitle(row)}</th>
                  <td>${when}</td>
                  ${cell(loss, difference)} ${cell(parameter, difference)}
                  <td>${beyond}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
      <p class="note">
        Why two correct engines differ: a float32 number keeps about seven digits, so a sum rounds differently
        when it is added in another order, and training lets such differences grow. “Beyond rounding” is the
        first step whose loss differs by more than the order of the batch’s own sum can explain: from there
        on, the parameters have moved apart.
      </p>
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
