// The form of a benchmark: what is timed, against whom, and the buttons that begin and end it.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { BENCH_BACKENDS, type BenchBackend, SUITES, type Suite } from '../../bench/options.ts';
import type { Availability } from '../../engine/open.ts';
import { sentence } from '../parts/format.ts';
import { type BenchField, type BenchValues, listed, PAGE_PEERS } from './bench_form.ts';

const SUITE_NOTES: { readonly [S in Suite]: string } = {
  kernels: 'each kernel by itself',
  step: 'one training step',
  epoch: 'all 60,000 images, and ten epochs',
  inference: 'all test images, and one',
  start: 'from nothing to a first step',
  memory: 'what it holds after that step',
  'time-to-accuracy': 'whole trainings: minutes',
};

const BACKEND_TITLES: { readonly [B in BenchBackend]: string } = { wasm: 'WebAssembly', webgpu: 'WebGPU' };

export interface BenchFormState {
  readonly values: BenchValues;
  readonly engines: readonly Availability[] | undefined;
  readonly running: boolean;
  readonly problem: { readonly message: string; readonly field?: BenchField } | undefined;
  readonly onEdit: (field: BenchField, value: string) => void;
  readonly onRun: () => void;
  readonly onCancel: () => void;
}

export function benchFormView(state: BenchFormState): TemplateResult {
  const { running, problem, onEdit, onRun, onCancel } = state;
  const edit = ({ target, currentTarget }: Event) => {
    const field = (target as HTMLInputElement).name as BenchField;
    onEdit(field, new FormData(currentTarget as HTMLFormElement).getAll(field).join(','));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    onRun();
  };
  return html`
    <form
      id="benchmark-form"
      class="panel form bench-form"
      novalidate
      autocomplete="off"
      aria-label="Benchmark"
      @input=${edit}
      @submit=${submit}
    >
      <fieldset class="plain" ?disabled=${running}>
        ${choices(state, 'suite', 'checkbox', 'Suites', SUITES, (suite) => ({ note: SUITE_NOTES[suite], unavailable: suite === 'memory' && memoryUnavailable() }))}
        ${choices(state, 'backend', 'radio', 'Our engine', BENCH_BACKENDS, (backend) => backendChoice(backend, state.engines))}
        ${choices(state, 'peers', 'checkbox', 'Against', PAGE_PEERS, () => ({}))}
        <section class="fields">
          ${textField(state, 'layers', 'Networks', 'text')} ${textField(state, 'batch', 'Batches', 'text')}
          ${textField(state, 'seconds', 'Seconds a case', 'decimal')}
          ${textField(state, 'threads', 'WASM threads', 'numeric', 'all')}
        </section>
      </fieldset>
      <div class="actions">
        <p id="benchmark-problem" class="problem" role="alert">${problem ? sentence(problem.message) : ''}</p>
        <div class="buttons">
          <button id="benchmark-run" class="primary" aria-disabled=${running ? 'true' : nothing}>Run</button>
          <button id="benchmark-cancel" type="button" ?disabled=${!running} @click=${onCancel}>Cancel</button>
        </div>
      </div>
    </form>
  `;
}

interface Choice {
  readonly title?: string;
  readonly note?: string;
  /** Why it cannot be chosen. */
  readonly unavailable?: string | false;
}

function backendChoice(backend: BenchBackend, engines: readonly Availability[] | undefined): Choice {
  const found = engines?.find((engine) => engine.backend === backend);
  const { info, unavailable } = found ?? {};
  return {
    title: BACKEND_TITLES[backend],
    note: info && (backend === 'wasm' ? info.simd : info.adapter),
    unavailable,
  };
}

function memoryUnavailable(): string | false {
  return !performance.measureUserAgentSpecificMemory && 'this browser does not tell';
}

function choices<N extends string>(
  { values, problem }: BenchFormState,
  field: BenchField,
  type: 'checkbox' | 'radio',
  title: string,
  names: readonly N[],
  choiceOf: (name: N) => Choice,
): TemplateResult {
  const on = listed(values[field]);
  const choice = (name: N) => {
    const { title = name, note, unavailable } = choiceOf(name);
    // What the address asks for can still be taken back.
    const disabled = Boolean(unavailable) && !on.includes(name);
    return html`
      <label class="choice">
        <input
          type=${type}
          name=${field}
          value=${name}
          .checked=${live(on.includes(name))}
          ?disabled=${disabled}
        >
        <span>${title}</span>
        ${unavailable || note ? html`<span class="note">${unavailable || note}</span>` : nothing}
      </label>
    `;
  };
  return html`
    <fieldset class=${`choices of-${field}`} aria-describedby=${problem?.field === field ? 'benchmark-problem' : nothing}>
      <legend>${title}</legend>
      ${names.map(choice)}
    </fieldset>
  `;
}

function textField(
  { values, problem }: BenchFormState,
  field: BenchField,
  label: string,
  inputmode: 'text' | 'numeric' | 'decimal',
  placeholder = '',
): TemplateResult {
  const wrong = problem?.field === field;
  return html`
    <div class="field">
      <label for=${`benchmark-${field}`}>${label}</label>
      <input
        id=${`benchmark-${field}`}
        name=${field}
        inputmode=${inputmode}
        spellcheck="false"
        placeholder=${placeholder}
        aria-invalid=${wrong ? 'true' : nothing}
        aria-describedby=${wrong ? 'benchmark-problem' : nothing}
        .value=${live(values[field])}
      >
    </div>
  `;
}
