// The scores of a network in short, and its files to take away.
import { html, nothing, type TemplateResult } from 'lit';
import { className } from '../../data/dataset.ts';
import type { ClassScores } from '../../evaluation/evaluation.ts';
import { formatNetwork } from '../../network/spec.ts';
import { judge, judged } from '../model/judge.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import { type Examined, recordOf } from './examined.ts';

/** How far the report is. */
export interface ReportState {
  readonly making: boolean;
  readonly problem?: string;
}

export function headlineView(
  examined: Examined,
  report: ReportState,
  onReport: () => void,
  onShare: () => void,
): TemplateResult {
  const { file } = examined;
  const record = recordOf(examined);
  const safetensors = file as Uint8Array<ArrayBuffer>;
  const name = fileName(examined);
  const offer = (id: string, label: string, onClick: () => void, busy = false) => html`
    <button type="button" id=${id} ?disabled=${busy} @click=${onClick}>${label}</button>
  `;
  return html`
    <div class="panel headline">
      ${score(examined)} ${facts(examined)}
      <div class="downloads" role="group" aria-label="Take it along">
        <button type="button" id="results-share" class="primary" @click=${onShare}>Share</button>
        ${offer('download-model', 'Model', () => download(`${name}.safetensors`, 'application/octet-stream', safetensors))}
        ${offer('download-report', 'Report', onReport, report.making)}
        ${offer('download-json', 'JSON', () => download(`${name}.json`, 'application/json', JSON.stringify(record, null, 2)))}
      </div>
      ${report.problem ? html`<p id="results-report-problem" class="problem" role="alert">${report.problem}</p>` : nothing}
    </div>
  `;
}

/** Without its ending. */
export function fileName({ model }: Examined): string {
  return `mnist-kernels-${formatNetwork(model.network)}-seed${model.seed ?? 0}`;
}

function score({ evaluation: { accuracy, interval }, holdOut }: Examined): TemplateResult {
  return html`
    <div>
      <p class="accuracy"><span id="results-accuracy">${format.percent(accuracy)}</span></p>
      <p class="note">
        ${judge(holdOut)} accuracy, 95 % interval <span id="interval">${format.percent(interval.low)} to
        ${format.percent(interval.high)}</span>
      </p>
      ${holdOut ? html`<p class="note">Of the last ${format.count(holdOut)} training images, held out of the training: the test set stays unseen.</p>` : nothing}
    </div>
  `;
}

function facts(examined: Examined): TemplateResult {
  const { subject, model, evaluation, shape, holdOut } = examined;
  const { loss, correct, samples } = evaluation;
  const record = recordOf(examined);
  const timed = subject.run?.report;
  const trainedOn = model.dataset.name;
  return html`
    <dl class="facts">
      <div><dt>${judged(holdOut, 'loss')}</dt><dd id="test-loss">${Number.isFinite(loss) ? format.loss(loss) : 'not finite'}</dd></div>
      <div><dt>Mistakes</dt><dd>${format.count(samples - correct)} of ${format.count(samples)}</dd></div>
      <div><dt>Network</dt><dd>${formatNetwork(model.network)}</dd></div>
      ${record ? html`<div><dt>Epochs</dt><dd>${record.keptEpoch}${record.stopped ? ` of ${record.recipe.epochs}, stopped` : nothing}</dd></div>` : nothing}
      ${timed ? html`<div><dt>Time</dt><dd>${format.duration(timed.seconds)}</dd></div><div><dt>Engine</dt><dd>${format.engine(timed.environment)}</dd></div>` : html`<div><dt>Seed</dt><dd>${model.seed}</dd></div>`}
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
