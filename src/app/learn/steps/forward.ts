// Step 3: one digit through the network.
import { html, type TemplateResult } from 'lit';
import { classBars, columns, decimal } from '../figures.ts';
import type { Pass } from '../lab.ts';
import { column, row, type Tutorial } from '../tutorial.ts';
import '../pixel_grid.ts';
import { chosenDigit, digitPicker, live, rowOf, type TutorialStep, trainedFor, unitPicker } from './step.ts';

export const forwardStep: TutorialStep = {
  title: 'The forward pass',
  kernels: ['dense_forward'],
  view: (tutorial) => html`
    <p>
      Going <em>forward</em>, pixels become an answer. Each hidden unit multiplies every pixel by its weight,
      adds the products and its bias, and hands the sum on if it is above 0, else 0. That last rule is called
      <em>ReLU</em>; without it, two layers could do no more than one. The output layer does the same without
      the rule. Its ten sums are the <em>logits</em>, and the largest is the network’s answer.
    </p>
    <p class="learn-formula">
      <math>
        <mi>h</mi><mo>=</mo><mo>max</mo><mo stretchy="false">(</mo><mn>0</mn><mo>,</mo><mi>x</mi><mo>·</mo><msub><mi>W</mi><mn>0</mn></msub><mo>+</mo><msub><mi>b</mi><mn>0</mn></msub><mo stretchy="false">)</mo>
      </math>
      <math>
        <mi>z</mi><mo>=</mo><mi>h</mi><mo>·</mo><msub><mi>W</mi><mn>1</mn></msub><mo>+</mo><msub><mi>b</mi><mn>1</mn></msub>
      </math>
    </p>
    ${live(tutorial, (pass) => digitPicker(tutorial, pass))}
    <h3>One hidden unit at work</h3>
    ${live(tutorial, (pass) => unitPiece(tutorial, pass))}
    <h3>All units, and the answer</h3>
    ${live(tutorial, (pass) => layersPiece(tutorial, pass))}
    <p>
      The kernel <code>dense_forward</code> does this for the whole batch, once for each layer. The 64 rows of
      <code>x</code> and the columns of the weights make one matrix product: ${
        tutorial.place.hidden * 784 * 64 > 1e6
          ? html`${((tutorial.place.hidden * 784 * 64) / 1e6).toFixed(1)} million`
          : html`${Math.round((tutorial.place.hidden * 784 * 64) / 1e3)} thousand`
      }
      multiplications in the hidden layer. Nearly all the time of a training goes into such products, so most
      of the kernel is about keeping numbers close at hand.
    </p>
  `,
};

/** Terms of the sum that are spelled out. */
const SPELLED = 4;

function unitPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { hidden } = pass.settings;
  const { kernel0, bias0, activation0, activation1 } = pass.tensors;
  const index = rowOf(tutorial, pass);
  const unit = Math.min(tutorial.place.unit, hidden - 1);
  const { pixels, width } = pass.digits[index];
  const x = row(activation0, pixels.length, index);
  const weights = column(kernel0, hidden, unit);
  const products = weights.map((weight, pixel) => weight * x[pixel]);
  const sum = products.reduce((total, product) => total + product, 0) + bias0[unit];
  const spelled = Array.from(products, (product, pixel) => ({ product, pixel }))
    .sort((a, b) => Math.abs(b.product) - Math.abs(a.product))
    .slice(0, SPELLED);
  const inked = pixels.filter((pixel) => pixel > 0).length;
  const others = spelled.reduce((rest, { product }) => rest - product, sum - bias0[unit]);
  const at = (pixel: number) => `Row ${Math.floor(pixel / width)}, column ${pixel % width}`;
  return html`
    <div class="learn-row">${unitPicker(tutorial, pass)} <p class="note">${trainedFor(pass)}; blue is above 0, orange below</p></div>
    <div class="learn-unit-work">
      ${chosenDigit(tutorial, pass)}
      <figure>
        <figcaption>its weights</figcaption>
        <pixel-grid .label=${`Weights of hidden unit ${unit}`} .picture=${{ values: weights, colours: 'signed', describe: (pixel: number) => `${at(pixel)}: weight ${decimal(weights[pixel])}` }}></pixel-grid>
      </figure>
      <figure>
        <figcaption>pixel × weight</figcaption>
        <pixel-grid .label=${'Pixel times weight'} .picture=${{ values: products, colours: 'signed', describe: (pixel: number) => `${at(pixel)}: ${decimal(x[pixel], 3)} × ${decimal(weights[pixel])} = ${decimal(products[pixel])}` }}></pixel-grid>
      </figure>
      <table class="learn-sum">
        <caption class="visually-hidden">The sum of hidden unit ${unit}</caption>
        <tbody>
          ${spelled.map(
            ({ product, pixel }) =>
              html`<tr><td>x[${pixel}] · W₀[${pixel}, ${unit}]</td><td>${decimal(x[pixel], 3)} × ${decimal(weights[pixel])}</td><td>${decimal(product)}</td></tr>`,
          )}
          <tr><td>${Math.max(0, inked - SPELLED)} more pixels with ink</td><td></td><td>${decimal(others)}</td></tr>
          <tr><td>bias b₀[${unit}]</td><td></td><td>${decimal(bias0[unit])}</td></tr>
          <tr class="sum"><td>sum</td><td></td><td>${decimal(sum)}</td></tr>
          <tr><td>max(0, sum)</td><td></td><td>${decimal(Math.max(0, sum))}</td></tr>
          <tr><td>as dense_forward computed it</td><td></td><td id="learn-activation"><strong>${decimal(activation1[index * hidden + unit])}</strong></td></tr>
        </tbody>
      </table>
    </div>
  `;
}

function layersPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { hidden } = pass.settings;
  const index = rowOf(tutorial, pass);
  const unit = Math.min(tutorial.place.unit, hidden - 1);
  const active = row(pass.tensors.activation1, hidden, index);
  const classes = pass.tensors.bias1.length;
  const logits = row(pass.tensors.activation2, classes, index);
  const silent = active.filter((value) => value === 0).length;
  const label = pass.targets[index];
  return html`
    <div class="learn-pair">
      <div>
        <h3>Hidden units</h3>
        ${columns(`Activations of ${hidden} hidden units`, active, unit)}
        <p class="note"><span id="learn-silent">${silent}</span> of ${hidden} are 0 for this digit, by ReLU. Unit ${unit} is marked.</p>
      </div>
      <div>
        <h3>Logits</h3>
        ${classBars({ id: 'learn-logits', label: 'Logits', values: logits, format: (value) => decimal(value, 3), right: label })}
        <p class="note">The answer is ${logits.indexOf(Math.max(...logits))}, the label is ${label}.</p>
      </div>
    </div>
  `;
}
