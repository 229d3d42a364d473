// The engines, with the device of those that run here and the reason for those that do not.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { type Availability, BACKEND_CHOICES, type BackendChoice } from '../../engine/open.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';

const TITLES: { readonly [C in BackendChoice]: string } = {
  auto: 'Automatic',
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  tfjs: 'TensorFlow.js',
};

export function engineView(session: Session): TemplateResult {
  return html`
    <section>
      <div class="section-head"><h2 id="engine-title">Engine</h2></div>
      <div class="engines" role="radiogroup" aria-labelledby="engine-title">
        ${BACKEND_CHOICES.map((choice) => engineChoice(session, choice))}
      </div>
      ${takesGpu(session) ? tuningView(session) : nothing}
    </section>
  `;
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
      const gpu = find('webgpu')?.info;
      if (gpu && !gpu.software) return `takes ${TITLES.webgpu} here`;
      return find('wasm')?.info ? `takes ${TITLES.wasm} here` : 'finds no engine here';
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
