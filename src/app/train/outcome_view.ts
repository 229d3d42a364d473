// What the last training reached, in one line, and the way to the rest.
import { html, type TemplateResult } from 'lit';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';

export function outcomeView(session: Session): TemplateResult {
  const { run } = session.state;
  if (!run) {
    return html`<section class="outcome-line empty" aria-label="Outcome"><p class="note">What the training reaches appears here.</p></section>`;
  }
  const { report } = run;
  return html`
    <section class=${session.busy ? 'panel outcome-line stale' : 'panel outcome-line'} aria-label="Outcome">
      <p class="accuracy"><span id="accuracy">${format.percent(report.test.accuracy)}</span></p>
      <p>
        of the test images recognised ${session.busy ? 'by the last training' : ''}<br>
        <span class="note">${format.duration(report.seconds)} on <span id="ran-on">${format.engine(report.environment)}</span></span>
      </p>
      <p class="links">
        <a id="to-results" href="#/results">Results and mistakes</a>
        <a href="#/draw?run=${run.id}">Draw a digit for it</a>
      </p>
    </section>
  `;
}
