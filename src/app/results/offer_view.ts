// What Results offers where it has nothing to show: to train the run of a link here, the newest run, and the
// networks that ship with the page.
import { html, nothing, type TemplateResult } from 'lit';
import { SHIPPED_MODELS } from '../draw/shipped_models.ts';
import { recipeTitle } from '../model/form.ts';
import { type AskedTraining, hrefOfRun } from '../model/run_address.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import { runsOf } from './subject.ts';

export interface Offer {
  readonly missing: 'run' | 'model' | undefined;
  /** The training that the address describes. */
  readonly training: AskedTraining | undefined;
  /** Whether it is under way. */
  readonly underWay: boolean;
  /** Why it came to nothing. */
  readonly problem: string | undefined;
  readonly onTrain: (training: AskedTraining) => void;
}

export function offerView(session: Session, offer: Offer): TemplateResult {
  const { missing, training } = offer;
  return html`
    <section class="panel offer" aria-label="Nothing to show yet">
      ${missing ? html`<p id="results-gone"><strong>${missing === 'run' ? 'This browser does not keep the run of this address.' : 'The page has no network of this name.'}</strong></p>` : nothing}
      ${missing === 'run' && training ? trainingView(session, training, offer) : nothing}
      ${missing ? nothing : html`<p>Accuracy, confusion matrix and mistakes appear here after a <a href="#/train">training</a>.</p>`}
      ${othersView(session, missing !== undefined)}
    </section>
  `;
}

function trainingView(session: Session, training: AskedTraining, offer: Offer): TemplateResult {
  const { values, holdOut } = training;
  const { underWay, problem, onTrain } = offer;
  const judged = holdOut ? `, judged by ${format.count(holdOut)} held-out images` : '';
  return html`
    <p>
      It holds all that it takes to train it again: ${values.network}, recipe ${recipeTitle(values)},
      ${values.epochs} × batch ${values.batch}, ${values.optimizer} ${values.learningRate}, seed ${values.seed}${judged}.
    </p>
    ${
      underWay
        ? progressView(session)
        : html`
          <p><button type="button" id="train-here" class="primary" ?disabled=${session.busy} @click=${() => onTrain(training)}>Train this run here (same seed)</button></p>
          ${session.busy ? html`<p class="note">Another training is under way.</p>` : nothing}
          ${problem ? html`<p class="problem" role="alert">${problem}</p>` : nothing}
        `
    }
  `;
}

function progressView({ state: { status, progress } }: Session): TemplateResult {
  const share = progress ? progress.step / progress.steps : 0;
  return html`
    <div class="status-line">
      <p role="status">${status}</p>
      <p class="aside">${format.percent(share, 0)} <a href="#/train">Watch it</a></p>
    </div>
    <progress max="1" .value=${share} aria-label="Steps done"></progress>
  `;
}

function othersView(session: Session, withNewest: boolean): TemplateResult {
  const [newest] = runsOf(session);
  const shipped = SHIPPED_MODELS.map(
    ({ name, title }) =>
      html`<li><a id=${`results-of-${name}`} class="button" href=${`#/results?model=${name}`}>${title}</a></li>`,
  );
  return html`
    <p>Meanwhile, look at a network that ships with the page${withNewest && newest ? ', or at your newest run' : nothing}:</p>
    <ul class="choices">
      ${shipped} ${withNewest && newest ? html`<li><a class="button" href=${hrefOfRun(newest)}>${newest.name}</a></li>` : nothing}
    </ul>
  `;
}
