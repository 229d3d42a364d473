// The form: data, network, recipe and, for who wants to choose it, the engine.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { RECIPE_NAMES, recipeTitle } from '../model/form.ts';
import type { Session } from '../model/session.ts';
import { datasetView } from './dataset_view.ts';
import { engineView } from './engine_view.ts';
import { selectField, textField } from './field.ts';
import { networkView } from './network_view.ts';

/** @param train checks the form and begins */
export function formView(session: Session, train: () => void): TemplateResult {
  const submit = (event: Event) => {
    event.preventDefault();
    const { phase } = session.state;
    if (phase === 'training') session.pause();
    else if (phase === 'paused') session.resume();
    else if (phase === 'idle') train();
  };
  return html`
    <form id="form" class="panel form" novalidate autocomplete="off" @submit=${submit} aria-label="Training">
      <fieldset class="plain" ?disabled=${session.busy}>
        ${datasetView(session)} ${networkView(session)} ${recipeView(session)} ${engineView(session)}
      </fieldset>
    </form>
  `;
}

function recipeView(session: Session): TemplateResult {
  const { values } = session.state;
  const title = recipeTitle(values);
  const choose = (event: Event) => session.chooseRecipe((event.target as HTMLSelectElement).value);
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
        ${textField(session, 'epochs', 'Epochs', 'numeric')} ${textField(session, 'batch', 'Batch', 'numeric')}
        ${textField(session, 'learningRate', 'Learning rate', 'decimal')}
        ${selectField(session, 'optimizer', 'Optimizer', { sgd: 'SGD', adamw: 'AdamW' })}
        ${textField(session, 'seed', 'Seed', 'numeric')}
      </div>
      <details class="more">
        <summary>Schedule and regularisation</summary>
        <div class="fields">
          ${selectField(session, 'schedule', 'Schedule', { 'one-cycle': 'one cycle' })}
          ${values.schedule === 'one-cycle' ? textField(session, 'warmup', 'Warm-up share', 'decimal') : nothing}
          ${values.optimizer === 'sgd' ? textField(session, 'momentum', 'Momentum', 'decimal') : nothing}
          ${textField(session, 'weightDecay', 'Weight decay', 'decimal')} ${textField(session, 'dropout', 'Dropout', 'decimal')}
          ${textField(session, 'labelSmoothing', 'Label smoothing', 'decimal')}
          ${selectField(session, 'initialisation', 'Initialisation', { he: 'He', glorot: 'Glorot' })}
        </div>
      </details>
      <distortion-panel .session=${session}></distortion-panel>
    </section>
  `;
}
