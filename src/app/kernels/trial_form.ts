// What is tried: engine, variant, shape and inputs; the buttons; and errors to plant as exercises.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { casesOf, type KernelCase, usualCasesOf } from '../../validation/cases.ts';
import { INPUTS, type Inputs, takesDigits } from '../../validation/inputs.ts';
import { type PlantedError, plantedInShaders } from '../../validation/planted/planted.ts';
import { sentence } from '../parts/format.ts';
import type { Laboratory } from './laboratory.ts';
import { type Place, variantsOf } from './place.ts';
import type { TrialEngine } from './trial.ts';

export interface TrialForm {
  readonly laboratory: Laboratory;
  readonly go: (changes: Partial<Place>) => void;
  readonly plant: (error: PlantedError) => void;
}

const INPUT_TITLES: { readonly [I in Inputs]: string } = {
  random: 'random numbers',
  mnist: 'MNIST’s first digits',
  edges: 'edge cases: ±0, subnormal, 1 ± ε',
};

export function trialForm(form: TrialForm): TemplateResult {
  const { laboratory, go } = form;
  const { place, running, engine, draft, engines, gpuUnavailable } = laboratory;
  const { kernel, shape, inputs } = place;
  const waits = draft.asks !== undefined || engines === undefined;
  const { length } = casesOf(kernel);
  return html`
    <form class="panel form kernels-form" autocomplete="off" aria-label="Trial" @submit=${(event: Event) => event.preventDefault()}>
      <div class="fields">
        ${select(
          'engine',
          'Engine',
          engine,
          [
            ['webgpu', gpuUnavailable ? 'WebGPU (not here)' : 'WebGPU, WGSL'],
            ['wasm', 'WebAssembly'],
          ],
          (value) => go({ engine: value as TrialEngine }),
        )}
        ${
          engine === 'webgpu' && variantsOf(kernel).length > 1
            ? select(
                'variant',
                'Variant',
                laboratory.variant.name,
                variantsOf(kernel).map(({ name }) => [name, name]),
                (value) => go({ variant: value, step: undefined }),
              )
            : nothing
        }
        ${shapeSelect(place, (value) => go({ shape: value }))}
        ${select(
          'inputs',
          'Inputs',
          inputs,
          INPUTS.filter((each) => each !== 'mnist' || takesDigits(kernel)).map((each) => [
            each,
            INPUT_TITLES[each],
          ]),
          (value) => go({ inputs: value as Inputs }),
        )}
      </div>
      <div class="kernels-buttons">
        <button type="button" id="kernels-check" class="primary" ?disabled=${waits} @click=${() => void laboratory.check(shape)}>Check this shape</button>
        <button type="button" id="kernels-check-all" ?disabled=${waits} @click=${() => void laboratory.checkAll()}>Check all ${length} shapes</button>
        ${running ? html`<button type="button" id="kernels-stop" @click=${() => laboratory.stop()}>Stop</button>` : nothing}
      </div>
      <progress max="1" .value=${running?.share ?? 0} ?hidden=${!running} aria-label="Trial under way"></progress>
      ${exercise(form)}
    </form>
  `;
}

/** Errors of the file that is in the editor. */
function exercise({ laboratory, plant }: TrialForm): TemplateResult | typeof nothing {
  const { place, variant, draft, engine } = laboratory;
  const errors = plantedInShaders(place.kernel).find(({ shader }) => shader === variant.shader)?.errors ?? [];
  const fitting = errors.filter(({ from }) => draft.text.includes(from));
  if (engine !== 'webgpu' || fitting.length === 0) return nothing;
  const choose = (event: Event) => {
    const list = event.target as HTMLSelectElement;
    const error = fitting[Number(list.value)];
    list.value = '';
    if (error) plant(error);
  };
  return html`
    <div class="field kernels-exercise">
      <label for="kernels-plant">Exercise: plant an error, and see what notices</label>
      <select id="kernels-plant" .value=${live('')} @change=${choose}>
        <option value="">choose one of ${fitting.length} …</option>
        ${fitting.map(({ what }, index) => html`<option value=${index}>${sentence(what)}</option>`)}
      </select>
    </div>
  `;
}

function shapeSelect({ kernel, shape }: Place, onChange: (shape: string) => void): TemplateResult {
  const options = (cases: readonly KernelCase[]) =>
    cases.map(
      (each) => html`<option value=${each.shape} ?selected=${each.shape === shape}>${each.shape}</option>`,
    );
  return html`
    <div class="field">
      <label for="kernels-shape">Shape</label>
      <select id="kernels-shape" .value=${live(shape)} @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}>
        <optgroup label="Of trainings">${options(usualCasesOf(kernel))}</optgroup>
        <optgroup label="Awkward">${options(casesOf(kernel))}</optgroup>
      </select>
    </div>
  `;
}

function select(
  id: string,
  label: string,
  value: string,
  options: readonly (readonly [value: string, title: string])[],
  onChange: (value: string) => void,
): TemplateResult {
  return html`
    <div class="field">
      <label for=${`kernels-${id}`}>${label}</label>
      <select id=${`kernels-${id}`} .value=${live(value)} @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value)}>
        ${options.map(([each, title]) => html`<option value=${each} ?selected=${each === value}>${title}</option>`)}
      </select>
    </div>
  `;
}
