// The runs that this browser keeps: compared, renamed, repeated, exported and deleted.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Session } from '../model/session.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import type { Series } from '../parts/series.ts';
import type { KeptRun } from '../storage/kept_runs.ts';

/** @param chosen ids of the runs whose curves are laid over each other */
export function runsView(
  session: Session,
  chosen: ReadonlySet<string>,
  choose: (id: string, on: boolean) => void,
): TemplateResult | typeof nothing {
  const { kept } = session.state;
  if (kept.length === 0) return nothing;
  return html`
    <section class="panel" aria-labelledby="runs-title">
      <div class="section-head">
        <h2 id="runs-title">Runs <span class="aside">kept in this browser</span></h2>
        <button type="button" id="export-runs" class="link" @click=${() => exportRuns(kept)}>Export all</button>
      </div>
      <div class="scroller" tabindex="0" role="region" aria-labelledby="runs-title">
        <table id="runs" class="runs">
          <thead>
            <tr>
              <th scope="col">overlay</th>
              <th scope="col">name</th>
              <th scope="col" class="number">accuracy</th>
              <th scope="col" class="number">time</th>
              <th scope="col">network</th>
              <th scope="col">trained with</th>
              <th scope="col" class="number">seed</th>
              <th scope="col">on</th>
              <th scope="col"><span class="visually-hidden">actions</span></th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              kept,
              ({ id }) => id,
              (run) => runRow(session, run, chosen.has(run.id), choose),
            )}
          </tbody>
        </table>
      </div>
      ${overlay(kept.filter(({ id }) => chosen.has(id)))}
    </section>
  `;
}

/** The curves of the chosen runs over each other. */
function overlay(runs: readonly KeptRun[]): TemplateResult | typeof nothing {
  if (runs.length === 0) return nothing;
  const lines = (y: (curves: KeptRun['curves']) => Series['y']): Series[] =>
    runs.map(({ name, curves }) => ({ name, x: curves.loss.epoch, y: y(curves) }));
  const percents = { format: format.percent, formatTick: (tick: number) => format.percent(tick, 1) };
  return html`
    <div id="overlay" class="charts">
      <figure class="chart">
        <figcaption>Training loss <span class="aside">by epoch</span></figcaption>
        <line-chart .options=${{ label: 'Training loss by epoch', log: true }} .series=${lines(({ loss }) => loss.train)}></line-chart>
      </figure>
      <figure class="chart">
        <figcaption>Test accuracy <span class="aside">by epoch</span></figcaption>
        <line-chart .options=${{ label: 'Test accuracy by epoch', ...percents }} .series=${lines(({ accuracy }) => accuracy.test).map(tested)}></line-chart>
      </figure>
    </div>
  `;
}

/** Only where there are values: at the ends of epochs. */
function tested({ x, y, ...line }: Series): Series {
  const at = y.flatMap((value, i) => (value === null ? [] : [i]));
  return { ...line, points: true, x: at.map((i) => x[i]), y: at.map((i) => y[i]) };
}

function runRow(
  session: Session,
  run: KeptRun,
  on: boolean,
  choose: (id: string, on: boolean) => void,
): TemplateResult {
  const { id, name, report } = run;
  const { accuracy } = report.test;
  const act = (label: string, action: () => void, disabled = false) => html`
    <button type="button" class="link" ?disabled=${disabled} aria-label=${`${label} ${name}`} @click=${action}>${label}</button>
  `;
  return html`
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label=${`Overlay ${name}`}
          .checked=${on}
          @change=${(event: Event) => choose(id, (event.target as HTMLInputElement).checked)}
        >
      </td>
      <td>
        <input
          class="run-name"
          aria-label="Name"
          .value=${name}
          @change=${(event: Event) => session.runs.rename(run, (event.target as HTMLInputElement).value)}
        >
      </td>
      <td class="number">${format.percent(accuracy)}${report.stopped ? ' *' : nothing}</td>
      <td class="number">${format.duration(report.seconds)}</td>
      <td>${report.network}</td>
      <td>${summaryOf(run)}</td>
      <td class="number">${report.seed}</td>
      <td>${format.engine(report.environment)}</td>
      <td>
        <span class="actions-cell">
          <a href=${`#/results?run=${id}`}>Results</a>
          <a href=${`#/draw?run=${id}`}>Draw</a>
          ${act('Repeat', () => void session.repeat(run), session.busy)}
          ${act('JSON', () => exportRuns([run]))} ${act('Delete', () => void session.runs.delete(run))}
        </span>
      </td>
    </tr>
  `;
}

/** "quick: 2 × batch 64, adamw 0.008" */
function summaryOf({ report: { recipe, keptEpoch } }: KeptRun): string {
  const { name, batch, optimizer, learningRate, activation } = recipe;
  const units = activation === undefined ? '' : `, ${activation}`;
  return `${name}: ${keptEpoch} × batch ${batch}, ${optimizer.kind} ${learningRate}${units}`;
}

function exportRuns(runs: readonly KeptRun[]): void {
  const reports = runs.map(({ name, report }) => ({ name, ...report }));
  const file = runs.length === 1 ? `${runs[0].report.network}-seed${runs[0].report.seed}` : 'runs';
  const content = JSON.stringify(runs.length === 1 ? reports[0] : reports, null, 2);
  download(`mnist-kernels-${file}.json`, 'application/json', content);
}
