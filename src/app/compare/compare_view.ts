// The same training on several engines, one after the other: what each takes, and how far apart they come.
import * as Comlink from 'comlink';
import { html, nothing, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import type { CompareEvent, CompareJob, CompareReport } from '../../jobs/job.ts';
import { askView } from '../parts/ask_view.ts';
import * as format from '../parts/format.ts';
import { sourceOf } from '../parts/kernel_sources.ts';
import '../parts/line_chart.ts';
import type { DatasetShape } from '../model/form.ts';
import { keptDraft } from '../storage/kept_drafts.ts';
import { View } from '../view.ts';
import '../../evaluation/parts.css';
import './compare.css';
import { chartsView } from './charts_view.ts';
import {
  type ChangedShader,
  type CompareValues,
  checkCompare,
  ENGINES,
  type EngineName,
  fitted,
  fromCompareParams,
  type Problem,
  toCompareParams,
} from './compare_form.ts';
import { formView, type Phase } from './form_view.ts';
import { baselineOf, begun, type Comparison, received, titleOf } from './live_comparison.ts';
import { tableView } from './result_view.ts';

/** While somebody types: whether there is a draft is asked when the comparison starts. */
const KNOWN_LATER: ChangedShader = { own: '', shipped: '' };

class CompareView extends View {
  readonly name = 'compare';
  private values!: CompareValues;
  private phase: Phase = 'idle';
  private status = 'Ready';
  private problem: Partial<Problem> | undefined;
  private comparison: Comparison | undefined;
  /** The comparison's report, once it has ended. */
  private report: CompareReport | undefined;
  /** The address that this view made, or has read. */
  private known: URLSearchParams | undefined;
  /** The address would have it begun. */
  private asks = false;
  /** It is to begin once the engines and the data are there. */
  private go = false;
  private shape: DatasetShape | undefined;

  override willUpdate(): void {
    const { shape, loading, engines, problem } = this.session.state;
    if (this.params !== this.known && this.phase === 'idle') {
      this.known = this.params;
      this.values = fromCompareParams(this.params);
      this.problem = undefined;
      this.asks = this.params.get('go') === '1';
    }
    if (this.shape && this.shape !== shape) this.values = fitted(this.values, shape);
    this.shape = shape;
    // Whatever else went wrong, the start will say.
    if (!this.go || loading || !(engines || problem)) return;
    this.go = false;
    this.edit(this.values);
    void this.start();
  }

  override render(): TemplateResult {
    const { values, phase, problem, comparison } = this;
    const { shape, engines } = this.session.state;
    const share = comparison?.share ?? 0;
    const baseline = comparison && baselineOf(comparison, values.baseline);
    return html`
      <div class="compare">
        ${askView('a comparison', this.asks ? this.answer : undefined)}
        <div class="workbench form-first">
          ${formView({
            values,
            shape,
            found: engines,
            problem,
            phase,
            link: `#/compare?${toCompareParams(values)}&go=1`,
            edit: (changed) => this.edit(changed),
            start: () => void this.start(),
            stop: () => this.stop(),
          })}
          <div class="outcome">
            <section class="panel compare-progress" aria-label="Progress" data-phase=${phase}>
              <div class="status-line">
                <p id="compare-status" role="status">${this.status}</p>
                <p class="aside">${comparison ? format.percent(share, 0) : ''}</p>
              </div>
              <progress id="compare-progress" max="1" .value=${share} aria-label="Steps done"></progress>
              ${comparison ? nothing : html`<p class="note">The same training on each engine in turn: how fast each is, and whether all compute the same.</p>`}
            </section>
            ${
              comparison
                ? html`
                  ${tableView(comparison, baseline, this.report, (name) => this.edit({ ...values, baseline: name }))}
                  ${chartsView(comparison, baseline)}
                `
                : nothing
            }
          </div>
        </div>
      </div>
    `;
  }

  private readonly answer = (start: boolean): void => {
    this.asks = false;
    this.go = start;
    this.edit(this.values);
    // The button that was pressed is gone.
    this.querySelector<HTMLElement>('#compare-start')?.focus();
  };

  /** Keeps what was typed; a complaint about it goes away once it no longer holds. */
  private edit(values: CompareValues): void {
    const { shape, engines } = this.session.state;
    const checked = this.problem && checkCompare(values, shape, engines, KNOWN_LATER);
    this.values = values;
    this.problem = checked && 'problem' in checked ? checked.problem : undefined;
    this.known = toCompareParams(values);
    this.keep(this.known);
    this.requestUpdate();
  }

  private async start(): Promise<void> {
    if (this.phase !== 'idle') return;
    const { shader } = this.values;
    const changed = shader === undefined ? undefined : await changedShader(shader);
    if (this.phase !== 'idle') return;
    const { shape, engines } = this.session.state;
    const checked = checkCompare(this.values, shape, engines, changed);
    if ('problem' in checked) {
      this.complain(checked.problem);
      return;
    }
    const { job } = checked;
    const before = { comparison: this.comparison, report: this.report };
    this.asks = false;
    this.comparison = begun(job, shape);
    this.report = undefined;
    this.problem = undefined;
    this.enter('starting', 'Starting');
    this.querySelector('[data-phase]')?.scrollIntoView({ block: 'nearest' });
    try {
      const onEvent = Comlink.proxy((event: CompareEvent) => this.receive(job, event));
      this.report = await this.session.ask((remote) => remote.compare(job, onEvent));
      const stopped = this.report.entrants.some((entrant) => entrant.stopped);
      this.enter('idle', `${stopped ? 'Stopped' : 'Finished'}: ${titleOf(this.comparison)}`);
    } catch (error) {
      const started = this.comparison.share > 0;
      if (!started) Object.assign(this, before);
      this.enter('idle', started ? 'Ended early' : 'Did not start');
      this.complain({ message: `${messageOf(error)}.` });
    }
  }

  private complain(problem: Partial<Problem>): void {
    this.problem = problem;
    this.requestUpdate();
    const { field } = problem;
    if (field === undefined) return;
    const first = field === 'engines' ? '.compare-engines input:not(:disabled)' : `#compare-${field}`;
    this.querySelector<HTMLElement>(first)?.focus();
  }

  /** After the present run of steps; what there is by then stays. */
  private stop(): void {
    if (this.phase !== 'starting' && this.phase !== 'running') return;
    this.enter('stopping', 'Stopping after the present steps');
    this.session.ask((remote) => remote.stop()).catch(() => {});
  }

  private enter(phase: Phase, status: string): void {
    this.phase = phase;
    this.status = status;
    this.requestUpdate();
  }

  /** The last events may come after the comparison's end. */
  private receive(job: CompareJob, event: CompareEvent): void {
    if (this.comparison?.job !== job) return;
    this.comparison = received(this.comparison, event);
    if (event.kind === 'opened' && (this.phase === 'starting' || this.phase === 'running')) {
      const { name } = this.comparison.rows[event.entrant];
      const { length } = this.comparison.rows;
      this.enter('running', `${ENGINES[name as EngineName].title}, ${event.entrant + 1} of ${length}`);
    }
    this.requestUpdate();
  }
}

customElements.define('compare-view', CompareView);

/** What this browser keeps of it, if it was changed at all. */
async function changedShader(shader: string): Promise<ChangedShader | undefined> {
  const own = await keptDraft(shader).catch(() => undefined);
  if (own === undefined) return undefined;
  return { own, shipped: await sourceOf(`shaders/${shader}.wgsl`) };
}
