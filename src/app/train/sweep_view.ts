// <sweep-panel>: asks for a sweep, trains it through the session, and shows it as a heat map as it goes.
import { html, nothing, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import * as format from '../parts/format.ts';
import { SessionElement } from '../view.ts';
import { type Axis, cellsOf, parseAxis, SWEPT, type SweptField } from './sweep.ts';

/** Training images that a sweep judges by: choices are not made on the test set. */
const HELD_OUT = 10_000;

interface Sweep {
  readonly rows: Axis;
  readonly columns: Axis;
  /** Accuracies [row][column] as they come. */
  readonly cells: (number | undefined)[][];
}

class SweepPanel extends SessionElement {
  private axes: { field: SweptField; text: string }[] = [
    { field: 'learningRate', text: '0.004, 0.008, 0.016' },
    { field: 'batch', text: '32, 64, 128' },
  ];
  private problem = '';
  private sweep: Sweep | undefined;
  private running = false;

  override render(): TemplateResult {
    const { running, problem, sweep } = this;
    const busy = running || this.session.busy;
    return html`
      <details class="panel">
        <summary>Sweep <span class="aside">over two hyperparameters, the rest as the form says</span></summary>
        <div class="sweep-fields">${this.axes.map((_, index) => this.axisFields(index, running))}</div>
        <p class="note">Judged by the last ${format.count(this.heldOut)} training images, which are not trained on: the test set stays unseen.</p>
        <p class="problem" role="alert">${problem}</p>
        <button type="button" id="sweep" class="primary" ?disabled=${!running && busy} @click=${() => (running ? this.stop() : void this.run())}>
          ${running ? 'End the sweep' : 'Sweep'}
        </button>
        ${sweep ? heatMap(sweep) : nothing}
      </details>
    `;
  }

  /** At most a sixth of a small data set. */
  private get heldOut(): number {
    return Math.min(HELD_OUT, Math.floor(this.session.state.shape.train / 6));
  }

  private axisFields(index: number, disabled: boolean): TemplateResult {
    const { field, text } = this.axes[index];
    const set = (change: Partial<(typeof this.axes)[number]>) => {
      this.axes = this.axes.with(index, { ...this.axes[index], ...change });
      this.requestUpdate();
    };
    const name = index === 0 ? 'Rows' : 'Columns';
    return html`
      <div class="field">
        <label for=${`sweep-field-${index}`}>${name}</label>
        <select
          id=${`sweep-field-${index}`}
          ?disabled=${disabled}
          @change=${(event: Event) => {
            const chosen = (event.target as HTMLSelectElement).value as SweptField;
            set({ field: chosen, text: this.session.state.values[chosen] });
          }}
        >
          ${Object.entries(SWEPT).map(([value, title]) => html`<option value=${value} ?selected=${value === field}>${title}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for=${`sweep-values-${index}`}>Values</label>
        <input
          id=${`sweep-values-${index}`}
          spellcheck="false"
          ?disabled=${disabled}
          .value=${text}
          @input=${(event: Event) => set({ text: (event.target as HTMLInputElement).value })}
        >
      </div>
    `;
  }

  private async run(): Promise<void> {
    const { state } = this.session;
    this.problem = '';
    try {
      const [rows, columns] = this.axes.map(({ field, text }) => parseAxis(field, text));
      const forms = cellsOf(state.values, rows, columns, state.shape);
      const cells = forms.map((row) => row.map((): number | undefined => undefined));
      this.sweep = { rows, columns, cells };
      this.running = true;
      for (const [r, row] of forms.entries()) {
        for (const [c, values] of row.entries()) {
          if (!this.running) return;
          this.requestUpdate();
          const name = `sweep: ${SWEPT[rows.field]} ${rows.values[r]}, ${SWEPT[columns.field]} ${columns.values[c]}`;
          const part = { index: r * row.length + c + 1, count: forms.length * row.length };
          const run = await this.session.train({ values, name, holdOut: this.heldOut, part });
          if (!run || run.report.stopped) return;
          cells[r][c] = run.report.test.accuracy;
        }
      }
    } catch (error) {
      this.problem = messageOf(error);
    } finally {
      this.running = false;
      this.requestUpdate();
    }
  }

  private stop(): void {
    this.running = false;
    this.session.stop();
  }
}

customElements.define('sweep-panel', SweepPanel);

function heatMap({ rows, columns, cells }: Sweep): TemplateResult {
  const known = cells.flat().filter((cell) => cell !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const title = `Accuracy by ${SWEPT[rows.field]} (rows) and ${SWEPT[columns.field]} (columns)`;
  return html`
    <div class="scroller" tabindex="0" role="region" aria-label=${title}>
      <table id="sweep-map" class="heat">
        <caption class="note">${title}</caption>
        <thead>
          <tr><td></td>${columns.values.map((value) => html`<th scope="col">${value}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.values.map(
            (value, r) => html`
              <tr>
                <th scope="row">${value}</th>
                ${cells[r].map((cell) => {
                  if (cell === undefined) return html`<td>…</td>`;
                  const heat = high > low ? (cell - low) / (high - low) : 1;
                  return html`<td class=${cell === high ? 'best' : ''} .style=${`--heat: ${heat.toFixed(3)}`}>${format.percent(cell)}</td>`;
                })}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
