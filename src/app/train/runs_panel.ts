// <runs-panel>: the runs that this browser keeps, sorted, compared, noted, repeated, exported and deleted.
import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { messageOf } from '../../errors.ts';
import * as format from '../parts/format.ts';
import '../parts/notice.css';
import type { KeptRun } from '../storage/kept_runs.ts';
import { SessionElement } from '../view.ts';
import { type Column, type Entry, entriesOf, keepOrder, keptOrder, sortedBy } from './run_order.ts';
import { entryRows, exportRuns, type Rows } from './run_rows.ts';
import './runs.css';

const TITLES: { readonly [C in Column]: string } = {
  name: 'Name',
  created: 'Date',
  accuracy: 'Accuracy',
  seconds: 'Time',
  images: 'Images',
};

class RunsPanel extends SessionElement {
  static override properties = {
    ...SessionElement.properties,
    order: { state: true },
    chosen: { state: true },
    unfolded: { state: true },
    menu: { state: true },
    noted: { state: true },
    overlay: { state: true },
  };

  declare private order: ReturnType<typeof keptOrder>;
  declare private chosen: ReadonlySet<string>;
  declare private unfolded: ReadonlySet<string>;
  declare private menu: string | undefined;
  declare private noted: string | undefined;
  /** Loads with the first run that is chosen: charts are large. */
  declare private overlay: typeof import('./run_overlay.ts') | undefined;

  constructor() {
    super();
    this.order = keptOrder();
    this.chosen = new Set();
    this.unfolded = new Set();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('pointerdown', this.closeMenu);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('pointerdown', this.closeMenu);
  }

  override render(): TemplateResult {
    const { kept, deleted } = this.session.state;
    const entries = entriesOf(kept, this.order);
    return html`
      <section class="panel runs-panel" aria-labelledby="runs-title">
        <div class="section-head">
          <h2 id="runs-title" tabindex="-1">Runs <span class="aside">kept in this browser</span></h2>
          ${kept.length > 0 ? html`<button type="button" id="export-runs" class="link" @click=${() => exportRuns(kept)}>Export all</button>` : nothing}
        </div>
        <div role="status">${deleted ? this.deletedLine(deleted) : nothing}</div>
        ${entries.length > 0 ? this.table(entries) : nothing}
        ${this.overlay?.overlayView(kept.filter(({ id }) => this.chosen.has(id)))}
      </section>
    `;
  }

  override updated(changed: PropertyValues): void {
    if (!changed.has('menu') || !this.menu) return;
    const menu = this.querySelector<HTMLElement>('.menu');
    menu?.querySelector<HTMLElement>('[role="menuitem"]:not(:disabled)')?.focus({ preventScroll: true });
    menu?.scrollIntoView({ block: 'nearest' });
  }

  /** The button that undoes a deletion goes away after a while: the focus must not go with it. */
  protected override update(changed: PropertyValues): void {
    const regretting = document.activeElement?.id === 'undo-deletion';
    super.update(changed);
    if (regretting && !this.session.state.deleted) this.focusTitle();
  }

  private focusTitle(): void {
    this.querySelector<HTMLElement>('#runs-title')?.focus({ preventScroll: true });
  }

  private table(entries: readonly Entry[]): TemplateResult {
    const rows: Rows = {
      session: this.session,
      chosen: this.chosen,
      unfolded: this.unfolded,
      menu: this.menu,
      noted: this.noted,
      onChoose: (id, on) => {
        this.chosen = changed(this.chosen, id, on);
        void this.loadOverlay();
      },
      onUnfold: (id, on) => {
        this.unfolded = changed(this.unfolded, id, on);
      },
      onMenu: (id) => this.showMenu(id),
      onNote: (id) => void this.writeNote(id),
      onDelete: (runs) => void this.delete(runs),
    };
    return html`
      <table id="runs" class="runs" role="table" aria-labelledby="runs-title">
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" class="check"><span class="visually-hidden">overlay</span></th>
            ${Object.entries(TITLES).map(([column, title]) => this.head(column as Column, title))}
            <th role="columnheader" scope="col" class="menu-cell"><span class="visually-hidden">actions</span></th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${repeat(
            entries,
            ({ id }) => id,
            (entry) => entryRows(entry, rows),
          )}
        </tbody>
      </table>
    `;
  }

  private async loadOverlay(): Promise<void> {
    try {
      this.overlay ??= await import('./run_overlay.ts');
    } catch (error) {
      const message = `The curves could not be loaded (${messageOf(error)}). Load the page again.`;
      this.session.update({ problem: { message } });
    }
  }

  private head(column: Column, title: string): TemplateResult {
    const sorted = column === this.order.column;
    const direction = this.order.descending ? 'descending' : 'ascending';
    const sort = () => {
      this.order = sortedBy(this.order, column);
      keepOrder(this.order);
    };
    return html`
      <th role="columnheader" scope="col" class=${`of-${column}`} aria-sort=${sorted ? direction : 'none'}>
        <button type="button" class="sort" @click=${sort}>${title}<span aria-hidden="true">${sorted ? (this.order.descending ? ' ↓' : ' ↑') : nothing}</span></button>
      </th>
    `;
  }

  private deletedLine(deleted: readonly KeptRun[]): TemplateResult {
    const what = deleted.length === 1 ? deleted[0].name : format.plural(deleted.length, 'run');
    return html`
      <div class="notice">
        <p>${what} deleted.</p>
        <button type="button" id="undo-deletion" @click=${this.undo}>Undo</button>
      </div>
    `;
  }

  /** The focus goes back to the button of the menu that is closed. */
  private showMenu(id: string | undefined): void {
    if (id === undefined) this.querySelector<HTMLElement>('[aria-expanded="true"].menu-button')?.focus();
    this.menu = id;
  }

  private async writeNote(id: string): Promise<void> {
    this.noted = id;
    await this.updateComplete;
    this.querySelector<HTMLElement>(`[data-run="${id}"] .run-note`)?.focus();
  }

  /** The button of the menu is gone: the focus goes where the deletion is undone. */
  private async delete(runs: readonly KeptRun[]): Promise<void> {
    this.session.runs.delete(...runs);
    this.requestUpdate();
    await this.updateComplete;
    this.querySelector<HTMLElement>('#undo-deletion')?.focus();
  }

  private readonly undo = async (): Promise<void> => {
    await this.session.runs.undoDeletion();
    this.focusTitle();
  };

  private readonly closeMenu = ({ target }: PointerEvent): void => {
    if (!(target as Element).closest('.menu-place')?.querySelector('.menu')) this.menu = undefined;
  };
}

customElements.define('runs-panel', RunsPanel);

function changed(ids: ReadonlySet<string>, id: string, on: boolean): ReadonlySet<string> {
  const after = new Set(ids);
  if (on) after.add(id);
  else after.delete(id);
  return after;
}
