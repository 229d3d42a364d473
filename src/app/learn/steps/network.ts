// Step 2: two dense layers, and their weights before training.
import { html, svg, type TemplateResult } from 'lit';
import { softmax } from '../../../evaluation/evaluation.ts';
import * as format from '../../parts/format.ts';
import { histogram } from '../figures.ts';
import type { Pass } from '../lab.ts';
import { BATCH } from '../lab_plan.ts';
import { HIDDEN } from '../place.ts';
import { row, type Tutorial } from '../tutorial.ts';
import { live, rowOf, type TutorialStep, trainedFor } from './step.ts';

export const networkStep: TutorialStep = {
  title: 'The network',
  kernels: [],
  view: (tutorial) => html`
    <p>
      Our network has two <em>dense</em> layers. A layer is a row of <em>units</em>. Each unit has one
      <em>weight</em> for every number that comes in, and one <em>bias</em>: it multiplies each number by its
      weight, and adds everything up. The <em>hidden</em> layer looks at the pixels. The output layer looks at
      the hidden units, and has one unit for each digit from 0 to 9.
    </p>
    <p>
      All weights of a layer make a table of [inputs, units], which Keras calls the layer’s
      <code>kernel</code>. (That is one meaning of the word; the other is a small program that computes one
      thing very fast, such as those whose sources you find here.)
    </p>
    ${live(tutorial, (pass) => layersPiece(tutorial, pass))}
    <p>
      At first the weights are random. If they were too small, the numbers would fade from layer to layer; if
      too large, they would explode. <em>He initialisation</em> draws them evenly from
      <math><mo>−</mo><msqrt><mn>6</mn><mo>/</mo><mtext>inputs</mtext></msqrt></math> to
      <math><mo>+</mo><msqrt><mn>6</mn><mo>/</mo><mtext>inputs</mtext></msqrt></math>, which keeps their size about the
      same. Biases begin at 0. These are the real weights of this network:
    </p>
    ${live(tutorial, weightsPiece)}
  `,
};

/** Hidden units that are drawn. */
const DRAWN = 16;

function layersPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { hidden } = tutorial.place;
  return html`
    <div class="field learn-slider">
      <label for="learn-hidden">Hidden units</label>
      <input
        id="learn-hidden"
        type="range"
        min=${HIDDEN.least}
        max=${HIDDEN.most}
        step=${HIDDEN.step}
        .value=${String(hidden)}
        @input=${(event: Event) => tutorial.edit({ hidden: Number((event.target as HTMLInputElement).value) })}
      >
      <output for="learn-hidden">${hidden}</output>
    </div>
    <div class="learn-layers">
      <digit-image class="learn-input" .digit=${pass.digits[rowOf(tutorial, pass)]} aria-hidden="true"></digit-image>
      ${drawing(tutorial, pass)}
    </div>
    ${parameterCount(pass)}
  `;
}

/**
 * Units are filled by what the digit makes of them; the lines to the output have the colour of their weight's
 * sign.
 */
function drawing(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { settings, tensors, digits } = pass;
  const { hidden } = settings;
  const index = rowOf(tutorial, pass);
  const active = row(tensors.activation1, hidden, index);
  const classes = tensors.activation2.length / digits.length;
  const outputs = softmax(row(tensors.activation2, classes, index));
  const shown = Math.min(hidden, DRAWN);
  const most = Math.max(...active.subarray(0, shown)) || 1;
  const strongest = tensors.kernel1.reduce((far, weight) => Math.max(far, Math.abs(weight)), 0) || 1;
  const place = (at: number, count: number) => 12 + ((at + 0.5) / count) * 236;
  const units = Array.from({ length: shown }, (_, unit) => unit);
  return html`
    <svg class="learn-network" viewBox="0 0 460 284" role="img" aria-label=${`784 pixels, ${hidden} hidden units, ${classes} outputs`}>
      ${units.flatMap((unit) =>
        Array.from(
          { length: 14 },
          (_, line) =>
            svg`<line class="thread" x1="0" x2="190" y1=${60 + 0.55 * place(line, 14)} y2=${place(unit, shown)} />`,
        ),
      )}
      ${units.flatMap((unit) =>
        outputs.map((_, output) => {
          const weight = tensors.kernel1[unit * classes + output];
          const strength = Math.min(1, Math.abs(weight) / strongest) || 0;
          return svg`<line class=${weight > 0 ? 'plus' : 'minus'} x1="190" x2="400" y1=${place(unit, shown)} y2=${place(output, classes)} opacity=${strength.toFixed(2)} />`;
        }),
      )}
      ${units.map(
        (unit) =>
          svg`<circle cx="190" cy=${place(unit, shown)} r="6.5" /><circle class="fill" cx="190" cy=${place(unit, shown)} r="6.5" opacity=${((active[unit] || 0) / most).toFixed(2)} />`,
      )}
      ${outputs.map(
        (probability, output) =>
          svg`<circle cx="400" cy=${place(output, classes)} r="8" /><circle class="fill" cx="400" cy=${place(output, classes)} r="8" opacity=${probability.toFixed(2)} /><text x="418" y=${place(output, classes) + 5}>${output}</text>`,
      )}
      <text x="190" y="276" text-anchor="middle">${shown < hidden ? `${shown} of ${hidden} hidden units` : `${hidden} hidden units`}</text>
      <text x="400" y="276" text-anchor="middle">outputs</text>
    </svg>
  `;
}

function parameterCount({ settings: { hidden }, digits, tensors }: Pass): TemplateResult {
  const inputs = digits[0].pixels.length;
  const classes = tensors.bias1.length;
  const layer = (name: string, from: number, units: number) => html`
    <tr>
      <th scope="row">${name}</th>
      <td>${format.count(from)} × ${units} weights + ${units} biases</td>
      <td>${format.count(from * units + units)}</td>
    </tr>
  `;
  const total = (inputs + 1) * hidden + (hidden + 1) * classes;
  return html`
    <table class="learn-count">
      <tbody>
        ${layer('Hidden layer', inputs, hidden)} ${layer('Output layer', hidden, classes)}
        <tr class="sum"><th scope="row">Parameters</th><td></td><td id="learn-parameters">${format.count(total)}</td></tr>
      </tbody>
    </table>
  `;
}

function weightsPiece(pass: Pass): TemplateResult {
  const { hidden } = pass.settings;
  const layer = (title: string, values: Float32Array, inputs: number) => html`
    <div>
      <h3>${title} <span class="aside">${format.count(values.length)} weights, ${trainedFor(pass)}</span></h3>
      ${histogram(`${title}: how many weights have which value`, values, Math.sqrt(6 / inputs))}
    </div>
  `;
  return html`
    <div class="learn-pair">
      ${layer('Hidden layer', pass.tensors.kernel0, pass.digits[0].pixels.length)}
      ${layer('Output layer', pass.tensors.kernel1, hidden)}
    </div>
    <p class="note">The marks are the limits. A batch of ${BATCH} digits goes through all of these weights at once, in the next step.</p>
  `;
}
