// What a training reached: the scores, the confusion matrix, the mistakes, the calibration and the first
// layer.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { messageOf } from '../../errors.ts';
import type { DatasetShape } from '../model/form.ts';
import { judge } from '../model/judge.ts';
import { type AskedTraining, trainingOf } from '../model/run_address.ts';
import { download } from '../parts/download.ts';
import { unknownView } from '../parts/unknown_view.ts';
import { View } from '../view.ts';
import { calibrationView } from './calibration_view.ts';
import { type Cell, confusionView } from './confusion_view.ts';
import { type Examined, examine, OtherData, recordOf } from './examined.ts';
import { galleryPanel } from './gallery_panel.ts';
import { classTable, fileName, headlineView, type ReportState } from './headline_view.ts';
import '../../evaluation/parts.css';
import { offerView } from './offer_view.ts';
import { pickerView } from './picker_view.ts';
import './results.css';
import { isKnownParameter, type Selection, selectionOf } from './selection.ts';
import { type Asked, askedBy, type Subject } from './subject.ts';
import { UNITS_PAGE, unitsView } from './units_view.ts';

/** What is looked at, or was tried to be. */
interface LookedAt {
  readonly subject: Subject;
  readonly shape: DatasetShape;
}

/** What of the address is this view's own; the rest describes the training of the run. */
const OWN = ['run', 'model', 'cell', 'image'];

/**
 * Its address: `run`, the id of a kept run, with what it takes to train it elsewhere; or `model`, a network
 * that ships with the page; `cell`, such as 4-9; `image`, an index of the images that it is judged by.
 */
class ResultsView extends View {
  static override properties = { ...View.properties, hidden: { type: Boolean } };

  readonly name = 'results';
  declare hidden: boolean;
  private asked: Asked = { waiting: true };
  private lookedAt: LookedAt | undefined;
  private examined: Examined | undefined;
  /** Why what was asked cannot be shown. */
  private problem: { readonly message: string; readonly otherData: boolean } | undefined;
  private report: ReportState = { making: false };
  private unitsShown = UNITS_PAGE;
  private selection: Selection | undefined;
  /** The id of the run that is trained here as its address says, or why it was not. */
  private training: { readonly id: string; readonly problem?: string } | undefined;
  private sharing = false;

  /** A view that nobody looks at need not examine every run of a long series. */
  override shouldUpdate(): boolean {
    return !this.hidden;
  }

  override willUpdate(): void {
    const { loading, shape } = this.session.state;
    this.asked = askedBy(this.params, this.session);
    if (!('subject' in this.asked)) return;
    const { subject } = this.asked;
    this.session.router.keep('results', this.params, this.addressOf(subject));
    if (!loading && (subject.key !== this.lookedAt?.subject.key || shape !== this.lookedAt.shape)) {
      void this.examine({ subject, shape });
    }
    if (this.examined) this.selection = selectionOf(this.examined, this.params.get('cell'), this.selection);
  }

  override render(): TemplateResult {
    const { asked } = this;
    return html`
      <section id="results" class="results" aria-labelledby="results-title">
        <div class="results-head">
          <h2 id="results-title">Results</h2>
          ${pickerView(this.session, asked, (choice) => this.change({ run: undefined, model: undefined, image: undefined, ...choice }))}
        </div>
        ${unknownView(this.params, (name, value) => isKnownParameter(name, value, this.selection))}
        ${'subject' in asked ? this.body(asked.subject) : 'waiting' in asked ? waiting('Looking for the runs of this browser …') : this.offer(asked)}
      </section>
    `;
  }

  /** What shows the same in another browser. */
  private addressOf(subject: Subject): URLSearchParams {
    const address = new URLSearchParams(subject.params);
    for (const name of ['cell', 'image']) {
      const value = this.params.get(name);
      if (value !== null) address.set(name, value);
    }
    return address;
  }

  private offer(asked: { readonly missing: 'run' | 'model' } | { readonly nothing: true }): TemplateResult {
    const training = trainingOf(this.params);
    const known = this.training?.id === training?.id ? this.training : undefined;
    return offerView(this.session, {
      missing: 'missing' in asked ? asked.missing : undefined,
      training,
      underWay: known !== undefined && known.problem === undefined,
      problem: known?.problem,
      onTrain: (wanted) => void this.trainHere(wanted),
    });
  }

  private body(subject: Subject): TemplateResult {
    const { lookedAt, examined, problem, selection } = this;
    if (problem) return this.problemView(problem);
    if (!examined || !selection) return waiting(`Looking at the ${judge(subject.run?.holdOut)} images …`);
    const stale = examined.subject.key !== lookedAt?.subject.key || examined.shape !== lookedAt.shape;
    return html`<div class=${stale ? 'results stale' : 'results'} aria-busy=${stale ? 'true' : 'false'} ?inert=${stale}>${this.parts(selection)}</div>`;
  }

  private parts({ examined, cell, answers }: Selection): TemplateResult {
    const { evaluation, classNames } = examined;
    return html`
      ${headlineView(
        examined,
        this.report,
        () => void this.makeReport(examined),
        () => void this.share(),
      )}
      ${this.sharing ? html`<share-panel .examined=${examined} .link=${location.href} @close=${this.endSharing}></share-panel>` : nothing}
      <div class="tables">
        ${guard([examined, cell], () => confusionView(evaluation, classNames, cell, (chosen) => void this.toggle(chosen)))}
        ${guard([examined], () => classTable(evaluation.perClass, classNames))}
      </div>
      ${galleryPanel(this.session, examined, cell, answers, this.params.get('image'), {
        onImage: (index) => this.change({ image: String(index) }),
        onAll: () => this.showMistakes(),
      })}
      <div class="tables">
        ${guard([examined], () => calibrationView(evaluation.calibration))}
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

  private async examine(lookedAt: LookedAt): Promise<void> {
    this.lookedAt = lookedAt;
    this.problem = undefined;
    try {
      const examined = await examine(this.session, lookedAt.subject, lookedAt.shape);
      if (lookedAt !== this.lookedAt) return;
      if (lookedAt.subject.key !== this.examined?.subject.key) {
        this.report = { making: false };
        this.unitsShown = UNITS_PAGE;
        this.sharing = false;
      }
      this.examined = examined;
    } catch (error) {
      if (lookedAt !== this.lookedAt) return;
      this.problem = {
        message: `${lookedAt.subject.title} cannot be shown: ${messageOf(error)}`,
        otherData: error instanceof OtherData,
      };
    }
    this.requestUpdate();
  }

  private readonly retry = (): void => {
    this.lookedAt = undefined;
    this.problem = undefined;
    this.requestUpdate();
  };

  /** It gets the id of the address, which then shows it. */
  private async trainHere({ id, values, holdOut }: AskedTraining): Promise<void> {
    this.training = { id };
    this.session.edit(values);
    const run = await this.session.train({ id, holdOut });
    const { problem, status } = this.session.state;
    this.training = run ? undefined : { id, problem: problem?.message ?? status };
    // The run itself says now how it was trained.
    if (run) this.change({});
    this.requestUpdate();
  }

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
  private change(changes: { readonly [name: string]: string | undefined }): void {
    const params = new URLSearchParams();
    for (const name of OWN) {
      const value = name in changes ? changes[name] : (this.params.get(name) ?? undefined);
      if (value !== undefined) params.set(name, value);
    }
    this.keep(params);
  }

  private async share(): Promise<void> {
    try {
      await import('./share_panel.ts');
      this.sharing = true;
    } catch (error) {
      const problem = `The picture could not be made (${messageOf(error)}). Load the page again.`;
      this.report = { ...this.report, problem };
    }
    this.requestUpdate();
  }

  private readonly endSharing = (): void => {
    this.sharing = false;
    this.requestUpdate();
    this.querySelector<HTMLElement>('#results-share')?.focus();
  };

  private async makeReport(examined: Examined): Promise<void> {
    const { subject, file, holdOut } = examined;
    const say = (report: ReportState) => {
      if (subject.key !== this.examined?.subject.key) return;
      this.report = report;
      this.requestUpdate();
    };
    say({ making: true });
    try {
      const page = await this.session.ask((remote) => remote.report(file, recordOf(examined), holdOut));
      download(`${fileName(examined)}.html`, 'text/html', page);
      say({ making: false });
    } catch (error) {
      say({ making: false, problem: `The report could not be made: ${messageOf(error)}.` });
    }
  }
}

customElements.define('results-view', ResultsView);

function waiting(text: string): TemplateResult {
  return html`<p class="note" role="status">${text}</p>`;
}
