// What the network makes of the drawing: the class it takes it for, the image that it saw, and all
// probabilities.
import { html, nothing, type TemplateResult } from 'lit';
import { className, MNIST } from '../../data/dataset.ts';
import '../parts/digit_image.ts';
import type { Digit } from '../parts/digit_image.ts';
import * as format from '../parts/format.ts';
import type { ModelFacts, Prediction } from './predict_worker.ts';

/** More classes than this are listed by probability, the first few of them. */
const MAX_BARS = 12;
const BARS_OF_MANY = 10;

export function answerView(
  facts: ModelFacts | undefined,
  prediction: Prediction | undefined,
): TemplateResult {
  const { width, height, classes, classNames } = facts?.dataset ?? { ...MNIST, classNames: undefined };
  const digit = prediction?.digit ?? blank(width, height);
  return html`
    <div class="draw-answer">
      <p class=${prediction ? 'draw-winner' : 'draw-winner none'}>
        <span id="draw-winner" class="draw-class">${prediction ? className(classNames, prediction.predicted) : '?'}</span>
        <span class="note">${prediction ? html`with <strong id="draw-probability">${format.percent(prediction.probabilities[prediction.predicted], 1)}</strong>` : 'nothing drawn yet'}</span>
      </p>
      <figure class="draw-seen">
        <digit-image id="draw-seen" .digit=${digit} role="img" aria-label="The image that the network sees"></digit-image>
        <figcaption class="note">seen by the network, ${digit.width} × ${digit.height}</figcaption>
      </figure>
    </div>
    ${bars(prediction?.probabilities ?? new Array<number>(classes).fill(0), classNames, prediction)}
  `;
}

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
      <caption class="visually-hidden">Probability of each class</caption>
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
