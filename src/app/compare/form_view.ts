// The form of a comparison: its engines, network and recipe, and the buttons that start and stop it.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Availability } from '../../engine/open.ts';
import { type DatasetShape, RECIPE_NAMES } from '../model/form.ts';
import { count, sentence } from '../parts/format.ts';
import {
  type Choice,
  type CompareValues,
  choicesOf,
  chosenEngines,
  ENGINE_NAMES,
  FIELDS,
  hiddenChanges,
  type Problem,
  withRecipe,
} from './compare_form.ts';

export type Phase = 'idle' | 'starting' | 'running' | 'stopping';

export interface CompareForm {
  readonly values: CompareValues;
  readonly shape: DatasetShape;
  /** What the browser has, once it is known. */
  readonly found: readonly Availability[] | undefined;
  readonly problem: Partial<Problem> | undefined;
  readonly phase: Phase;
  /** The address that repeats the comparison. */
  readonly link: string;
  readonly edit: (values: CompareValues) => void;
  readonly start: () => void;
  readonly stop: () => void;
}

export function formView(form: CompareForm): TemplateResult {
  const { values, shape, problem, phase, link, edit, start, stop } = form;
  const submit = (event: Event) => {
    event.preventDefault();
    start();
  };
  const choose = (event: Event) => edit(withRecipe(values, (event.target as HTMLSelectElement).value, shape));
  const hidden = hiddenChanges(values);
  return html`
    <form id="compare-form" class="panel form" novalidate autocomplete="off" @submit=${submit} aria-label="Comparison">
      <fieldset class="plain" ?disabled=${phase !== 'idle'}>
        ${enginesView(form)}
        <section aria-labelledby="compare-training-title">
          <div class="section-head">
            <h2 id="compare-training-title">Training</h2>
            <select id="compare-recipe" class="compact" aria-label="Recipe" .value=${live(values.training.recipe)} @change=${choose}>
              ${RECIPE_NAMES.map(
                (name) =>
                  html`<option value=${name} ?selected=${name === values.training.recipe}>${name}</option>`,
              )}
            </select>
          </div>
          ${field(form, 'network')}
          <div class="fields compare-fields">
            ${field(form, 'epochs')} ${field(form, 'batch')} ${field(form, 'trainImages')} ${field(form, 'seed')}
          </div>
          ${hidden.length > 0 ? html`<p class="note">From the address: ${hidden.join(', ')}.</p>` : nothing}
          <p class="note">Every engine starts from the same parameters and sees the same batches.</p>
          <p class="compare-link"><a id="compare-link" href=${link}>Link that repeats this comparison</a></p>
        </section>
      </fieldset>
      <div class="compare-actions">
        <p id="compare-problem" class="problem" role="alert">${problem?.message ? sentence(problem.message) : ''}</p>
        <div class="compare-buttons">
          <button id="compare-start" class="primary" ?disabled=${phase !== 'idle'}>Compare</button>
          <button id="compare-stop" type="button" ?disabled=${phase !== 'running' && phase !== 'starting'} @click=${stop}>Stop</button>
        </div>
      </div>
    </form>
  `;
}

function enginesView({ values, found, problem, edit }: CompareForm): TemplateResult {
  const chosen = chosenEngines(values, found);
  const wrong = problem?.field === 'engines';
  const toggle = (name: Choice['name']) => {
    const others = chosen.filter((each) => each !== name);
    const now = others.length < chosen.length ? others : [...chosen, name];
    edit({ ...values, engines: ENGINE_NAMES.filter((each) => now.includes(each)) });
  };
  return html`
    <section>
      <div class="section-head"><h2 id="compare-engines-title">Engines</h2></div>
      <div
        class="compare-engines"
        role="group"
        aria-labelledby="compare-engines-title"
        aria-describedby=${wrong ? 'compare-problem' : nothing}
      >
        ${choicesOf(found, values.shader).map(
          ({ name, title, note, unavailable }) => html`
            <label class=${unavailable ? 'compare-engine unavailable' : 'compare-engine'}>
              <input
                type="checkbox"
                id=${`compare-engine-${name}`}
                .checked=${live(chosen.includes(name))}
                ?disabled=${unavailable && !chosen.includes(name)}
                aria-describedby=${`compare-engine-${name}-note`}
                @change=${() => toggle(name)}
              >
              <span>${title}</span>
              <span class="note" id=${`compare-engine-${name}-note`}>${note}</span>
            </label>
          `,
        )}
      </div>
    </section>
  `;
}

function field({ values, shape, problem, edit }: CompareForm, name: keyof typeof FIELDS): TemplateResult {
  const wrong = problem?.field === name;
  const change = (event: Event) =>
    edit({
      ...values,
      training: { ...values.training, [name]: (event.target as HTMLInputElement).value },
    });
  return html`
    <div class="field">
      <label for=${`compare-${name}`}>${FIELDS[name]}</label>
      <input
        id=${`compare-${name}`}
        inputmode=${name === 'network' ? 'text' : 'numeric'}
        spellcheck="false"
        placeholder=${name === 'trainImages' ? `all ${count(shape.train)}` : nothing}
        aria-invalid=${wrong ? 'true' : nothing}
        aria-describedby=${wrong ? 'compare-problem' : nothing}
        .value=${live(values.training[name])}
        @input=${change}
      >
    </div>
  `;
}
