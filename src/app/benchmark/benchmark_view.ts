// The benchmark: what is to be timed, the run as it goes, one's own result and those of other machines beside
// it.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import type { BenchEvent, BenchJob, BenchReport } from '../../bench/report.ts';
import { messageOf } from '../../errors.ts';
import { parseReports } from '../../fleet/read_reports.ts';
import { untilIdle } from '../model/until_idle.ts';
import { askView } from '../parts/ask_view.ts';
import * as format from '../parts/format.ts';
import { View } from '../view.ts';
import { type BenchField, checkForm, fromParams, listed, withField } from './bench_form.ts';
import { benchFormView } from './bench_form_view.ts';
import './benchmark.css';
import { keepBenchmark, lastBenchmark, type OwnBenchmark } from '../storage/kept_benchmark.ts';
import { COMMITTED, loadCommitted } from './committed.ts';
import { type Other, othersView } from './others_view.ts';
import { comparisonView, otherView, ownView } from './outcome_view.ts';
import { runBenchmark } from './run_benchmark.ts';

/** A benchmark under way. */
interface Running {
  readonly control: AbortController;
  /** For the notes of the report. */
  readonly disturbances: Set<string>;
  readonly status: string;
  readonly detail: string;
  readonly done: number;
  readonly total: number;
}

class BenchmarkView extends View {
  static override properties = {
    ...View.properties,
    running: { state: true },
    status: { state: true },
    reached: { state: true },
    problem: { state: true },
    own: { state: true },
    committed: { state: true },
    listOpen: { state: true },
    files: { state: true },
    filesProblem: { state: true },
    asks: { state: true },
  };

  readonly name = 'benchmark';
  declare private running: Running | undefined;
  /** While none runs. */
  declare private status: string;
  /** How far the last run came, from 0 to 1. */
  declare private reached: number;
  declare private problem: { readonly message: string; readonly field?: BenchField } | undefined;
  declare private own: OwnBenchmark | undefined;
  declare private committed: ReadonlyMap<string, Other>;
  declare private listOpen: boolean;
  declare private files: readonly Other[];
  declare private filesProblem: string | undefined;
  declare private asks: boolean;
  /** The address as this view left it. */
  private left: URLSearchParams | undefined;

  constructor() {
    super();
    this.status = 'Not run yet';
    this.reached = 0;
    this.committed = new Map();
    this.listOpen = false;
    this.files = [];
    this.asks = false;
    void this.showLast();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.noticeHidden);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.noticeHidden);
  }

  override willUpdate(changed: PropertyValues): void {
    if (changed.has('params') && this.params !== this.left) this.arrive();
    if (this.session.busy) this.running?.disturbances.add('a training ran in the page meanwhile');
  }

  override render(): TemplateResult {
    const { own, committed, files, chosen } = this;
    const others = [...chosen.map((name) => committed.get(name) ?? { name }), ...files];
    return html`
      ${askView('a benchmark', this.asks ? this.answer : undefined)}
      <div class="workbench form-first">
        ${benchFormView({
          values: fromParams(this.params),
          engines: this.session.state.engines,
          running: this.running !== undefined,
          problem: this.problem,
          onEdit: (field, value) => this.edit(field, value),
          onRun: () => void this.run(),
          onCancel: () => this.cancel(),
        })}
        <div class="outcome">
          ${this.progressView()} ${guard([own], () => ownView(own))}
          ${guard([own, committed, files, chosen.join()], () => comparisonView(own, others))}
          ${othersView({
            committed,
            files,
            chosen,
            open: this.listOpen,
            problem: this.filesProblem,
            onToggle: (open) => this.toggle(open),
            onChoose: (name, on) => this.choose(name, on),
            onFiles: (picked) => void this.addFiles(picked),
            onRemove: (name) => this.removeFile(name),
          })}
          ${others.map((other) => guard([other], () => otherView(other)))}
        </div>
      </div>
    `;
  }

  private progressView(): TemplateResult {
    const { running, reached } = this;
    return html`
      <section class="panel bench-progress" aria-label="Progress">
        <div class="status-line">
          <p id="benchmark-status" role="status">${running?.status ?? this.status}</p>
          <p class="aside">${running ? format.percent(reached, 0) : nothing}</p>
        </div>
        <progress id="benchmark-progress" max="1" .value=${reached} aria-label="Cases done"></progress>
        <p id="benchmark-detail" class="note">
          ${running?.detail ?? 'Answers are checked before anything is timed. Close other tabs; a phone or laptop should be on mains.'}
        </p>
      </section>
    `;
  }

  /** Names of committed results, from the address. */
  private get chosen(): readonly string[] {
    return listed(this.params.get('beside') ?? '');
  }

  /** Does what the address asks for that was opened or followed. */
  private arrive(): void {
    this.checkAddress();
    this.load(this.chosen);
    if (this.chosen.length > 0) this.toggle(true);
    this.asks = this.params.get('go') === '1' && this.running === undefined;
  }

  /** To what the address asks; once: a reload shows what came of it. */
  private readonly answer = (start: boolean): void => {
    this.asks = false;
    const params = new URLSearchParams(this.params);
    params.delete('go');
    this.leave(params);
    if (start) void this.run();
    this.querySelector<HTMLElement>('#benchmark-run')?.focus();
  };

  private leave(params: URLSearchParams): void {
    this.left = params;
    this.keep(params);
  }

  private checkAddress(): BenchJob | undefined {
    const checked = checkForm(fromParams(this.params));
    this.problem = 'problem' in checked ? checked.problem : undefined;
    return 'job' in checked ? checked.job : undefined;
  }

  private edit(field: BenchField, value: string): void {
    this.leave(withField(this.params, field, value));
    // A complaint goes away once it no longer holds, and does not come while one types.
    if (this.problem) this.checkAddress();
  }

  private async run(): Promise<void> {
    if (this.running) return;
    const job = this.checkAddress();
    if (!job) {
      this.querySelector<HTMLElement>(`.bench-form [name="${this.problem?.field}"]`)?.focus();
    } else if (this.session.busy) {
      const message =
        'A training is under way: wait for its end, or stop it in the view Train, then press Run.';
      this.problem = { message };
    } else {
      await this.time(job);
    }
  }

  private async time(job: BenchJob): Promise<void> {
    const query = this.params.toString();
    const control = new AbortController();
    const disturbances = new Set<string>();
    const detail = 'the roofline is measured';
    this.running = { control, disturbances, status: 'Starting', detail, done: 0, total: 1 };
    this.reached = 0;
    this.noticeHidden();
    this.querySelector('.bench-progress')?.scrollIntoView({ block: 'nearest' });
    try {
      await untilIdle(this.session, control.signal);
      const onEvent = (event: BenchEvent) => {
        if (this.running?.control === control) this.follow(this.running, event);
      };
      const timed = await runBenchmark(job, onEvent, control.signal);
      const report: BenchReport = { ...timed, notes: [...disturbances, ...timed.notes] };
      this.own = { report, query };
      this.reached = 1;
      this.status = `Finished: ${format.plural(report.cases.length, 'case')}`;
      await keepBenchmark(this.own).catch((error: unknown) => {
        const message = `This result is shown but could not be kept (${messageOf(error)}): download what you need of it.`;
        this.problem = { message };
      });
    } catch (error) {
      this.reached = 0;
      this.status = control.signal.aborted ? 'Cancelled' : 'The benchmark failed';
      if (!control.signal.aborted) this.problem = { message: `The benchmark failed: ${messageOf(error)}.` };
    } finally {
      this.running = undefined;
    }
  }

  private follow(running: Running, event: BenchEvent): void {
    if (event.kind === 'timing') {
      this.running = { ...running, detail: event.what };
      this.reached = (running.done + event.share) / running.total;
    } else {
      const { what, done, total } = event;
      this.running = {
        ...running,
        status: `Measuring ${done + 1} of ${total}: ${what}`,
        detail: '',
        done,
        total,
      };
      this.reached = done / total;
    }
  }

  private cancel(): void {
    this.running?.control.abort();
    // This button is about to be disabled, and would lose the focus.
    this.querySelector<HTMLElement>('#benchmark-run')?.focus();
  }

  private readonly noticeHidden = (): void => {
    if (document.hidden) this.running?.disturbances.add('the page was hidden for a while');
  };

  /** Private windows may keep nothing: then there is none. */
  private async showLast(): Promise<void> {
    const last = await lastBenchmark().catch(() => undefined);
    if (!last || this.own) return;
    this.own = last;
    const { date } = last.report.environment;
    this.status = `Your last result${date ? `, from ${format.dateAndTime(date)}` : ''}`;
  }

  private toggle(open: boolean): void {
    this.listOpen = open;
    if (open) this.load(COMMITTED);
  }

  private load(names: readonly string[]): void {
    for (const name of names) {
      const before = this.committed.get(name);
      if (before && before.problem === undefined) continue;
      const put = (other: Other) => {
        this.committed = new Map(this.committed).set(name, other);
      };
      put({ name });
      loadCommitted(name)
        .then((report) => put({ name, report }))
        .catch((error: unknown) => put({ name, problem: messageOf(error) }));
    }
  }

  private choose(name: string, on: boolean): void {
    const chosen = on ? [...this.chosen, name] : this.chosen.filter((each) => each !== name);
    const params = new URLSearchParams(this.params);
    if (chosen.length > 0) params.set('beside', chosen.join(','));
    else params.delete('beside');
    this.leave(params);
  }

  private async addFiles(picked: readonly File[]): Promise<void> {
    this.filesProblem = undefined;
    for (const file of picked) {
      try {
        const read = parseReports(await file.text(), file.name);
        for (const { name } of read) this.removeFile(name);
        this.files = [...this.files, ...read];
      } catch (error) {
        this.filesProblem = messageOf(error);
      }
    }
  }

  private removeFile(name: string): void {
    this.files = this.files.filter((each) => each.name !== name);
  }
}

customElements.define('benchmark-view', BenchmarkView);
