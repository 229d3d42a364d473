// The scores of a run in short, and its files to take away.
import { html, nothing, type TemplateResult } from 'lit';
import { className } from '../../data/dataset.ts';
import type { ClassScores, Evaluation } from '../../evaluation/evaluation.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import type { ExaminedRun } from './examined_run.ts';

/** How far the report is. */
export interface ReportState {
  readonly making: boolean;
  readonly problem?: string;
}

export function headlineView(
  examined: ExaminedRun,
  report: ReportState,
  onReport: () => void,
): TemplateResult {
  const { run, file, evaluation } = examined;
  const safetensors = file as Uint8Array<ArrayBuffer>;
  const name = fileName(examined);
  const offer = (id: string, label: string, onClick: () => void, busy = false) => html`
    <button type="button" id=${id} ?disabled=${busy} @click=${onClick}>${label}</button>
  `;
  return html`
    <div class="panel headline">
      ${score(evaluation)} ${facts(examined)}
      <div class="downloads" role="group" aria-label="Download">
        ${offer('download-model', 'Model', () => download(`${name}.safetensors`, 'application/octet-stream', safetensors))}
        ${offer('download-report', 'Report', onReport, report.making)}
        ${offer('download-json', 'JSON', () => download(`${name}.json`, 'application/json', JSON.stringify(run.report, null, 2)))}
      </div>
      ${report.problem ? html`<p id="results-report-problem" class="problem" role="alert">${report.problem}</p>` : nothing}
    </div>
  `;
}

/** Without its ending. */
export function fileName({ run: { report } }: ExaminedRun): string {
  return `mnist-kernels-${report.network}-seed${report.seed}`;
}

function score({ accuracy, interval }: Evaluation): TemplateResult {
  return html`
    <div>
      <p class="accuracy"><span id="results-accuracy">${format.percent(accuracy)}</span></p>
      <p class="note">
        test accuracy, 95 % interval <span id="interval">${format.percent(interval.low)} to
        ${format.percent(interval.high)}</span>
      </p>
    </div>
  `;
}

function facts({ run: { report }, evaluation, shape }: ExaminedRun): TemplateResult {
  const { loss, correct, samples } = evaluation;
  const trainedOn = report.dataset.name;
  return html`
    <dl class="facts">
      <div><dt>Test loss</dt><dd id="test-loss">${Number.isFinite(loss) ? format.loss(loss) : 'not finite'}</dd></div>
      <div><dt>Mistakes</dt><dd>${format.count(samples - correct)} of ${format.count(samples)}</dd></div>
      <div><dt>Network</dt><dd>${report.network}</dd></div>
      <div><dt>Epochs</dt><dd>${report.keptEpoch}${report.stopped ? ` of ${report.recipe.epochs}, stopped` : nothing}</dd></div>
      <div><dt>Time</dt><dd>${format.duration(report.seconds)}</dd></div>
      <div><dt>Engine</dt><dd>${format.engine(report.environment)}</dd></div>
      ${trainedOn === shape.name ? nothing : html`<div><dt>Trained on</dt><dd>${trainedOn}</dd></div><div><dt>Tested on</dt><dd>${shape.name}</dd></div>`}
    </dl>
  `;
}

export function classTable(
  scores: readonly ClassScores[],
  names: readonly string[] | undefined,
): TemplateResult {
  return html`
    <div class="panel">
      <h3 id="classes-title">Classes</h3>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="classes-title">
        <table id="classes" class="scores">
          <thead>
            <tr>
              <th scope="col">class</th>
              <th scope="col">precision</th>
              <th scope="col">recall</th>
              <th scope="col">F1</th>
              <th scope="col">images</th>
            </tr>
          </thead>
          <tbody>
            ${scores.map((each, label) => classRow(each, className(names, label)))}
          </tbody>
        </table>
      </div>
    </div>
  `;
}

function classRow({ precision, recall, f1, support }: ClassScores, name: string): TemplateResult {
  return html`
    <tr>
      <th scope="row">${name}</th>
      <td>${format.percent(precision, 1)}</td>
      <td>${format.percent(recall, 1)}</td>
      <td>${format.percent(f1, 1)}</td>
      <td>${format.count(support)}</td>
    </tr>
  `;
}
