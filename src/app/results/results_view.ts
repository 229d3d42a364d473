// What a training reached: the scores, the confusion matrix, the classes and the most confident mistakes.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { messageOf } from '../../errors.ts';
import type { ClassScores, Evaluation } from '../../evaluation/evaluation.ts';
import type { KeptRun } from '../kept_runs.ts';
import '../parts/digit_image.ts';
import type { Digit } from '../parts/digit_image.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import { engineTitle } from '../session.ts';
import { View } from '../view.ts';
import type { Examination } from '../worker/engine_worker.ts';
import { confusionView } from './confusion_view.ts';

/** A run, and what its model makes of the test images. */
interface Shown {
  readonly run: KeptRun;
  readonly model: Uint8Array;
  readonly examination: Examination;
  /** The images of the mistakes, in their order. */
  readonly mistakes: readonly Digit[];
}

class ResultsView extends View {
  readonly name = 'results';
  private shown: Shown | undefined;
  /** Of the run that is looked at, or could not be. */
  private runId: string | undefined;
  private problem: string | undefined;

  override willUpdate(): void {
    const { run, kept, loading } = this.session.state;
    const id = this.params.get('run') ?? run?.id ?? kept[0]?.id;
    if (id === undefined || id === this.runId || loading) return;
    const found = run?.id === id ? run : kept.find((each) => each.id === id);
    if (!found) return;
    this.runId = id;
    void this.examine(found);
  }

  override render(): TemplateResult {
    const { shown, problem } = this;
    if (problem) return html`<p class="problem" role="alert">${problem}</p>`;
    if (!shown) {
      const waiting = this.runId !== undefined;
      return html`
        <section class="results empty" aria-label="Results">
          <p class="note" role="status">
            ${waiting ? 'Looking at the test images …' : html`Accuracy, confusion matrix and mistakes appear here after a <a href="#/train">training</a>.`}
          </p>
        </section>
      `;
    }
    const { evaluation } = shown.examination;
    return html`
      <section id="results" class="results" aria-labelledby="results-title">
        <h2 id="results-title">${shown.run.name}</h2>
        ${guard([shown], () => [
          headline(shown, () => this.report(shown)),
          html`<div class="tables">${confusionView(evaluation)} ${classTable(evaluation.perClass)}</div>`,
          mistakesView(evaluation, shown.mistakes),
        ])}
      </section>
    `;
  }

  private async examine(run: KeptRun): Promise<void> {
    this.shown = undefined;
    this.problem = undefined;
    try {
      const model = await this.session.modelOf(run.id);
      const examination = await this.session.ask((remote) => remote.examine(model));
      const indices = examination.evaluation.mistakes.map(({ index }) => index);
      const mistakes = await this.session.ask((remote) => remote.images('test', indices));
      if (run.id === this.runId) this.shown = { run, model, examination, mistakes };
    } catch (error) {
      if (run.id === this.runId) this.problem = `${run.name} cannot be shown: ${messageOf(error)}.`;
    }
    this.requestUpdate();
  }

  private async report({ run, model }: Shown): Promise<void> {
    const page = await this.session.ask((remote) => remote.report(model, run.report));
    download(`${fileOf(run)}.html`, 'text/html', page);
  }
}

customElements.define('results-view', ResultsView);

const fileOf = ({ report }: KeptRun) => `mnist-kernels-${report.network}-seed${report.seed}`;

function headline({ run, model, examination }: Shown, onReport: () => void): TemplateResult {
  const { report } = run;
  const { accuracy, interval, loss, correct, samples } = examination.evaluation;
  const offer = (id: string, label: string, onClick: () => void) => html`
    <button type="button" id=${id} @click=${onClick}>${label}</button>
  `;
  const file = fileOf(run);
  const safetensors = model as Uint8Array<ArrayBuffer>;
  return html`
    <div class="panel headline">
      <div class="score">
        <p class="accuracy"><span id="results-accuracy">${format.percent(accuracy)}</span></p>
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
        <div><dt>Engine</dt><dd>${engineTitle(report.environment)}</dd></div>
      </dl>
      <div class="downloads" role="group" aria-label="Download">
        ${offer('download-model', 'Model', () => download(`${file}.safetensors`, 'application/octet-stream', safetensors))}
        ${offer('download-report', 'Report', onReport)}
        ${offer('download-json', 'JSON', () => download(`${file}.json`, 'application/json', JSON.stringify(report, null, 2)))}
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

function mistakesView({ mistakes }: Evaluation, images: readonly Digit[]): TemplateResult {
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
              <digit-image .digit=${images[i]} role="img" aria-label=${`Test image ${index}`}></digit-image>
              <p><span class="visually-hidden">is</span> ${label} <span class="arrow" aria-label="taken for">→</span> <strong>${predicted}</strong></p>
              <p class="note">${format.percent(probability, 1)}</p>
            </li>
          `,
        )}
      </ul>
    </div>
  `;
}
