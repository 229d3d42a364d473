// <distortion-panel>: how training images are distorted, as sliders beside digits that are distorted so.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { messageOf } from '../../errors.ts';
import {
  DEFAULT_DISTORTION,
  type Distortion,
  formatDistortion,
  parseDistortion,
} from '../../network/distortion.ts';
import type { Digit } from '../parts/digit_image.ts';
import { SessionElement } from '../view.ts';

interface Slider {
  readonly title: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

const SLIDERS: { readonly [F in keyof Distortion]: Slider } = {
  rotation: { title: 'Rotation', unit: '°', min: 0, max: 45, step: 1 },
  scale: { title: 'Scale', unit: '', min: 0, max: 0.5, step: 0.01 },
  shear: { title: 'Shear', unit: '', min: 0, max: 0.6, step: 0.01 },
  shift: { title: 'Shift', unit: ' px', min: 0, max: 5, step: 0.25 },
  elastic: { title: 'Elastic', unit: ' px', min: 0, max: 3, step: 0.1 },
  smoothness: { title: 'Smoothness', unit: ' px', min: 2, max: 12, step: 0.5 },
  rest: { title: 'Rest at the end', unit: '', min: 0, max: 0.5, step: 0.05 },
};

const FIELDS = Object.keys(SLIDERS) as (keyof Distortion)[];

/** Digits that are shown. */
const COUNT = 24;

class DistortionPanel extends SessionElement {
  private opened = false;
  private digits: readonly Digit[] = [];
  private problem = '';
  /** What the digits show, or will when they come. */
  private asked = '';

  override render(): TemplateResult {
    const distortion = this.distortion;
    return html`
      <details class="more" @toggle=${(event: Event) => this.toggle(event)}>
        <summary>Distortion <span class="aside">${distortion ? 'of each image anew' : 'none'}</span></summary>
        <label class="switch">
          <input
            id="distort"
            type="checkbox"
            .checked=${live(distortion !== undefined)}
            @change=${(event: Event) => this.set((event.target as HTMLInputElement).checked ? DEFAULT_DISTORTION : undefined)}
          >
          Distort the training images
        </label>
        ${distortion ? html`<div class="sliders">${FIELDS.map((field) => this.slider(field, distortion))}</div>` : nothing}
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        ${
          distortion
            ? html`<div class="distorted" role="img" aria-label="Training digits, distorted">
              ${this.digits.map((digit) => html`<digit-image .digit=${digit}></digit-image>`)}
            </div>`
            : nothing
        }
      </details>
    `;
  }

  override updated(): void {
    const { state } = this.session;
    const { distortion } = this;
    if (!this.opened || !distortion || state.loading) return;
    const wanted = `${state.shape.name} ${state.values.seed} ${formatDistortion(distortion)}`;
    if (wanted === this.asked) return;
    this.asked = wanted;
    void this.show(distortion, wanted);
  }

  /** What the form says, if it can be read. */
  private get distortion(): Distortion | undefined {
    try {
      return parseDistortion(this.session.state.values.distortion);
    } catch {
      return undefined;
    }
  }

  private slider(field: keyof Distortion, distortion: Distortion): TemplateResult {
    const { title, unit, min, max, step } = SLIDERS[field];
    const id = `distortion-${field}`;
    return html`
      <label for=${id}>${title}</label>
      <input
        id=${id}
        type="range"
        min=${min}
        max=${max}
        step=${step}
        .value=${live(String(distortion[field]))}
        @input=${(event: Event) => this.set({ ...distortion, [field]: Number((event.target as HTMLInputElement).value) })}
      >
      <output for=${id}>${distortion[field]}${unit}</output>
    `;
  }

  private set(distortion: Distortion | undefined): void {
    this.session.edit({ distortion: formatDistortion(distortion) });
  }

  private toggle(event: Event): void {
    this.opened = (event.target as HTMLDetailsElement).open;
    this.requestUpdate();
  }

  private async show(distortion: Distortion, wanted: string): Promise<void> {
    const seed = Number(this.session.state.values.seed) || 0;
    try {
      const digits = await this.session.ask((remote) => remote.distorted(distortion, seed, COUNT));
      if (wanted !== this.asked) return;
      this.digits = digits;
      this.problem = '';
    } catch (error) {
      this.problem = messageOf(error);
    }
    this.requestUpdate();
  }
}

customElements.define('distortion-panel', DistortionPanel);
