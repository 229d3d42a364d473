// What the last training reached: the scores, the confusion matrix, the classes and the most confident mistakes.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { ClassScores, Evaluation } from '../../evaluation/evaluation.ts';
import { download } from '../download.ts';
import type { TrainedRun } from '../engine_worker.ts';
import * as format from '../format.ts';
import { engineTitle, type Page } from '../page.ts';
import { confusionView } from './confusion_view.ts';

export function resultsView(page: Page): TemplateResult {
  const { run } = page.state;
  if (!run) {
    return html`
      <section id="results" class="results empty" aria-label="Results">
        <p class="note">Accuracy, confusion matrix and mistakes appear here after a training.</p>
      </section>
    `;
  }
  return html`
    <section id="results" class=${page.busy ? 'results stale' : 'results'} aria-labelledby="results-title">
      <h2 id="results-title">${page.busy ? 'Results of the last training' : 'Results'}</h2>
      ${guard([run], () => runView(run))}
    </section>
  `;
}

function runView(run: TrainedRun): TemplateResult {
  const { evaluation } = run;
  return html`
    ${headline(run)}
    <div class="tables">
      ${confusionView(evaluation)} ${classTable(evaluation.perClass)}
    </div>
    ${mistakesView(run)}
  `;
}

function headline({ report, evaluation, model, html: page }: TrainedRun): TemplateResult {
  const { accuracy, interval, loss, correct, samples } = evaluation;
  const file = `mnist-kernels-${report.network}-seed${report.seed}`;
  const offer = (id: string, label: string, extension: string, type: string, content: () => BlobPart) => html`
    <button type="button" id=${id} @click=${() => download(`${file}.${extension}`, type, content())}>${label}</button>
  `;
  return html`
    <div class="panel headline">
      <div class="score">
        <p class="accuracy"><span id="accuracy">${format.percent(accuracy)}</span></p>
        <p class="note">
          test accuracy, 95 % interval <span id="interval">${format.percent(interval.low)} to ${format.percent(interval.high)}</span>
        </p>
      </div>
      <dl class="facts">
        <div><dt>Test loss</dt><dd id="test-loss">${format.loss(loss)}</dd></div>
        <div><dt>Mistakes</dt><dd>${format.count(samples - correct)} of ${format.count(samples)}</dd></div>
        <div><dt>Network</dt><dd>${report.network}</dd></div>
        <div><dt>Epochs</dt><dd>${report.keptEpoch}${report.stopped ? ` of ${report.recipe.epochs}, stopped` : nothing}</dd></div>
        <div><dt>Time</dt><dd>${format.duration(report.seconds)}</dd></div>
        <div><dt>Engine</dt><dd id="ran-on">${engineTitle(report.environment)}</dd></div>
      </dl>
      <div class="downloads" role="group" aria-label="Download">
        ${offer('download-model', 'Model', 'safetensors', 'application/octet-stream', () => model as Uint8Array<ArrayBuffer>)}
        ${offer('download-report', 'Report', 'html', 'text/html', () => page)}
        ${offer('download-json', 'JSON', 'json', 'application/json', () => JSON.stringify(report, null, 2))}
      </div>
    </div>
  `;
}

function classTable(scores: Evaluation['perClass']): TemplateResult {
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
            ${scores.map(classRow)}
          </tbody>
        </table>
      </div>
    </div>
  `;
}

function classRow({ precision, recall, f1, support }: ClassScores, label: number): TemplateResult {
  return html`
    <tr>
      <th scope="row">${label}</th>
      <td>${format.percent(precision, 1)}</td>
      <td>${format.percent(recall, 1)}</td>
      <td>${format.percent(f1, 1)}</td>
      <td>${format.count(support)}</td>
    </tr>
  `;
}

function mistakesView({ evaluation, mistakeImages }: TrainedRun): TemplateResult {
  const { mistakes } = evaluation;
  return html`
    <div class="panel">
      <h3>Most confident mistakes</h3>
      ${mistakes.length === 0 ? html`<p class="note">None: every test image was recognised.</p>` : nothing}
      <ul id="mistakes" class="mistakes">
        ${mistakes.map(
          ({ index, label, predicted, probability, probabilities }, i) => html`
            <li
              class="mistake"
              title=${`Test image ${index}: a ${label} (${format.percent(probabilities[label], 1)}), taken for a ${predicted} (${format.percent(probability, 1)})`}
            >
              <digit-image .digit=${mistakeImages[i]} role="img" aria-label=${`Test image ${index}`}></digit-image>
              <p><span class="visually-hidden">is</span> ${label} <span class="arrow" aria-label="taken for">→</span> <strong>${predicted}</strong></p>
              <p class="note">${format.percent(probability, 1)}</p>
            </li>
          `,
        )}
      </ul>
    </div>
  `;
}
