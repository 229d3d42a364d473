// Step 5: the gradient, from the logits back to the first weight, and its check from outside.
import { html, type TemplateResult } from 'lit';
import { softmax } from '../../../evaluation/evaluation.ts';
import { decimal } from '../figures.ts';
import type { Pass } from '../lab.ts';
import { column, row, type Tutorial, weightOf } from '../tutorial.ts';
import '../pixel_grid.ts';
import { digitPicker, live, rowOf, type TutorialStep, trainedFor, unitPicker } from './step.ts';

export const backwardStep: TutorialStep = {
  title: 'The backward pass',
  kernels: ['softmax_cross_entropy', 'dense_backward_weight', 'dense_backward_input'],
  view: (tutorial) => html`
    <p>
      Which way should each weight move? The <em>gradient</em> says it: for each weight, how fast the loss
      rises when the weight does. It is found from back to front, one layer after the other, which is why this
      is called <em>backpropagation</em>.
    </p>
    <h3>At the logits</h3>
    <p>
      Here the gradient is simple: the probability of each class, less 1 for the label. The network should
      have given more to the label and less to all others. It is divided by the number of digits, because the
      loss is a mean. <code>softmax_cross_entropy</code> writes it to <code>dlogits</code>, along with the
      loss.
    </p>
    ${live(tutorial, (pass) => logitsPiece(tutorial, pass))}
    <h3>At the weights</h3>
    <p>
      A weight has its effect through the number that it multiplies. So its gradient is what came in, times
      the gradient of what came out, summed over the batch: <code>dense_backward_weight</code> computes dW =
      xᵀ·dy for a whole layer. And <code>dense_backward_input</code> hands the gradient back to the layer
      before, dx = dy·Wᵀ, but only to units that were above 0: one that ReLU kept silent had no part in the
      answer.
    </p>
    ${live(tutorial, (pass) => gradientPiece(tutorial, pass))}
    <h3>Is that true?</h3>
    <p>
      We can check it without any theory. Move one weight up and down by a tiny h, run the forward pass both
      times, and see how much the loss changed. The picture above marks the weight; choose another one by a
      click, or with the arrow keys and Enter.
    </p>
    ${live(tutorial, (pass) => checkPiece(tutorial, pass))}
  `,
};

function logitsPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const index = rowOf(tutorial, pass);
  const classes = pass.tensors.bias1.length;
  const rows = pass.digits.length;
  const probabilities = softmax(row(pass.tensors.activation2, classes, index));
  const gradient = row(pass.tensors.dactivation2, classes, index);
  const label = pass.targets[index];
  return html`
    ${digitPicker(tutorial, pass)}
    <div class="learn-scroll" tabindex="0" role="region" aria-label="Gradient at the logits">
      <table id="learn-dlogits" class="learn-table">
        <thead>
          <tr><th scope="col">class</th><th scope="col">p</th><th scope="col">y</th><th scope="col">(p − y) / ${rows}</th><th scope="col">dlogits</th></tr>
        </thead>
        <tbody>
          ${probabilities.map((p, each) => {
            const y = Number(each === label);
            return html`<tr class=${y ? 'chosen' : ''}><th scope="row">${each}</th><td>${decimal(p)}</td><td>${y}</td><td>${decimal((p - y) / rows, 6)}</td><td>${decimal(gradient[each], 6)}</td></tr>`;
          })}
        </tbody>
      </table>
    </div>
    <p class="note">p is the probability, y is 1 for the label. The last column is what the kernel computed.</p>
  `;
}

function gradientPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { hidden } = pass.settings;
  const { unit, pixel: chosen } = weightOf(pass, tutorial.place);
  const { width } = pass.digits[0];
  const gradient = column(pass.tensors.dkernel0, hidden, unit);
  const rows = pass.digits.length;
  const passed = column(pass.tensors.dactivation1, hidden, unit).filter((value) => value !== 0).length;
  const describe = (pixel: number) =>
    `Row ${Math.floor(pixel / width)}, column ${pixel % width}: dW₀[${pixel}, ${unit}] = ${decimal(gradient[pixel], 6)}`;
  return html`
    <div class="learn-gradient">
      <figure>
        <pixel-grid
          id="learn-gradient"
          .label=${`Gradient of the weights of hidden unit ${unit}; Enter chooses a weight`}
          .picture=${{ values: gradient, colours: 'signed', chosen, describe }}
          @pick=${(event: CustomEvent<number>) => tutorial.edit({ pixel: event.detail })}
        ></pixel-grid>
      </figure>
      <div>
        <div class="learn-row">${unitPicker(tutorial, pass)} <p class="note">${trainedFor(pass)}</p></div>
        <p>
          The gradient of the 784 weights of hidden unit ${unit}, over the batch. Where it is blue the loss
          rises with the weight, so the weight should go down; where it is orange, up. At the edge, where no
          digit has ink, it is 0: these weights change nothing.
        </p>
        <p>The unit was above 0 for ${passed} of the ${rows} digits; only from these does a gradient come back.</p>
      </div>
    </div>
  `;
}

function checkPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { unit, pixel, index } = weightOf(pass, tutorial.place);
  const gradient = pass.tensors.dkernel0[index];
  const difference = tutorial.difference?.weight === index ? tutorial.difference : undefined;
  const show = (value: number | undefined, digits: number) =>
    value === undefined ? '…' : decimal(value, digits);
  const line = (name: unknown, value: string, id?: string) =>
    html`<tr><th scope="row">${name}</th><td id=${id ?? `learn-check-${value}`}>${value}</td></tr>`;
  return html`
    <table class="learn-table check">
      <caption>The weight W₀[${pixel}, ${unit}] = ${decimal(pass.tensors.kernel0[index])}, h = 1/${difference ? 1 / difference.h : '…'}</caption>
      <tbody>
        ${line('loss at w + h', show(difference?.lossAbove, 9), 'learn-above')}
        ${line('loss at w − h', show(difference?.lossBelow, 9), 'learn-below')}
        ${line('slope: their difference / 2h', show(difference?.slope, 7), 'learn-slope')}
        ${line(html`gradient by <code>dense_backward_weight</code>`, decimal(gradient, 7), 'learn-kernel-gradient')}
      </tbody>
    </table>
    <p class="note">The kernels ran forward twice; their losses are summed in float64, since float32 would lose so small a difference.</p>
    <p id="learn-check">${difference ? agreement(gradient, difference.slope, difference.bends) : '…'}</p>
  `;
}

function agreement(gradient: number, slope: number, bends: number): string {
  const apart = Math.abs(gradient - slope);
  if (bends > 0) {
    return `Between w − h and w + h the unit switches on or off for ${bends === 1 ? 'one digit' : `${bends} digits`}. There the loss has a bend, so the slope across it is a mean of both sides, and may differ from the gradient at w.`;
  }
  if (gradient === 0 && slope === 0) return 'Both are 0: this weight has no effect on this batch.';
  const share = apart / Math.max(Math.abs(gradient), Math.abs(slope));
  return `They differ by ${decimal(apart, 7)}, which is ${(100 * share).toPrecision(1)} % of the gradient: that is the rounding of float32.`;
}
