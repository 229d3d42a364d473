// The tutorial: nine steps from the raw pixels to a trained network, each live on the kernels, with their
// sources.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { keyed } from 'lit/directives/keyed.js';
import type { KernelName } from '../../network/kernels.ts';
import type { Plan } from '../../network/plan.ts';
import { View } from '../view.ts';
import './kernel_source.ts';
import { labPlan } from './lab_plan.ts';
import '../../evaluation/parts.css';
import './learn.css';
import { fromParams, type Place, STEP_NAMES, type StepName, stepLink, toParams } from './place.ts';
import { backwardStep } from './steps/backward.ts';
import { dataStep } from './steps/data.ts';
import { evaluateStep } from './steps/evaluate.ts';
import { forwardStep } from './steps/forward.ts';
import { lossStep } from './steps/loss.ts';
import { mistakesStep } from './steps/mistakes.ts';
import { networkStep } from './steps/network.ts';
import type { TutorialStep } from './steps/step.ts';
import { trainStep } from './steps/train.ts';
import { updateStep } from './steps/update.ts';
import { Tutorial } from './tutorial.ts';

const STEPS: { readonly [S in StepName]: TutorialStep } = {
  data: dataStep,
  network: networkStep,
  forward: forwardStep,
  loss: lossStep,
  backward: backwardStep,
  update: updateStep,
  train: trainStep,
  evaluate: evaluateStep,
  mistakes: mistakesStep,
};

class LearnView extends View {
  readonly name = 'learn';
  private tutorial: Tutorial | undefined;
  private read: URLSearchParams | undefined;

  override willUpdate(): void {
    if (this.params === this.read) return;
    this.read = this.params;
    const place = fromParams(this.params);
    this.tutorial ??= new Tutorial(
      place,
      () => this.requestUpdate(),
      (kept) => this.keepPlace(kept),
    );
    this.tutorial.show(place);
  }

  override render(): TemplateResult {
    const tutorial = this.tutorial!;
    const { place, problem } = tutorial;
    const { title, kernels, view } = STEPS[place.step];
    const number = STEP_NAMES.indexOf(place.step);
    return html`
      <div class="learn">
        ${progressList(place)}
        <article class="learn-step" aria-labelledby="learn-title">
          <h2 id="learn-title" tabindex="-1">${number + 1}. ${title}</h2>
          ${
            problem
              ? html`<div class="problem" role="alert" id="learn-problem"><p>${problem.message}</p><button type="button" @click=${problem.again}>Try again</button></div>`
              : nothing
          }
          ${keyed(place.step, html`<div class="learn-body">${view(tutorial)}</div>`)}
          ${kernels.length > 0 ? this.sources(kernels) : nothing}
          <nav class="learn-turn" aria-label="Next and previous step">
            ${turn(place, number - 1, 'previous')} ${turn(place, number + 1, 'next')}
          </nav>
        </article>
      </div>
    `;
  }

  /** The reader who turned the page begins at its top, with a screen reader too. */
  override updated(): void {
    const { step } = this.tutorial!.place;
    if (this.shown !== undefined && this.shown !== step) {
      this.querySelector<HTMLElement>('#learn-title')?.focus({ preventScroll: true });
      this.scrollIntoView({ block: 'start' });
    }
    this.shown = step;
  }

  private shown: StepName | undefined;

  private keepPlace(place: Place): void {
    const params = toParams(place);
    this.read = params;
    this.keep(params);
  }

  private sources(kernels: readonly KernelName[]): TemplateResult {
    const { data, place } = this.tutorial!;
    const { step, hidden } = place;
    const planFor = (kernel: KernelName): Plan | undefined =>
      data && labPlan({ hidden, optimizer: kernel === 'adamw' ? 'adamw' : 'sgd' }, data);
    return html`
      <section aria-labelledby="learn-sources-title">
        <h3 id="learn-sources-title">${kernels.length === 1 ? 'The kernel' : 'The kernels'} of this step</h3>
        <p class="note">In this tutorial the AssemblyScript runs, as WebAssembly. The WGSL does the same on a graphics card.</p>
        ${guard([step, hidden, data], () =>
          kernels.map((kernel) =>
            keyed(
              `${step} ${kernel}`,
              html`<kernel-source id=${`learn-source-${kernel}`} .kernel=${kernel} .plan=${planFor(kernel)}></kernel-source>`,
            ),
          ),
        )}
      </section>
    `;
  }
}

customElements.define('learn-view', LearnView);

function progressList(place: Place): TemplateResult {
  return html`
    <nav class="learn-progress" aria-label="Steps of the tutorial">
      <ol>
        ${STEP_NAMES.map(
          (step, index) => html`
            <li>
              <a href=${stepLink(place, step)} aria-current=${step === place.step ? 'step' : nothing}>
                <span class="number">${index + 1}</span> <span class="title">${STEPS[step].title}</span>
              </a>
            </li>
          `,
        )}
      </ol>
    </nav>
  `;
}

function turn(place: Place, index: number, direction: 'previous' | 'next'): TemplateResult | typeof nothing {
  if (index < 0) return nothing;
  const step = STEP_NAMES[index];
  if (!step) return html`<a class="next" href="#/train">Train a network of your own →</a>`;
  const { title } = STEPS[step];
  const text = direction === 'next' ? `Next: ${title} →` : `← ${title}`;
  return html`<a id=${`learn-${direction}`} class=${direction} rel=${direction === 'next' ? 'next' : 'prev'} href=${stepLink(place, step)}>${text}</a>`;
}
