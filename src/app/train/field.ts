// A labelled control of one form value.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { CHOICES, type Field } from '../model/form.ts';
import type { Session } from '../model/session.ts';

interface FieldOptions {
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly title?: string;
}

export function textField(
  session: Session,
  field: Field,
  label: string,
  inputmode: 'numeric' | 'decimal' | 'text',
  { placeholder = '', disabled = false, title = '' }: FieldOptions = {},
): TemplateResult {
  const wrong = session.state.problem?.fields?.includes(field) ?? false;
  return html`
    <div class="field">
      <label for=${field}>${label}</label>
      <input
        id=${field}
        name=${field}
        inputmode=${inputmode}
        spellcheck="false"
        placeholder=${placeholder}
        title=${title || nothing}
        ?disabled=${disabled}
        aria-invalid=${wrong ? 'true' : nothing}
        aria-describedby=${wrong ? 'problem' : nothing}
        .value=${live(session.state.values[field])}
        @input=${(event: Event) => session.edit({ [field]: (event.target as HTMLInputElement).value })}
      >
    </div>
  `;
}

export function selectField(
  session: Session,
  field: keyof typeof CHOICES,
  label: string,
  titles: { readonly [choice: string]: string },
): TemplateResult {
  const value = session.state.values[field];
  return html`
    <div class="field">
      <label for=${field}>${label}</label>
      <select
        id=${field}
        name=${field}
        .value=${live(value)}
        @change=${(event: Event) => session.edit({ [field]: (event.target as HTMLSelectElement).value })}
      >
        ${CHOICES[field].map((choice) => html`<option value=${choice} ?selected=${choice === value}>${titles[choice] ?? choice}</option>`)}
      </select>
    </div>
  `;
}
