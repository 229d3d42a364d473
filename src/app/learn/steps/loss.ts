// Step 4: from logits to probabilities to one number that says how wrong the network is.
import { html, type TemplateResult } from 'lit';
import { softmax } from '../../../evaluation/evaluation.ts';
import * as format from '../../parts/format.ts';
import { classBars, decimal, plot } from '../figures.ts';
import type { Pass } from '../lab.ts';
import { row, type Tutorial } from '../tutorial.ts';
import { chosenDigit, digitPicker, live, rowOf, type TutorialStep, trainedFor } from './step.ts';

export const lossStep: TutorialStep = {
  title: 'The loss',
  kernels: ['softmax_cross_entropy'],
  view: (tutorial) => html`
    <p>
      Logits can be any numbers. <em>Softmax</em> makes probabilities of them: all above 0, with the sum 1.
      The <em>loss</em> of a digit is then −log of the probability of its label. It is 0 if the network was
      sure and right, and grows the less it believed in what was true.
    </p>
    <p class="learn-formula">
      <math displaystyle="true">
        <msub><mi>p</mi><mi>c</mi></msub><mo>=</mo>
        <mfrac><msup><mi>e</mi><msub><mi>z</mi><mi>c</mi></msub></msup><mrow><munder><mo>∑</mo><mi>k</mi></munder><msup><mi>e</mi><msub><mi>z</mi><mi>k</mi></msub></msup></mrow></mfrac>
      </math>
      <math>
        <mtext>loss</mtext><mo>=</mo><mo>−</mo><mo>log</mo><msub><mi>p</mi><mtext>label</mtext></msub>
      </math>
    </p>
    ${live(tutorial, (pass) => digitPiece(tutorial, pass))}
    <p>
      The loss of a batch is the mean over its digits. Someone who knows nothing would give every digit the
      probability 1/10: a loss of ln 10 ≈ 2.303, and one right answer in ten by luck. A network with random
      weights does about as well, or a little worse, because it has opinions already, and they are wrong.
    </p>
    ${live(tutorial, batchPiece)}
    <p>
      Why not count mistakes? Because that number stands still while a weight moves a little. The loss moves
      with every weight, so it can tell which way is better. That is the next step.
    </p>
  `,
};

/** −log p, with points where it bends. */
const MINUS_LOG = Array.from({ length: 121 }, (_, i) => 0.05 * i).map(
  (loss) => [Math.exp(-loss), loss] as const,
);

function digitPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const index = rowOf(tutorial, pass);
  const classes = pass.tensors.bias1.length;
  const probabilities = softmax(row(pass.tensors.activation2, classes, index));
  const label = pass.targets[index];
  const p = probabilities[label];
  return html`
    ${digitPicker(tutorial, pass)}
    <div class="learn-three">
      ${chosenDigit(tutorial, pass)}
      <div>
        <h3>Probabilities</h3>
        ${classBars({ id: 'learn-probabilities', label: 'Probabilities', values: probabilities, format: (value) => format.percent(value, 1), right: label, whole: 1 })}
      </div>
      <div>
        <h3>Loss of this digit</h3>
        <p class="learn-equation">−log ${decimal(p)} = <strong id="learn-digit-loss">${decimal(-Math.log(p), 3)}</strong></p>
        ${plot({
          label: `The loss over the probability of the label, here ${decimal(p, 3)}`,
          along: 'probability of the label',
          up: 'loss',
          x: [0, 0.5, 1],
          y: [0, 2, 4],
          top: 6,
          lines: [{ kind: 'mine', points: MINUS_LOG }],
          mark: [p, -Math.log(p)],
        })}
      </div>
    </div>
  `;
}

function batchPiece(pass: Pass): TemplateResult {
  const rows = pass.digits.length;
  return html`
    <dl class="learn-facts wide">
      <div><dt>Mean loss, ${trainedFor(pass)}</dt><dd class="large" id="learn-loss">${decimal(pass.loss, 3)}</dd></div>
      <div><dt>Knowing nothing: ln 10</dt><dd class="large">${Math.log(10).toFixed(3)}</dd></div>
      <div><dt>Right answers</dt><dd class="large" id="learn-correct">${pass.correct} of ${rows}</dd></div>
      <div><dt>Accuracy</dt><dd class="large">${format.percent(pass.correct / rows, 1)}</dd></div>
    </dl>
    <p class="note">Both numbers come from <code>softmax_cross_entropy</code>, which writes the sum of the losses and the count of right answers to <code>metrics</code>.</p>
  `;
}
