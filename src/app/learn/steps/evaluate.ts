// Step 8: how good the trained network is, and at which digits.
import { html, type TemplateResult } from 'lit';
import { withArticle } from '../../../plural.ts';
import * as format from '../../parts/format.ts';
import type { Trained } from '../lab.ts';
import type { Tutorial } from '../tutorial.ts';
import type { TutorialStep } from './step.ts';

export const evaluateStep: TutorialStep = {
  title: 'Evaluate',
  kernels: ['confusion'],
  view: (tutorial) => html`
    <p>
      How good is the network? It is asked about all 10,000 digits of the test set, and its answers are
      compared with the labels. The share of right answers is the <em>accuracy</em>.
    </p>
    ${ofTrained(tutorial, accuracyPiece)}
    <p>
      The <em>95 % interval</em> says how far luck goes: with 10,000 other digits of the same kind, the
      accuracy could as well have come out anywhere in there. Two networks whose intervals overlap widely may
      be equally good.
    </p>
    <h3>Which digits does it confuse?</h3>
    <p>
      The <em>confusion matrix</em> counts the answers: rows are the labels, columns the answers, and all that
      is off the diagonal is a mistake. The kernel <code>confusion</code> counts on the device, so that 100
      numbers travel instead of 100,000. Choose a class to see its two scores: <em>recall</em>, how many of
      its digits were found, along the row; and <em>precision</em>, how many of its answers were right, down
      the column.
    </p>
    ${ofTrained(tutorial, (trained) => classPiece(tutorial, trained))}
  `,
};

/** A piece about the trained network, or the way to one. */
export function ofTrained(tutorial: Tutorial, draw: (trained: Trained) => TemplateResult): TemplateResult {
  const { trained } = tutorial;
  return html`
    <div class="panel learn-live">
      ${
        trained
          ? draw(trained)
          : html`<p class="note">This looks at the network that step 7 trains; that takes a few seconds.</p>
              ${tutorial.busy ? html`<p class="note" role="status">Training …</p>` : html`<p class="learn-row"><button type="button" class="primary" @click=${() => void tutorial.train()}>Train it now</button></p>`}`
      }
    </div>
  `;
}

function accuracyPiece({ evaluation }: Trained): TemplateResult {
  const { accuracy, interval, correct, samples, loss } = evaluation;
  return html`
    <dl class="learn-facts wide">
      <div><dt>Accuracy</dt><dd class="large" id="learn-accuracy">${format.percent(accuracy)}</dd></div>
      <div><dt>95 % interval</dt><dd class="large" id="learn-interval">${(100 * interval.low).toFixed(2)} to ${format.percent(interval.high)}</dd></div>
      <div><dt>Mistakes</dt><dd class="large">${format.count(samples - correct)} of ${format.count(samples)}</dd></div>
      <div><dt>Test loss</dt><dd class="large">${format.loss(loss)}</dd></div>
    </dl>
  `;
}

function classPiece(tutorial: Tutorial, { report, evaluation }: Trained): TemplateResult {
  const { label } = tutorial.place;
  // As the kernel counted it.
  const { confusion } = report.test;
  const { precision, recall, support } = evaluation.perClass[label];
  const hits = confusion[label][label];
  const answers = confusion.reduce((sum, each) => sum + each[label], 0);
  return html`
    <fieldset class="plain learn-classes">
      <legend class="note">Class</legend>
      ${confusion.map(
        (_, each) => html`
          <label>
            <input type="radio" name="learn-class" class="visually-hidden" .checked=${each === label} @change=${() => tutorial.edit({ label: each })}>
            <span class="learn-class">${each}</span>
          </label>
        `,
      )}
    </fieldset>
    <table class="confusion few learn-confusion">
      <caption class="visually-hidden">Confusion matrix: rows are labels, columns are answers</caption>
      <thead>
        <tr><td></td>${confusion.map((_, each) => html`<th scope="col">${each}</th>`)}</tr>
      </thead>
      <tbody>
        ${confusion.map(
          (counts, target) => html`
            <tr>
              <th scope="row">${target}</th>
              ${counts.map((value, answer) => html`<td class=${cellKind(target, answer, value, label)}>${value}</td>`)}
            </tr>
          `,
        )}
      </tbody>
    </table>
    <p id="learn-scores" role="status">
      Of ${format.count(support)} digits that are ${withArticle(String(label))}, the network found ${format.count(hits)}: a
      recall of <strong>${format.percent(recall, 1)}</strong>. Of ${format.count(answers)} digits that it took
      for ${withArticle(String(label))},
      ${format.count(hits)} were one: a precision of <strong>${format.percent(precision, 1)}</strong>.
    </p>
  `;
}

function cellKind(target: number, answer: number, value: number, label: number): string {
  const kind = target === answer ? 'right' : value > 0 ? 'wrong' : 'none';
  return target === label || answer === label ? `${kind} chosen` : kind;
}
