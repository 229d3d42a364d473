// Offers to go on with a training that a reload or a crash cut short.
import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import '../parts/notice.css';

export function unfinishedView(session: Session): TemplateResult | typeof nothing {
  const [unfinished] = session.state.unfinished;
  if (!unfinished || session.busy) return nothing;
  const { job, snapshot, saved } = unfinished;
  const done = `${format.count(snapshot.epochs.length)} of ${format.plural(job.recipe.epochs, 'epoch')}`;
  return html`
    <section id="unfinished" class="notice" aria-label="Unfinished training">
      <p>A training of ${job.network} was cut short after ${done} (${format.dateAndTime(saved)}).</p>
      <button type="button" id="resume" class="primary" @click=${() => session.goOn(unfinished)}>Resume</button>
      <button type="button" id="discard" @click=${() => session.runs.discard(unfinished)}>Discard</button>
    </section>
  `;
}
