// What the steps of the tutorial have in common.
import { html, nothing, type TemplateResult } from 'lit';
import type { KernelName } from '../../../network/kernels.ts';
import { withArticle } from '../../../plural.ts';
import '../../parts/digit_image.ts';
import type { Pass } from '../lab.ts';
import type { Tutorial } from '../tutorial.ts';

export interface TutorialStep {
  readonly title: string;
  /** Whose sources are shown. */
  readonly kernels: readonly KernelName[];
  readonly view: (tutorial: Tutorial) => TemplateResult;
}

/** A live piece that needs a pass; it waits for the first one, and dims while another is on its way. */
export function live(tutorial: Tutorial, draw: (pass: Pass) => TemplateResult): TemplateResult {
  const { pass } = tutorial;
  return html`
    <div class="panel learn-live" aria-busy=${pass === undefined}>
      ${pass ? draw(pass) : html`<p class="note learn-waiting">${tutorial.problem ? '' : 'Reading 70,000 digits …'}</p>`}
    </div>
  `;
}

/** The chosen row of the batch; the last batch of an epoch is shorter. */
export const rowOf = ({ place }: Tutorial, pass: Pass) => Math.min(place.digit, pass.digits.length - 1);

/** "before any training", or after how many steps */
export function trainedFor({ steps }: Pass): string {
  return steps === 0 ? 'before any training' : steps === 1 ? 'after 1 step' : `after ${steps} steps`;
}

/** All digits of the batch, of which one is chosen. */
export function digitPicker(tutorial: Tutorial, pass: Pass): TemplateResult {
  const chosen = rowOf(tutorial, pass);
  return html`
    <fieldset class="plain learn-digits">
      <legend class="note">The batch: choose a digit</legend>
      <div>
        ${pass.digits.map(
          (digit, index) => html`
            <label title=${`Row ${index}: ${withArticle(String(pass.targets[index]))}`}>
              <input
                type="radio"
                name="learn-digit"
                class="visually-hidden"
                aria-label=${`Row ${index}: ${withArticle(String(pass.targets[index]))}`}
                .checked=${index === chosen}
                @change=${() => tutorial.edit({ digit: index })}
              >
              <digit-image .digit=${digit}></digit-image>
            </label>
          `,
        )}
      </div>
    </fieldset>
  `;
}

/** The chosen digit, large, with its label. */
export function chosenDigit(tutorial: Tutorial, pass: Pass): TemplateResult {
  const index = rowOf(tutorial, pass);
  return html`
    <figure class="learn-digit">
      <digit-image .digit=${pass.digits[index]} role="img" aria-label=${`This is ${withArticle(String(pass.targets[index]))}`}></digit-image>
      <figcaption>label <strong>${pass.targets[index]}</strong></figcaption>
    </figure>
  `;
}

export function unitPicker(tutorial: Tutorial, pass: Pass): TemplateResult {
  const { hidden } = pass.settings;
  const unit = Math.min(tutorial.place.unit, hidden - 1);
  return html`
    <div class="field learn-unit">
      <label for="learn-unit">Hidden unit</label>
      <select
        id="learn-unit"
        class="compact"
        @change=${(event: Event) => tutorial.edit({ unit: Number((event.target as HTMLSelectElement).value), pixel: -1 })}
      >
        ${Array.from({ length: hidden }, (_, index) => html`<option value=${index} ?selected=${index === unit} .selected=${index === unit}>${index}</option>`)}
      </select>
    </div>
  `;
}

/** Starts the training, or shows how far it is. */
export function trainButton(tutorial: Tutorial, label: string): TemplateResult {
  const { busy, training } = tutorial;
  const { step = 0, steps = 1 } = training?.progress ?? {};
  return html`
    <div class="learn-train">
      <button id="learn-train" type="button" class="primary" aria-disabled=${busy} @click=${() => void tutorial.train()}>
        ${busy ? 'Training …' : label}
      </button>
      <progress max="1" .value=${step / steps} aria-label="Steps done"></progress>
      <span class="note">${busy && training?.progress ? `epoch ${training.progress.epoch} of ${training.progress.epochs}` : nothing}</span>
    </div>
  `;
}
