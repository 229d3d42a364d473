// The line that every visit begins with, the buttons that train, and beside them what to do next.
import { html, nothing, type TemplateResult } from 'lit';
import type { Session } from '../model/session.ts';
import type { Phase } from '../model/state.ts';
import * as format from '../parts/format.ts';
import { outcomeView } from './outcome_view.ts';

/** One button trains, pauses and goes on, so that the keyboard's focus stays where it is. */
const TITLES: { readonly [P in Phase]: string } = {
  idle: 'Train',
  starting: 'Pause',
  training: 'Pause',
  paused: 'Resume',
  stopping: 'Pause',
};

export function leadView(session: Session): TemplateResult {
  return html`
    <h2 class="claim">Teach a network to read handwriting, in your browser, in seconds</h2>
    <div class="lead">
      <div class="actions">${problemView(session)} ${buttons(session)}</div>
      ${session.state.run ? outcomeView(session) : offers(session)}
    </div>
  `;
}

function problemView({ state: { problem } }: Session): TemplateResult {
  return html`<p id="problem" class="problem" role="alert">${problem ? format.sentence(problem.message) : ''}</p>`;
}

function buttons(session: Session): TemplateResult {
  const { phase } = session.state;
  const waiting = phase === 'starting' || phase === 'stopping';
  return html`
    <div class=${session.busy ? 'buttons three' : 'buttons'}>
      <button id="train" form="form" class="primary" aria-disabled=${waiting ? 'true' : nothing}>${TITLES[phase]}</button>
      <button
        id="step"
        type="button"
        title="One step, then pause"
        aria-disabled=${phase === 'idle' || phase === 'paused' ? nothing : 'true'}
        @click=${() => session.step()}
      >
        Step
      </button>
      <button id="stop" type="button" ?hidden=${!session.busy} @click=${() => session.stop()}>
        ${phase === 'stopping' ? 'Stop at once' : 'Stop'}
      </button>
    </div>
  `;
}

/** For who does not want to train first. */
function offers({ router }: Session): TemplateResult {
  return html`
    <p class="offers">
      Or <a id="offer-draw" href=${router.href('draw')}>draw a digit</a>: a trained network is ready.<br>
      New to this? <a id="offer-learn" href=${router.href('learn')}>Learn how it works</a>, step by step.
    </p>
  `;
}
