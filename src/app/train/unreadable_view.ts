// Offers to delete what this browser keeps and this version of the page cannot read.
import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import '../parts/notice.css';

export function unreadableView({ state, runs }: Session): TemplateResult | typeof nothing {
  if (state.unreadable === 0) return nothing;
  return html`
    <section id="unreadable" class="notice" aria-label="Unreadable trainings">
      <p>${format.plural(state.unreadable, 'kept training')} cannot be read by this version of the page.</p>
      <button type="button" id="delete-unreadable" @click=${() => runs.deleteUnreadable()}>Delete</button>
    </section>
  `;
}
