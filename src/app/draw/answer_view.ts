// What the network makes of the drawing: the class it takes it for and how sure it is, the image that it saw,
// and all probabilities.
import { html, nothing, type TemplateResult } from 'lit';
import { className, MNIST } from '../../data/dataset.ts';
import '../parts/digit_image.ts';
import { withArticle } from '../../plural.ts';
import type { Digit } from '../parts/digit_image.ts';
import * as format from '../parts/format.ts';
import { certainty, isSure } from './certainty.ts';
import type { Picture } from './drawing.ts';
import type { ModelFacts, Prediction } from './predict_worker.ts';

/** More classes than this are listed by probability, the first few of them. */
const MAX_BARS = 12;
const BARS_OF_MANY = 10;

/** The class that the network takes the drawing for, how sure it is, and the image that it saw. */
export function winnerView(
  facts: ModelFacts | undefined,
  prediction: Prediction | undefined,
  { picture, dot }: { readonly picture?: Picture; readonly dot: boolean },
): TemplateResult {
  const { width, height, classNames } = datasetOf(facts);
  const digit = prediction?.digit ?? blank(width, height);
  const sure = prediction && isSure(prediction.probabilities);
  return html`
    <div class=${sure ? 'draw-answer' : 'draw-answer unsure'}>
      <span id="draw-winner" class="draw-class">${prediction ? className(classNames, prediction.predicted) : '?'}</span>
      <p class="draw-certainty">
        ${
          prediction
            ? html`<strong id="draw-certainty">${certainty(prediction.probabilities, classNames)}</strong>`
            : html`<span class="note">${dot ? 'Only a dot so far' : 'Nothing drawn yet'}</span>`
        }
        ${prediction && picture ? html`<span id="draw-verdict" class="note">${verdict(picture, prediction, classNames)}</span>` : nothing}
      </p>
      <figure class="draw-seen">
        <digit-image id="draw-seen" .digit=${digit} role="img" aria-label="The image that the network sees"></digit-image>
        <figcaption class="note">seen as ${digit.width} × ${digit.height}</figcaption>
      </figure>
    </div>
  `;
}

/** Whether the answer is the class that the picture is known to show. */
function verdict(
  { label }: Picture,
  { predicted }: Prediction,
  names: readonly string[] | undefined,
): string | typeof nothing {
  if (label === undefined) return nothing;
  return label === predicted ? 'and that is right' : `but it is ${withArticle(className(names, label))}`;
}

export function probabilitiesView(
  facts: ModelFacts | undefined,
  prediction: Prediction | undefined,
): TemplateResult {
  const { classes, classNames } = datasetOf(facts);
  return bars(prediction?.probabilities ?? new Array<number>(classes).fill(0), classNames, prediction);
}

const datasetOf = (facts: ModelFacts | undefined) => facts?.dataset ?? { ...MNIST, classNames: undefined };

function bars(
  probabilities: readonly number[],
  names: readonly string[] | undefined,
  prediction: Prediction | undefined,
): TemplateResult {
  const all = probabilities.map((probability, label) => ({ probability, label }));
  const shown =
    all.length <= MAX_BARS ? all : all.sort((a, b) => b.probability - a.probability).slice(0, BARS_OF_MANY);
  return html`
    <table id="draw-probabilities" class="draw-bars">
      <caption>Probability of each class</caption>
      <tbody>
        ${shown.map(
          ({ probability, label }) => html`
            <tr class=${prediction?.predicted === label ? 'best' : nothing}>
              <th scope="row">${className(names, label)}</th>
              <td class="draw-bar" aria-hidden="true"><span .style=${`--share: ${probability.toFixed(4)}`}></span></td>
              <td>${prediction ? format.percent(probability, 1) : '–'}</td>
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

const blanks = new Map<string, Digit>();

/** The same each time, so that it is drawn once. */
function blank(width: number, height: number): Digit {
  const key = `${width}×${height}`;
  const digit = blanks.get(key) ?? { pixels: new Uint8Array(width * height), width, height };
  blanks.set(key, digit);
  return digit;
}
