// Step 9: what the network gets wrong, and what would help.
import { html, type TemplateResult } from 'lit';
import { withArticle } from '../../../plural.ts';
import * as format from '../../parts/format.ts';
import { classBars } from '../figures.ts';
import type { Trained } from '../lab.ts';
import type { Tutorial } from '../tutorial.ts';
import { ofTrained } from './evaluate.ts';
import type { TutorialStep } from './step.ts';

export const mistakesStep: TutorialStep = {
  title: 'The mistakes',
  kernels: [],
  view: (tutorial) => html`
    <p>
      A number says how good a network is; its mistakes say why it is no better. Here are those it was surest
      of. Some are digits that you would get wrong too, some have a wrong label, and some you read at a
      glance.
    </p>
    ${ofTrained(tutorial, (trained) => mistakesPiece(tutorial, trained))}
    <h3>What would help?</h3>
    <ul class="learn-ideas">
      <li>
        <strong>A larger network, for longer.</strong> More units can tell more shapes apart:
        <a href="#/train?network=784-512-10&amp;epochs=6">try 784-512-10 for 6 epochs</a>.
      </li>
      <li>
        <strong>More varied digits.</strong> A dense layer does not know that a shifted 7 is still a 7: it has
        to see it. When the training digits are shifted, turned and stretched a little, differently in each
        epoch, the network never sees the same picture twice, and does better on new ones.
        <a href="#/train">Train</a> is the place to try such things.
      </li>
      <li>
        <strong>Dropout.</strong> Leaving out random units in each step keeps them from relying on each other;
        it pays in large networks: <a href="#/train?network=784-512-10&amp;epochs=10&amp;dropout=0.3">try it
        with a rate of 0.3</a>.
      </li>
      <li>
        <strong>Your own hand.</strong> <a href="#/draw">Draw</a> digits, and find out what it takes to fool a
        network.
      </li>
    </ul>
  `,
};

/** Mistakes that are shown. */
const SHOWN = 24;

function mistakesPiece(tutorial: Tutorial, { evaluation, mistakes: images }: Trained): TemplateResult {
  const { mistakes, samples, correct } = evaluation;
  if (mistakes.length === 0) return html`<p>There are none: every test digit was recognised.</p>`;
  const chosen = Math.min(tutorial.place.mistake, mistakes.length - 1, SHOWN - 1);
  const { index, label, predicted, probabilities } = mistakes[chosen];
  return html`
    <fieldset class="plain learn-mistakes">
      <legend class="note">The ${SHOWN} surest of ${format.plural(samples - correct, 'mistake')}: label → answer</legend>
      <div>
        ${mistakes.slice(0, SHOWN).map(
          (mistake, i) => html`
            <label>
              <input
                type="radio"
                name="learn-mistake"
                class="visually-hidden"
                aria-label=${`${mistake.label}, taken for ${withArticle(String(mistake.predicted))}`}
                .checked=${i === chosen}
                @change=${() => tutorial.edit({ mistake: i })}
              >
              <digit-image .digit=${images[i]}></digit-image>
              <span aria-hidden="true">${mistake.label} → <strong>${mistake.predicted}</strong></span>
            </label>
          `,
        )}
      </div>
    </fieldset>
    <div class="learn-pair">
      <figure class="learn-digit large">
        <digit-image .digit=${images[chosen]} role="img" aria-label=${`Test digit ${index}`}></digit-image>
        <figcaption>test digit ${format.count(index)}, label <strong>${label}</strong></figcaption>
      </figure>
      <div>
        <h3>What the network gives each class</h3>
        ${classBars({ id: 'learn-mistake-bars', label: 'Probabilities', values: probabilities, format: (value) => format.percent(value, 1), right: label, whole: 1 })}
        <p class="note">It took this ${label} for ${withArticle(String(predicted))}, and gave that ${format.percent(probabilities[predicted], 1)}.</p>
      </div>
    </div>
  `;
}
