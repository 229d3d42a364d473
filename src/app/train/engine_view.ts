// The engines, with the device of those that run here and the reason for those that do not: folded, as the
// page finds the fastest by itself.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type Availability, BACKEND_CHOICES, type BackendChoice } from '../../engine/open.ts';
import { sharedMemoryUnavailable } from '../../hosts/browser/shared_memory.ts';
import type { FormValues } from '../model/form.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import { textField } from './field.ts';

const TITLES: { readonly [C in BackendChoice]: string } = { auto: 'Automatic', ...format.ENGINE_TITLES };

/** Whether the form asks for another engine than the page would take, or for other settings of it. */
export function choosesEngine({ backend, threads, tuning }: FormValues): boolean {
  return backend !== 'auto' || threads !== '' || tuning !== 'off';
}

export function engineView(session: Session): TemplateResult {
  return html`
    <section>
      <details id="engine" class="engine-choice">
        <summary>
          <h2 id="engine-title">Engine</h2>
          <span class="aside">${chosenEngine(session)}</span>
        </summary>
        <div class="engines" role="radiogroup" aria-labelledby="engine-title">
          ${BACKEND_CHOICES.map((choice) => engineChoice(session, choice))}
        </div>
        ${takesGpu(session) ? tuningView(session) : nothing}
        <div class="fields">${threadsField(session)}</div>
        ${sharedMemoryUnavailable === undefined ? nothing : html`<p class="note">WebAssembly has one thread: ${sharedMemoryUnavailable}.</p>`}
      </details>
    </section>
  `;
}

/** "automatic: WebAssembly" */
function chosenEngine({ state: { values, engines } }: Session): string {
  if (values.backend !== 'auto') return TITLES[values.backend as BackendChoice];
  const taken = engines && automatic(engines);
  return taken ? `automatic: ${TITLES[taken]}` : 'automatic';
}

/** What `auto` takes here. */
function automatic(engines: readonly Availability[]): 'webgpu' | 'wasm' | undefined {
  const infoOf = (wanted: string) => engines.find(({ backend }) => backend === wanted)?.info;
  if (infoOf('webgpu')?.software === false) return 'webgpu';
  return infoOf('wasm') && 'wasm';
}

function threadsField(session: Session): TemplateResult {
  const wasm = session.state.engines?.find(({ backend }) => backend === 'wasm')?.info;
  return textField(session, 'threads', 'WebAssembly threads', 'numeric', {
    placeholder: wasm ? String(wasm.threads) : '',
    disabled: sharedMemoryUnavailable !== undefined,
    title: 'Empty: one for each processor',
  });
}

/** On a processor one variant is the fastest for every shape. */
function takesGpu({ state: { engines, values } }: Session): boolean {
  const gpu = engines?.find(({ backend }) => backend === 'webgpu')?.info;
  return gpu?.software === false && (values.backend === 'auto' || values.backend === 'webgpu');
}

function tuningView(session: Session): TemplateResult {
  const { tuned, values } = session.state;
  return html`
    <label class="switch">
      <input
        type="checkbox"
        id="tuning"
        .checked=${live(values.tuning === 'on')}
        aria-describedby="tuning-note"
        @change=${(event: Event) => session.edit({ tuning: (event.target as HTMLInputElement).checked ? 'on' : 'off' })}
      >
      Find this GPU’s fastest kernels first
    </label>
    <p class="note" id="tuning-note">
      ${
        tuned > 0
          ? `Found for ${format.plural(tuned, 'product')}. This browser remembers them, also for trainings without this choice.`
          : 'Takes some seconds, once for a network; this browser remembers them.'
      }
    </p>
  `;
}

function engineChoice(session: Session, choice: BackendChoice): TemplateResult {
  const { engines, values } = session.state;
  const unavailable = engines?.find(({ backend }) => backend === choice)?.unavailable;
  return html`
    <label class=${unavailable ? 'engine unavailable' : 'engine'}>
      <input
        type="radio"
        name="backend"
        id=${`engine-${choice}`}
        value=${choice}
        .checked=${values.backend === choice}
        ?disabled=${unavailable !== undefined}
        aria-describedby=${`engine-${choice}-note`}
        @change=${() => session.edit({ backend: choice })}
      >
      <span class="engine-name">${TITLES[choice]}</span>
      <span class="engine-note" id=${`engine-${choice}-note`} title=${unavailable ?? nothing}>
        ${engines ? note(choice, engines) : '…'}
      </span>
    </label>
  `;
}

function note(choice: BackendChoice, engines: readonly Availability[]): string {
  const find = (backend: BackendChoice) => engines.find((engine) => engine.backend === backend);
  switch (choice) {
    case 'auto': {
      const taken = automatic(engines);
      return taken ? `takes ${TITLES[taken]} here` : 'finds no engine here';
    }
    case 'webgpu': {
      const { info, unavailable } = find('webgpu') ?? {};
      if (!info) return unavailable ?? 'not probed';
      return info.software ? `${info.adapter}, no GPU` : info.adapter;
    }
    case 'wasm': {
      const { info, unavailable } = find('wasm') ?? {};
      if (!info) return unavailable ?? 'not probed';
      return `${info.simd}, ${format.plural(info.threads, 'thread')}`;
    }
    case 'tfjs':
      return 'the reference, on WebAssembly';
  }
}
