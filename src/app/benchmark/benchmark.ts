// The page of the benchmark: its address says what to run, so a link repeats it; its form makes such addresses.
import { expose, proxy, wrap } from 'comlink';
import { html, nothing, render, type TemplateResult } from 'lit';
import { toCsv } from '../../../bench/merge.ts';
import type { BenchEvent, BenchReport } from '../../../bench/report.ts';
import { type Table, tablesOf, titleOf, toMarkdown } from '../../../bench/report_tables.ts';
import { BENCH_BACKENDS, PEER_NAMES, SUITES } from '../../../bench/suites.ts';
import { messageOf } from '../../errors.ts';
import { download } from '../parts/download.ts';
import type { JobWorker } from '../worker/job_worker.ts';
import { Realms } from '../worker/realms.ts';
import { type BenchForm, readBenchForm, toBenchJob } from './bench_form.ts';

interface State {
  readonly form: BenchForm;
  readonly problem?: string;
  readonly event?: BenchEvent;
  readonly report?: BenchReport;
}

const root = document.getElementById('page')!;
let state = initialState();
update({});
if (state.form.go && !state.problem) void run();

function initialState(): State {
  try {
    return { form: readBenchForm(new URLSearchParams(location.search)) };
  } catch (error) {
    return { form: readBenchForm(new URLSearchParams()), problem: messageOf(error) };
  }
}

function update(changes: Partial<State>): void {
  state = { ...state, ...changes };
  render(view(state), root);
}

async function run(): Promise<void> {
  update({ event: { kind: 'benching', what: 'the roofline', done: 0, total: 1 } });
  const worker = new Worker(new URL('../worker/job_worker.ts', import.meta.url), { type: 'module' });
  try {
    const failed = new Promise<never>((_, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message || 'the worker did not load'));
    });
    expose(new Realms(), worker);
    const onEvent = proxy((event: unknown) => update({ event: event as BenchEvent }));
    const base = new URL('.', document.baseURI).href;
    const outcome = wrap<JobWorker>(worker).run(toBenchJob(state.form), base, onEvent);
    update({ report: (await Promise.race([outcome, failed])) as BenchReport });
  } catch (error) {
    update({ problem: messageOf(error) });
  } finally {
    worker.terminate();
    update({ event: undefined });
  }
}

function view({ form, problem, event, report }: State): TemplateResult {
  return html`
    <header class="masthead">
      <div>
        <h1><a href="./">mnist-kernels</a></h1>
        <p class="purpose">Benchmark: this project’s kernels and other libraries, in turns, on the same work.</p>
      </div>
    </header>
    <main class="workbench">
      ${formView(form, event !== undefined)}
      <div class="outcome">
        <section class="panel" aria-live="polite">
          <h2 id="status">${statusOf(event, report)}</h2>
          ${event ? html`<progress max=${event.total} .value=${event.done} aria-label="Cases done"></progress>` : nothing}
          ${problem ? html`<p id="problem" class="problem" role="alert">${problem}</p>` : nothing}
          ${report ? nothing : html`<p class="note">Every answer is checked before anything is timed. Close other tabs; a phone or laptop should be on mains.</p>`}
        </section>
        ${report ? reportView(report) : nothing}
      </div>
    </main>
  `;
}

function statusOf(event: BenchEvent | undefined, report: BenchReport | undefined): string {
  if (event) return `${event.done + 1} of ${event.total}: ${event.what}`;
  return report ? titleOf(report) : 'Not run yet';
}

function formView(form: BenchForm, running: boolean): TemplateResult {
  return html`
    <form class="panel bench-form" method="get">
      ${choices('suite', 'Suites', 'checkbox', SUITES, form.suites)}
      ${choices('backend', 'Our engine', 'radio', BENCH_BACKENDS, [form.backend])}
      ${choices('peers', 'Against', 'checkbox', PEER_NAMES, form.peers)}
      ${text('layers', 'Networks', form.networks.join(', '))} ${text('batch', 'Batch', form.batches.join(', '))}
      ${text('seconds', 'Seconds for each case', String(form.seconds))}
      <input type="hidden" name="go" value="1" />
      <button id="run" class="primary" ?disabled=${running}>Run</button>
    </form>
  `;
}

function choices(
  name: string,
  title: string,
  type: 'checkbox' | 'radio',
  values: readonly string[],
  on: readonly string[],
): TemplateResult {
  return html`
    <fieldset>
      <legend>${title}</legend>
      ${values.map(
        (value) =>
          html`<label><input type=${type} name=${name} value=${value} ?checked=${on.includes(value)} /> ${value}</label>`,
      )}
    </fieldset>
  `;
}

function text(name: string, title: string, value: string): TemplateResult {
  return html`<label class="field"><span>${title}</span><input name=${name} value=${value} autocomplete="off" /></label>`;
}

function reportView(report: BenchReport): TemplateResult {
  const save = (extension: string, type: string, content: () => string) => () =>
    download(`mnist-kernels-bench.${extension}`, type, content());
  return html`
    <section class="panel" aria-label="Results">
      <div class="downloads beside">
        <button @click=${save('json', 'application/json', () => JSON.stringify(report, null, 2))}>JSON</button>
        <button @click=${save('md', 'text/markdown', () => toMarkdown(report))}>Markdown</button>
        <button @click=${save('csv', 'text/csv', () => toCsv(report))}>CSV</button>
      </div>
      ${tablesOf(report).map(tableView)}
      ${report.notes.map((note) => html`<p class="note">${note}</p>`)}
      <p class="note">
        ${report.environment.adapter}; ${report.environment.processors} processors,
        ${report.environment.isolated ? 'isolated' : 'not isolated: one thread'}, clock
        ${(1000 * report.environment.clock).toFixed(0)} µs, ${report.environment.commit}
      </p>
    </section>
  `;
}

function tableView({ head, rows }: Table): TemplateResult {
  return html`
    <div class="scroller" tabindex="0" role="region" aria-label="Table of results">
      <table class="bench-table">
        <thead>
          <tr>${head.map((title) => html`<th scope="col">${title}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map((cells) => html`<tr class=${cells[0] === '' ? '' : 'first'}>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>
  `;
}
