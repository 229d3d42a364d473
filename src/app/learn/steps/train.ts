// Step 7: the same kernels, thousands of times.
import { html, nothing, type TemplateResult } from 'lit';
import type { KernelName } from '../../../network/kernels.ts';
import { findRecipe } from '../../../training/recipes.ts';
import '../../parts/curve_chart.ts';
import type { Measure } from '../../parts/curve_chart.ts';
import * as format from '../../parts/format.ts';
import { type StepName, stepLink } from '../place.ts';
import type { Tutorial } from '../tutorial.ts';
import { type TutorialStep, trainButton } from './step.ts';

const { network, recipe } = findRecipe('quick');
const GOAL = 0.976;

/** The kernels of a training step in their order, what each does there, and the step that explains it. */
const ORDER: readonly (readonly [KernelName, string, StepName])[] = [
  ['gather_batch', 'collects the digits', 'data'],
  ['dense_forward', 'for the hidden layer, then for the output layer', 'forward'],
  ['softmax_cross_entropy', 'the loss, and its gradient at the logits', 'loss'],
  ['dense_backward_weight', 'the gradient of the output layer', 'backward'],
  ['dense_backward_input', 'hands the gradient back to the hidden layer', 'backward'],
  ['dense_backward_weight', 'the gradient of the hidden layer', 'backward'],
  ['adamw', 'all weights and biases take their step', 'update'],
];

export const trainStep: TutorialStep = {
  title: 'Train',
  kernels: [],
  view: (tutorial) => html`
    <p>
      You know every piece now. Training is nothing but these pieces again and again: fetch a batch, go
      forward, go backward, update.
    </p>
    <ol class="learn-order">
      ${ORDER.map(
        ([kernel, does, step]) =>
          html`<li><a href=${stepLink(tutorial.place, step)}><code>${kernel}</code></a> <span class="note">${does}</span></li>`,
      )}
    </ol>
    <p>
      For the real thing we take a larger network, ${network}, and the recipe <code>${recipe.name}</code>:
      ${recipe.epochs} epochs of batches of ${recipe.batch}, with AdamW. The learning rate follows a <em>one-cycle</em> schedule: up to
      ${recipe.learningRate} in the first fifth of the steps, then gently down to 0. And the labels are smoothed a little: the
      network should give the right digit 95.5 %, not 100 %, and each other 0.5 %, which keeps it from being
      too sure of itself.
    </p>
    <p>
      The steps run as fast as the engine can: AdamW works inside <code>dense_backward_weight</code>, while
      the gradient still sits in registers, and the pixels that are 0, four of five, are skipped. The results
      stay the same.
    </p>
    <div class="panel learn-live">
      ${trainButton(tutorial, tutorial.trained ? 'Train again' : 'Train')}
      <p id="learn-trained" class="learn-result" role="status">${result(tutorial)}</p>
      <div class="charts">${chart(tutorial, 'loss', 'Loss')} ${chart(tutorial, 'accuracy', 'Accuracy')}</div>
    </div>
    <p>
      The <span class="learn-name train">training</span> curve is measured on each batch as it comes, the
      <span class="learn-name test">test</span> points after each epoch, on digits that the network never learned from. The
      two losses cannot be compared directly, because only the first has smoothed labels.
    </p>
  `,
};

function result({ trained }: Tutorial): TemplateResult {
  if (!trained) return html`<span class="note">The goal: ${format.percent(GOAL, 1)} of the test set.</span>`;
  const { report, evaluation } = trained;
  const { accuracy } = evaluation;
  const steps = report.stepLosses.length;
  return html`
    <strong>${format.percent(accuracy)}</strong> of the ${format.count(evaluation.samples)} test digits are
    recognised, after
    ${format.count(steps)} steps in ${format.duration(report.seconds)}, on one thread of this machine.
    ${accuracy >= GOAL ? `The goal was ${format.percent(GOAL, 1)}.` : nothing}
  `;
}

function chart({ training }: Tutorial, measure: Measure, title: string): TemplateResult {
  return html`
    <figure class="chart">
      <figcaption>${title} <span class="aside">by epoch</span></figcaption>
      <curve-chart .measure=${measure} .epochs=${recipe.epochs} .curves=${training?.[measure]}></curve-chart>
    </figure>
  `;
}
