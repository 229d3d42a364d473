// The rows of the table of kept runs: a run, and a sweep that unfolds.
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { judge } from '../model/judge.ts';
import { hrefOfRun } from '../model/run_address.ts';
import type { Session } from '../model/session.ts';
import { download } from '../parts/download.ts';
import * as format from '../parts/format.ts';
import type { KeptRun } from '../storage/kept_runs.ts';
import { heatMap } from './heat_map.ts';
import { type Action, menuView } from './run_menu.ts';
import { type Entry, secondsOf } from './run_order.ts';
import { keptGrid, SWEPT, type SweptField } from './sweep.ts';

/** What the panel knows of its rows, and what they tell it. */
export interface Rows {
  readonly session: Session;
  /** Ids of the runs whose curves are laid over each other. */
  readonly chosen: ReadonlySet<string>;
  /** Ids of the sweeps that are unfolded. */
  readonly unfolded: ReadonlySet<string>;
  /** The id of the row whose menu is open. */
  readonly menu: string | undefined;
  /** The id of the run whose note is written though it has none yet. */
  readonly noted: string | undefined;
  readonly onChoose: (id: string, on: boolean) => void;
  readonly onUnfold: (id: string, on: boolean) => void;
  readonly onMenu: (id: string | undefined) => void;
  readonly onNote: (id: string) => void;
  readonly onDelete: (runs: readonly KeptRun[]) => void;
}

export function entryRows(entry: Entry, rows: Rows): TemplateResult {
  const { id, runs, isSweep } = entry;
  if (!isSweep) return runRow(runs[0], rows);
  if (!rows.unfolded.has(id)) return sweepRow(entry, rows);
  const grid = keptGrid(runs);
  return html`
    ${sweepRow(entry, rows)}
    ${grid ? html`<tr role="row"><td role="cell" class="map" colspan="7">${heatMap(grid)}</td></tr>` : nothing}
    ${repeat(
      runs,
      (run) => run.id,
      (run) => runRow(run, rows),
    )}
  `;
}

function runRow(run: KeptRun, rows: Rows): TemplateResult {
  const { session, chosen, noted } = rows;
  const { id, name, created, holdOut, note = '', report } = run;
  const change = (changes: Pick<KeptRun, 'name'> | Pick<KeptRun, 'note'>) =>
    void session.runs.change(run, changes);
  return html`
    <tr role="row" class=${run.sweep ? 'of-sweep' : ''} data-run=${id}>
      <td role="cell" class="check">
        <input
          type="checkbox"
          aria-label=${`Overlay ${name}`}
          .checked=${chosen.has(id)}
          @change=${(event: Event) => rows.onChoose(id, (event.target as HTMLInputElement).checked)}
        >
      </td>
      <td role="cell" class="run-cell">
        <input
          class="run-name"
          aria-label="Name"
          .value=${name}
          @change=${(event: Event) => change({ name: (event.target as HTMLInputElement).value })}
        >
        ${
          note !== '' || noted === id
            ? html`
              <input
                class="run-note"
                aria-label=${`Note on ${name}`}
                placeholder="A note"
                .value=${note}
                @change=${(event: Event) => change({ note: (event.target as HTMLInputElement).value.trim() })}
              >
            `
            : nothing
        }
        <p class="note">${summaryOf(run)}</p>
      </td>
      ${factCells(created, report.test.accuracy, holdOut, report.seconds, report.dataset.train, report.stopped)}
      <td role="cell" class="menu-cell">${menuOf(id, name, actionsOf(run, rows), rows)}</td>
    </tr>
  `;
}

function sweepRow({ id, runs }: Entry, rows: Rows): TemplateResult {
  const [best] = runs;
  const open = rows.unfolded.has(id);
  const title = `Sweep of ${fieldTitle(best.sweep?.rows)} and ${fieldTitle(best.sweep?.columns)}`;
  const newest = Math.max(...runs.map(({ created }) => created));
  return html`
    <tr role="row" class="sweep-row" data-sweep=${id}>
      <td role="cell" class="check"></td>
      <td role="cell" class="run-cell">
        <button type="button" class="fold" aria-expanded=${open ? 'true' : 'false'} @click=${() => rows.onUnfold(id, !open)}>${title}</button>
        <p class="note">${format.plural(runs.length, 'run')}, the best: ${bestValues(best)}</p>
      </td>
      ${factCells(newest, best.report.test.accuracy, best.holdOut, secondsOf(runs), best.report.dataset.train)}
      <td role="cell" class="menu-cell">
        ${menuOf(
          id,
          title,
          [
            { name: 'results', label: 'Results of the best', does: hrefOfRun(best) },
            { name: 'json', label: 'JSON of all', does: () => exportRuns(runs) },
            {
              name: 'delete',
              label: `Delete ${format.plural(runs.length, 'run')}`,
              does: () => rows.onDelete(runs),
            },
          ],
          rows,
        )}
      </td>
    </tr>
  `;
}

/** @param stopped marks a training that ended before its last epoch */
function factCells(
  created: number,
  accuracy: number,
  holdOut: number | undefined,
  seconds: number,
  images: number,
  stopped = false,
): TemplateResult {
  return html`
    <td role="cell" class="fact" data-label="Date">
      <time datetime=${new Date(created).toISOString()} title=${format.dateAndTime(created)}>${format.recently(created)}</time>
    </td>
    <td role="cell" class="fact number" data-label="Accuracy">
      <span class="reached">${format.percent(accuracy)}</span> <span class="note">${judge(holdOut)}${stopped ? ', stopped' : ''}</span>
    </td>
    <td role="cell" class="fact number" data-label="Time">${format.duration(seconds)}</td>
    <td role="cell" class="fact number" data-label="Images">${format.count(images)}</td>
  `;
}

function menuOf(id: string, subject: string, actions: readonly Action[], rows: Rows): TemplateResult {
  return menuView(subject, rows.menu === id, actions, (open) => rows.onMenu(open ? id : undefined));
}

function actionsOf(run: KeptRun, { session, onNote, onDelete }: Rows): Action[] {
  const { id, note = '' } = run;
  return [
    { name: 'results', label: 'Results', does: hrefOfRun(run) },
    { name: 'draw', label: 'Draw a digit for it', does: `#/draw?run=${id}` },
    { name: 'repeat', label: 'Repeat', disabled: session.busy, does: () => void session.repeat(run) },
    { name: 'note', label: note === '' ? 'Add a note' : 'Change the note', does: () => onNote(id) },
    { name: 'json', label: 'JSON', does: () => exportRuns([run]) },
    { name: 'delete', label: 'Delete', does: () => onDelete([run]) },
  ];
}

/** "784-128-10, quick: 2 × batch 64, adamw 0.008, seed 1, on wasm, relaxed-simd, 2 threads" */
function summaryOf({ report: { network, seed, recipe, keptEpoch, environment } }: KeptRun): string {
  const { name, batch, optimizer, learningRate, activation } = recipe;
  const units = activation === undefined ? '' : `, ${activation}`;
  const trained = `${name}: ${keptEpoch} × batch ${batch}, ${optimizer.kind} ${learningRate}${units}`;
  return `${network}, ${trained}, seed ${seed}, on ${format.engine(environment)}`;
}

function fieldTitle(field = ''): string {
  return (SWEPT[field as SweptField] ?? field).toLowerCase();
}

function bestValues({ sweep, values }: KeptRun): string {
  const fields = [sweep?.rows ?? '', sweep?.columns ?? ''];
  return fields.map((field) => `${fieldTitle(field)} ${values[field]}`).join(', ');
}

export function exportRuns(runs: readonly KeptRun[]): void {
  const reports = runs.map(({ name, note, report }) => ({ name, ...(note && { note }), ...report }));
  const file = runs.length === 1 ? `${runs[0].report.network}-seed${runs[0].report.seed}` : 'runs';
  const content = JSON.stringify(runs.length === 1 ? reports[0] : reports, null, 2);
  download(`mnist-kernels-${file}.json`, 'application/json', content);
}
