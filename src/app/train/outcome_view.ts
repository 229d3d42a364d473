// What the last training reached, in one line, and the way to the rest.
import { html, type TemplateResult } from 'lit';
import { judge } from '../model/judge.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';

export function outcomeView({ state, busy }: Session): TemplateResult {
  const { id, report, holdOut } = state.run!;
  return html`
    <section class=${busy ? 'outcome-line stale' : 'outcome-line'} aria-label="Outcome">
      <p class="accuracy"><span id="accuracy">${format.percent(report.test.accuracy)}</span></p>
      <p>
        of the ${judge(holdOut)} images recognised ${busy ? 'by the last training' : ''}<br>
        <span class="note">${format.duration(report.seconds)} on <span id="ran-on">${format.engine(report.environment)}</span></span>
      </p>
      <p class="links">
        <a id="to-results" href="#/results">Results and mistakes</a>
        <a href="#/draw?run=${id}">Draw a digit for it</a>
      </p>
    </section>
  `;
}
