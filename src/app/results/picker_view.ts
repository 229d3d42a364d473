// The choice of the run, or shipped network, that Results shows.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { SHIPPED_MODELS } from '../draw/shipped_models.ts';
import { judge } from '../model/judge.ts';
import type { Session } from '../model/session.ts';
import * as format from '../parts/format.ts';
import { type Asked, keyOfModel, keyOfRun, runsOf } from './subject.ts';

/** What of the address chooses. */
type Choice = { readonly run: string } | { readonly model: string };

export function pickerView(
  session: Session,
  asked: Asked,
  onChoose: (choice: Choice) => void,
): TemplateResult | typeof nothing {
  const runs = runsOf(session);
  if (!('subject' in asked) && runs.length === 0) return nothing;
  const shown = 'subject' in asked ? asked.subject.key : '';
  const option = (key: string, title: string) =>
    html`<option value=${key} .selected=${live(key === shown)}>${title}</option>`;
  const choose = (event: Event) => {
    const [[name, value]] = new URLSearchParams((event.target as HTMLSelectElement).value);
    onChoose(name === 'run' ? { run: value } : { model: value });
  };
  return html`
    <label for="results-run" class="visually-hidden">Run</label>
    <select id="results-run" @change=${choose}>
      ${shown === '' ? html`<option value="" disabled hidden .selected=${true}>Choose a run</option>` : nothing}
      ${runs.map(({ id, name, report, holdOut, created }) =>
        option(
          keyOfRun(id),
          `${name}: ${format.percent(report.test.accuracy)}${holdOut ? ` ${judge(holdOut)}` : ''} (${format.dateAndTime(created)})`,
        ),
      )}
      <optgroup label="Shipped networks">
        ${SHIPPED_MODELS.map(({ name, title }) => option(keyOfModel(name), title))}
      </optgroup>
    </select>
  `;
}
