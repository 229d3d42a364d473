// Step 6: one step downhill, and how long it should be.
import { html, nothing, type TemplateResult } from 'lit';
import { decimal, plot } from '../figures.ts';
import type { Pass } from '../lab.ts';
import { RATES } from '../place.ts';
import { EXAMPLE_RATES, TRIED_STEPS, type Tutorial, type Update, weightOf } from '../tutorial.ts';
import { judgeRate } from '../verdict.ts';
import { live, type TutorialStep, trainedFor } from './step.ts';

export const updateStep: TutorialStep = {
  title: 'The update',
  kernels: ['sgd', 'adamw'],
  view: (tutorial) => html`
    <p>
      Now every weight takes a small step against its gradient. How small, says the <em>learning rate</em> η.
      This is <em>stochastic gradient descent</em> (SGD): stochastic, because each batch gives a slightly
      different gradient.
    </p>
    <p class="learn-formula">
      <math><mi>w</mi><mo>←</mo><mi>w</mi><mo>−</mo><mi>η</mi><mo>·</mo><mi>d</mi><mi>w</mi></math>
    </p>
    ${live(tutorial, (pass) => stepPiece(tutorial, pass))}
    <h3>How large a step?</h3>
    <p>
      Too small a rate wastes time. Too large a rate leaps over the valley, and may land higher than it began.
      Here the network takes ${TRIED_STEPS} steps on this one batch, each time from the weights as they are
      now, at several rates; the thick line is yours. (These steps are only tried: nothing changes.)
    </p>
    ${live(tutorial, (pass) => ratesPiece(tutorial, pass))}
    <p>
      <em>AdamW</em> takes the worry out of the choice. It keeps two running means for each weight, of its
      gradient and of the gradient’s square, and divides one by the root of the other, so that every weight
      gets a step of about the learning rate, whether its gradients are large or small. Besides, it lets
      weights shrink a little
      (<em>weight decay</em>). Choose it above, and compare.
    </p>
  `,
};

function stepPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { optimizer, batch } = tutorial.place;
  const last = tutorial.updates.at(-1);
  return html`
    <div class="learn-row">
      <div class="field learn-unit">
        <label for="learn-optimizer">Optimizer</label>
        <select
          id="learn-optimizer"
          class="compact"
          @change=${(event: Event) => tutorial.edit({ optimizer: (event.target as HTMLSelectElement).value as typeof optimizer })}
        >
          <option value="sgd" .selected=${optimizer === 'sgd'}>plain SGD</option>
          <option value="adamw" .selected=${optimizer === 'adamw'}>AdamW</option>
        </select>
      </div>
      ${rateSlider(tutorial)}
    </div>
    <div class="learn-row">
      <button type="button" id="learn-step" class="primary" @click=${() => tutorial.update(1)}>One step</button>
      <button type="button" id="learn-steps" @click=${() => tutorial.update(100)}>100 steps</button>
      <button type="button" id="learn-reset" ?disabled=${pass.steps === 0} @click=${() => tutorial.reset()}>Reset the weights</button>
    </div>
    <p class="note">
      One step is on batch ${batch + 1}; 100 steps go on from there, batch by batch. Another optimizer or
      number of hidden units begins anew.
    </p>
    <div role="status"><dl class="learn-facts wide">
      <div><dt>Steps so far</dt><dd class="large" id="learn-taken">${pass.steps}</dd></div>
      <div><dt>Loss of batch ${batch + 1} before</dt><dd class="large" id="learn-before">${last ? decimal(last.before.loss) : '–'}</dd></div>
      <div><dt>${last ? `After ${last.count === 1 ? 'the step' : `${last.count} steps`}` : 'Now'}</dt><dd class="large" id="learn-after">${decimal(pass.loss)}</dd></div>
      <div><dt>Right answers</dt><dd class="large">${pass.correct} of ${pass.digits.length}</dd></div>
    </dl></div>
    ${aftermath(tutorial, pass)}
  `;
}

/** What the last steps did: to one weight, to the network, or to its ruin. */
function aftermath(tutorial: Tutorial, pass: Pass): TemplateResult {
  const last = tutorial.updates.at(-1);
  const ruined = ruin(pass);
  if (ruined) {
    return html`<p class="problem" role="alert">${ruined}: a rate was too large. Reset the weights, and take a smaller one.</p>`;
  }
  if (last?.count === 1) return oneWeight(tutorial, last);
  const note = last
    ? `This is the network ${trainedFor(pass)}: go back to the forward pass, and look at its weights and answers.`
    : 'After one step, the way of one weight is spelled out here.';
  return html`<p class="note learn-waiting">${note}</p>`;
}

/** What is wrong with the weights for good, if anything. */
function ruin({ loss, tensors }: Pass): string | undefined {
  if (!Number.isFinite(loss)) return 'The weights are no longer finite numbers';
  if (tensors.activation1.some((value) => value !== 0)) return undefined;
  return 'Every hidden unit is 0 for every digit of the batch, so no gradient comes back to any';
}

/** The weight of step 5, before and after. */
function oneWeight({ place }: Tutorial, { before, after, rate }: Update): TemplateResult {
  const { unit, pixel, index } = weightOf(before, place);
  const w = before.tensors.kernel0[index];
  const gradient = before.tensors.dkernel0[index];
  const kernel = after.tensors.kernel0[index];
  const name = `W₀[${pixel}, ${unit}]`;
  return html`
    <p class="learn-equation" id="learn-weight">
      ${
        before.settings.optimizer === 'sgd'
          ? html`${name}: ${decimal(w, 6)} − ${rate} · ${decimal(gradient, 6)} = ${decimal(w - rate * gradient, 6)}; the kernel <code>sgd</code> made it <strong>${decimal(kernel, 6)}</strong>`
          : html`${name}: ${decimal(w, 6)}, gradient ${decimal(gradient, 6)}; the kernel <code>adamw</code> made it <strong>${decimal(kernel, 6)}</strong>, a step of ${decimal(kernel - w, 6)}`
      }
    </p>
  `;
}

function rateSlider(tutorial: Tutorial): TemplateResult {
  const { rate } = tutorial.place;
  return html`
    <div class="field learn-slider">
      <label for="learn-rate">Learning rate η</label>
      <input
        id="learn-rate"
        type="range"
        min="0"
        max=${RATES.length - 1}
        aria-valuetext=${rate}
        .value=${String(RATES.indexOf(rate))}
        @input=${(event: Event) => tutorial.edit({ rate: RATES[Number((event.target as HTMLInputElement).value)] })}
      >
      <output for="learn-rate">${rate}</output>
    </div>
  `;
}

function ratesPiece(tutorial: Tutorial, pass: Pass): TemplateResult {
  if (ruin(pass)) return html`<p class="note learn-waiting">No rate helps these weights any more.</p>`;
  const { courses } = tutorial;
  if (!courses) return html`<p class="note learn-waiting">Trying rates …</p>`;
  const { rates, losses } = courses;
  const { optimizer, rate: own } = tutorial.place;
  const examples: readonly number[] = EXAMPLE_RATES[optimizer];
  const kind = (rate: number) => (rate === own ? 'mine' : `example-${examples.indexOf(rate)}`);
  const start = Number.isFinite(losses[0][0]) ? losses[0][0] : 1;
  const top = Math.max(0.5, 1.6 * start);
  const unit = top > 2 ? 1 : 0.2;
  return html`
    <div id="learn-rates">
      ${plot({
        label: `The loss over ${TRIED_STEPS} steps at ${rates.length} learning rates`,
        along: 'steps',
        up: 'loss',
        x: [0, TRIED_STEPS / 2, TRIED_STEPS],
        y: Array.from({ length: Math.floor(top / unit) + 1 }, (_, tick) => Number((tick * unit).toFixed(1))),
        top,
        lines: losses.map((values, index) => ({
          kind: kind(rates[index]),
          points: values.map((loss, step) => [step, Number.isFinite(loss) ? loss : 2 * top] as const),
        })),
      })}
      <ul class="learn-key">
        ${rates.map((rate, index) => html`<li class=${kind(rate)}>${rate}: ${judgeRate(losses[index])}${rate === own ? ' (yours)' : nothing}</li>`)}
      </ul>
    </div>
  `;
}
