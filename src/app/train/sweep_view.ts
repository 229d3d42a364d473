// <sweep-panel>: asks for a sweep, trains it through the session, and shows it as a heat map as it goes.
import { html, nothing, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import { heldOutOf } from '../../training/held_out.ts';
import * as format from '../parts/format.ts';
import type { KeptRun } from '../storage/kept_runs.ts';
import { SessionElement } from '../view.ts';
import { heatMap } from './heat_map.ts';
import {
  type Axis,
  type AxisText,
  axisOf,
  cellsOf,
  formatAxis,
  gridOf,
  parseAxis,
  SWEPT,
  type SweptField,
} from './sweep.ts';

/** What the two axes are as long as nothing is typed. */
const OFFERED: { readonly [A in AxisName]: AxisText } = {
  rows: { field: 'learningRate', text: '0.004, 0.008, 0.016' },
  columns: { field: 'batch', text: '32, 64, 128' },
};

/** As the form and the address call them. */
type AxisName = 'rows' | 'columns';

interface Sweep {
  readonly rows: Axis;
  readonly columns: Axis;
  /** As they come. */
  readonly runs: KeptRun[];
}

class SweepPanel extends SessionElement {
  private problem = '';
  private sweep: Sweep | undefined;
  private running = false;

  override render(): TemplateResult {
    const { running, problem, sweep } = this;
    const { values, part } = this.session.state;
    const busy = running || this.session.busy;
    const linked = values.rows !== '' || values.columns !== '';
    return html`
      <details class="panel" ?open=${linked}>
        <summary>Sweep <span class="aside">over two hyperparameters, the rest as the form says</span></summary>
        <div class="sweep-fields">${this.axisFields('rows', 'Rows')} ${this.axisFields('columns', 'Columns')}</div>
        <p class="note">
          Judged by the last ${format.count(this.heldOut)} training images, held out of the training: the test set stays unseen.
        </p>
        <p class="problem" role="alert">${problem}</p>
        <div class="sweep-start">
          <button type="button" id="sweep" class="primary" ?disabled=${!running && busy} @click=${() => (running ? this.stop() : void this.run())}>
            ${running ? 'End the sweep' : 'Sweep'}
          </button>
          ${running && part ? html`<span id="sweep-progress" class="note">Training ${part.index} of ${part.count}</span>` : nothing}
        </div>
        ${sweep ? html`<div id="sweep-map">${heatMap(gridOf(sweep.rows, sweep.columns, sweep.runs))}</div>` : nothing}
      </details>
    `;
  }

  private get heldOut(): number {
    return heldOutOf(this.session.state.shape.train);
  }

  private axis(name: AxisName): AxisText {
    return axisOf(this.session.state.values[name]) ?? OFFERED[name];
  }

  private axisFields(name: AxisName, title: string): TemplateResult {
    const { field, text } = this.axis(name);
    const set = (changed: AxisText) => this.session.edit({ [name]: formatAxis(changed) });
    return html`
      <div class="field">
        <label for=${`sweep-field-${name}`}>${title}</label>
        <select
          id=${`sweep-field-${name}`}
          ?disabled=${this.running}
          @change=${(event: Event) => {
            const chosen = (event.target as HTMLSelectElement).value as SweptField;
            set({ field: chosen, text: this.session.state.values[chosen] });
          }}
        >
          ${Object.entries(SWEPT).map(([value, each]) => html`<option value=${value} .selected=${value === field}>${each}</option>`)}
        </select>
      </div>
      <div class="field">
        <label for=${`sweep-values-${name}`}>Values</label>
        <input
          id=${`sweep-values-${name}`}
          spellcheck="false"
          ?disabled=${this.running}
          .value=${text}
          @input=${(event: Event) => set({ field, text: (event.target as HTMLInputElement).value })}
        >
      </div>
    `;
  }

  private async run(): Promise<void> {
    const { session } = this;
    this.problem = '';
    try {
      const typed = { rows: this.axis('rows'), columns: this.axis('columns') };
      const [rows, columns] = [typed.rows, typed.columns].map(({ field, text }) => parseAxis(field, text));
      const forms = cellsOf(session.state.values, rows, columns, session.state.shape).flat();
      session.edit({ rows: formatAxis(typed.rows), columns: formatAxis(typed.columns) });
      const runs: KeptRun[] = [];
      this.sweep = { rows, columns, runs };
      this.running = true;
      const id = crypto.getRandomValues(new Uint32Array(4)).join('-');
      for (const [index, values] of forms.entries()) {
        if (!this.running) return;
        const [row, column] = [rows, columns].map(({ field }) => `${SWEPT[field]} ${values[field]}`);
        const run = await session.train({
          values,
          name: `sweep: ${row}, ${column}`,
          holdOut: this.heldOut,
          sweep: { id, rows: rows.field, columns: columns.field },
          part: { index: index + 1, count: forms.length },
        });
        if (!run || run.report.stopped) return;
        runs.push(run);
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
