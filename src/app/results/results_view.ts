// What a training reached: the scores, the confusion matrix, the mistakes, the calibration and the first
// layer.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { live } from 'lit/directives/live.js';
import { messageOf } from '../../errors.ts';
import { type Answer, byConfidence } from '../../evaluation/evaluation.ts';
import type { DatasetShape } from '../model/form.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import type { KeptRun } from '../storage/kept_runs.ts';
import { View } from '../view.ts';
import { calibrationView } from './calibration_view.ts';
import { type Cell, confusionView, describeCell } from './confusion_view.ts';
import { type ExaminedRun, examineRun, OtherData } from './examined_run.ts';
import { classTable, fileName, headlineView, type ReportState } from './headline_view.ts';
import './image_gallery.ts';
import '../../evaluation/parts.css';
import './results.css';
import { UNITS_PAGE, unitsView } from './units_view.ts';

/** What is looked at, or was tried to be. */
interface Asked {
  readonly run: KeptRun;
  readonly shape: DatasetShape;
}

/** The images that are listed. */
interface Selection {
  readonly examined: ExaminedRun;
  /** As the address has it. */
  readonly text: string | null;
  readonly cell: Cell | undefined;
  /** Those of the cell, or without one the mistakes. */
  readonly answers: readonly Answer[];
}

/** Its address: `run`, the id of a kept run; `cell`, such as 4-9; `image`, an index of the test images. */
class ResultsView extends View {
  static override properties = { ...View.properties, hidden: { type: Boolean } };

  readonly name = 'results';
  declare hidden: boolean;
  private asked: Asked | undefined;
  private examined: ExaminedRun | undefined;
  /** Why what was asked cannot be shown. */
  private problem: { readonly message: string; readonly otherData: boolean } | undefined;
  private report: ReportState = { making: false };
  private unitsShown = UNITS_PAGE;
  private selection: Selection | undefined;

  /** A view that nobody looks at need not examine every run of a long series. */
  override shouldUpdate(): boolean {
    return !this.hidden;
  }

  override willUpdate(): void {
    const { loading, shape } = this.session.state;
    const run = this.chosenRun();
    if (run && !loading && (run.id !== this.asked?.run.id || shape !== this.asked.shape)) {
      void this.examine({ run, shape });
    }
    if (this.examined) this.selection = this.select(this.examined);
  }

  override render(): TemplateResult {
    const run = this.chosenRun();
    if (!run && !this.session.state.loading) {
      return html`
        <section class="results empty" aria-label="Results">
          <p class="note">Accuracy, confusion matrix and mistakes appear here after a <a href="#/train">training</a>.</p>
        </section>
      `;
    }
    return html`
      <section id="results" class="results" aria-labelledby="results-title">
        ${this.head(run)} ${this.body()}
      </section>
    `;
  }

  private head(run: KeptRun | undefined): TemplateResult {
    const gone = run && this.params.has('run') && this.params.get('run') !== run.id;
    return html`
      <div class="results-head">
        <h2 id="results-title">Results</h2>
        ${run ? this.picker(run) : nothing}
      </div>
      ${gone ? html`<p id="results-gone" class="note" role="status">The run of this address is not kept in this browser any more; this is the newest one.</p>` : nothing}
    `;
  }

  private picker(run: KeptRun): TemplateResult {
    return html`
      <label for="results-run" class="visually-hidden">Run</label>
      <select
        id="results-run"
        @change=${(event: Event) => this.change({ run: (event.target as HTMLSelectElement).value, image: undefined })}
      >
        ${this.runs().map(
          ({ id, name, report, created }) => html`
            <option value=${id} .selected=${live(id === run.id)}>${name}: ${format.percent(report.test.accuracy)} (${format.dateAndTime(created)})</option>
          `,
        )}
      </select>
    `;
  }

  private body(): TemplateResult {
    const { asked, examined, problem, selection } = this;
    if (problem) return this.problemView(problem);
    if (!examined || !selection) return html`<p class="note" role="status">Looking at the test images …</p>`;
    const stale = examined.run.id !== asked?.run.id || examined.shape !== asked.shape;
    return html`<div class=${stale ? 'results stale' : 'results'} aria-busy=${stale ? 'true' : 'false'} ?inert=${stale}>${this.parts(selection)}</div>`;
  }

  private parts({ examined, cell, answers }: Selection): TemplateResult {
    const { evaluation, calibration, classNames } = examined;
    return html`
      ${headlineView(examined, this.report, () => void this.makeReport(examined))}
      <div class="tables">
        ${guard([examined, cell], () => confusionView(evaluation, classNames, cell, (chosen) => void this.toggle(chosen)))}
        ${guard([examined], () => classTable(evaluation.perClass, classNames))}
      </div>
      ${this.galleryPanel(examined, cell, answers)}
      <div class="tables">
        ${guard([examined], () => calibrationView(calibration))}
        ${unitsView(examined, this.unitsShown, () => {
          this.unitsShown += UNITS_PAGE;
          this.requestUpdate();
        })}
      </div>
    `;
  }

  private problemView({ message, otherData }: { message: string; otherData: boolean }): TemplateResult {
    return html`
      <p id="results-problem" class="problem" role="alert">
        ${message}.
        ${otherData ? html`<a href="#/train">Go to Train</a>` : html`<button type="button" class="link" @click=${this.retry}>Try again</button>`}
      </p>
    `;
  }

  private galleryPanel(
    { logits, evaluation, classNames }: ExaminedRun,
    cell: Cell | undefined,
    answers: readonly Answer[],
  ): TemplateResult {
    const image = this.params.get('image');
    const title = cell
      ? describeCell(cell, answers.length, classNames)
      : format.plural(answers.length, 'mistake');
    return html`
      <div class="panel">
        <div class="section-head">
          <h3 id="results-gallery-title" tabindex="-1" aria-live="polite">${title} <span class="aside">the most confident first</span></h3>
          ${cell ? html`<button type="button" id="results-all-mistakes" class="link" @click=${() => this.showMistakes()}>All mistakes</button>` : nothing}
        </div>
        ${
          answers.length === 0
            ? html`<p class="note">${cell ? 'There are none.' : 'Every test image was recognised.'}</p>`
            : html`
              <image-gallery
                .session=${this.session}
                .answers=${answers}
                .logits=${logits}
                .classes=${evaluation.classes}
                .classNames=${classNames}
                .chosen=${image === null ? undefined : Number(image)}
                .listId=${cell ? 'results-cell-images' : 'mistakes'}
                @choose=${({ detail }: CustomEvent<number>) => this.change({ image: String(detail) })}
              ></image-gallery>
            `
        }
      </div>
    `;
  }

  /** The newest first; the last one may not have been kept. */
  private runs(): readonly KeptRun[] {
    const { run, kept } = this.session.state;
    return !run || kept.some(({ id }) => id === run.id) ? kept : [run, ...kept];
  }

  /** The one in the address, or the newest. */
  private chosenRun(): KeptRun | undefined {
    const runs = this.runs();
    return runs.find(({ id }) => id === this.params.get('run')) ?? runs[0];
  }

  /** A cell that the matrix does not have is none. */
  private select(examined: ExaminedRun): Selection {
    const text = this.params.get('cell');
    if (this.selection?.examined === examined && this.selection.text === text) return this.selection;
    const { answers, mistakes, evaluation } = examined;
    const [label, predicted] = (text?.match(/^(\d+)-(\d+)$/) ?? []).slice(1).map(Number);
    if (!(label < evaluation.classes && predicted < evaluation.classes)) {
      return { examined, text, cell: undefined, answers: mistakes };
    }
    const inCell = answers.filter((answer) => answer.label === label && answer.predicted === predicted);
    return { examined, text, cell: { label, predicted }, answers: byConfidence(inCell) };
  }

  private async examine(asked: Asked): Promise<void> {
    this.asked = asked;
    this.problem = undefined;
    try {
      const examined = await examineRun(this.session, asked.run, asked.shape);
      if (asked !== this.asked) return;
      if (asked.run.id !== this.examined?.run.id) {
        this.report = { making: false };
        this.unitsShown = UNITS_PAGE;
      }
      this.examined = examined;
    } catch (error) {
      if (asked !== this.asked) return;
      this.problem = {
        message: `${asked.run.name} cannot be shown: ${messageOf(error)}`,
        otherData: error instanceof OtherData,
      };
    }
    this.requestUpdate();
  }

  private readonly retry = (): void => {
    this.asked = undefined;
    this.problem = undefined;
    this.requestUpdate();
  };

  /** The second time, back to all mistakes. */
  private async toggle({ label, predicted }: Cell): Promise<void> {
    const cell = this.selection?.cell;
    const again = label === cell?.label && predicted === cell.predicted;
    this.change({ cell: again ? undefined : `${label}-${predicted}`, image: undefined });
    await this.updateComplete;
    if (!again) this.querySelector('#results-gallery-title')?.scrollIntoView({ block: 'nearest' });
  }

  /** The button that asks for it goes away, so the focus goes to the title. */
  private showMistakes(): void {
    this.change({ cell: undefined, image: undefined });
    this.querySelector<HTMLElement>('#results-gallery-title')?.focus();
  }

  /** Changes parameters of the address; undefined takes one away. */
  private change(changes: { readonly [key: string]: string | undefined }): void {
    const params = new URLSearchParams(this.params);
    for (const [key, value] of Object.entries(changes)) {
      if (value === undefined) params.delete(key);
      else params.set(key, value);
    }
    this.keep(params);
  }

  private async makeReport(examined: ExaminedRun): Promise<void> {
    const { run, file } = examined;
    const say = (report: ReportState) => {
      if (run.id !== this.examined?.run.id) return;
      this.report = report;
      this.requestUpdate();
    };
    say({ making: true });
    try {
      const page = await this.session.ask((remote) => remote.report(file, run.report));
      download(`${fileName(examined)}.html`, 'text/html', page);
      say({ making: false });
    } catch (error) {
      say({ making: false, problem: `The report could not be made: ${messageOf(error)}.` });
    }
  }
}

customElements.define('results-view', ResultsView);
