// The form: engine, data, network and recipe, and the buttons that train.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { RECIPE_NAMES, recipeTitle } from '../form.ts';
import type { Page } from '../page.ts';
import { datasetView } from './dataset_view.ts';
import { engineView } from './engine_view.ts';
import { selectField, textField } from './field.ts';
import { networkView } from './network_view.ts';

export function formView(page: Page): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    press(page);
  };
  return html`
    <form id="form" class="panel form" novalidate autocomplete="off" @submit=${submit} aria-label="Training">
      <fieldset class="plain" ?disabled=${page.busy}>
        ${engineView(page)} ${datasetView(page)} ${networkView(page)} ${recipeView(page)}
      </fieldset>
      ${actionsView(page)}
    </form>
  `;
}

function recipeView(page: Page): TemplateResult {
  const { values } = page.state;
  const title = recipeTitle(values);
  const choose = (event: Event) => page.chooseRecipe((event.target as HTMLSelectElement).value);
  return html`
    <section aria-labelledby="recipe-title">
      <div class="section-head">
        <h2 id="recipe-title">Recipe</h2>
        <select id="recipe" name="recipe" class="compact" aria-labelledby="recipe-title" .value=${live(title)} @change=${choose}>
          ${RECIPE_NAMES.map((name) => html`<option value=${name} ?selected=${name === title}>${name}</option>`)}
          <option value="custom" disabled hidden ?selected=${title === 'custom'}>custom</option>
        </select>
      </div>
      <div class="fields">
        ${textField(page, 'epochs', 'Epochs', 'numeric')} ${textField(page, 'batch', 'Batch', 'numeric')}
        ${textField(page, 'learningRate', 'Learning rate', 'decimal')}
        ${selectField(page, 'optimizer', 'Optimizer', { sgd: 'SGD', adamw: 'AdamW' })}
        ${textField(page, 'seed', 'Seed', 'numeric')} ${threadsField(page)}
      </div>
      <details class="more">
        <summary>Schedule and regularisation</summary>
        <div class="fields">
          ${selectField(page, 'schedule', 'Schedule', { 'one-cycle': 'one cycle' })}
          ${values.schedule === 'one-cycle' ? textField(page, 'warmup', 'Warm-up share', 'decimal') : nothing}
          ${values.optimizer === 'sgd' ? textField(page, 'momentum', 'Momentum', 'decimal') : nothing}
          ${textField(page, 'weightDecay', 'Weight decay', 'decimal')} ${textField(page, 'dropout', 'Dropout', 'decimal')}
          ${textField(page, 'labelSmoothing', 'Label smoothing', 'decimal')}
          ${selectField(page, 'initialisation', 'Initialisation', { he: 'He', glorot: 'Glorot' })}
        </div>
      </details>
    </section>
  `;
}

function threadsField(page: Page): TemplateResult {
  const wasm = page.state.engines?.find(({ backend }) => backend === 'wasm')?.info;
  return textField(page, 'threads', 'WASM threads', 'numeric', {
    placeholder: wasm ? String(wasm.threads) : '',
    disabled: !crossOriginIsolated,
    title: crossOriginIsolated
      ? 'Empty: one for each processor'
      : 'One thread: the page is not cross-origin isolated',
  });
}

/** One button that trains, pauses and goes on, so that the keyboard's focus stays where it is; and one that stops. */
function actionsView(page: Page): TemplateResult {
  const { phase, problem } = page.state;
  const primary = {
    idle: 'Train',
    starting: 'Pause',
    training: 'Pause',
    paused: 'Resume',
    stopping: 'Pause',
  }[phase];
  const waiting = phase === 'starting' || phase === 'stopping';
  return html`
    <div class="actions">
      <p id="problem" class="problem" role="alert">${problem?.message ?? ''}</p>
      <div class="buttons">
        <button id="train" class="primary" aria-disabled=${waiting ? 'true' : nothing}>
          ${primary}
        </button>
        <button id="stop" type="button" ?disabled=${!page.busy} @click=${() => page.stop()}>
          ${phase === 'stopping' ? 'Stop at once' : 'Stop'}
        </button>
      </div>
    </div>
  `;
}

/** What the first button does, and the enter key in a field. */
function press(page: Page): void {
  const { phase } = page.state;
  if (phase === 'training') page.pause();
  else if (phase === 'paused') page.resume();
  else if (phase === 'idle') void page.train();
}
