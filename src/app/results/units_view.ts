// What the units of the first layer look for.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { unsafeHTML } from 'lit/directives/unsafe-html.js';
import { className } from '../../data/dataset.ts';
import { type FirstLayerUnit, weightsInto } from '../../evaluation/first_layer.ts';
import { firstLayerNote, firstLayerTitle, UNITS_SHOWN } from '../../evaluation/first_layer_note.ts';
import type { Examined } from './examined.ts';
import { moreButton } from './more_button.ts';
import './unit_image.ts';

export const UNITS_PAGE = UNITS_SHOWN;

export function unitsView(
  { units, model, classNames }: Examined,
  shown: number,
  onMore: () => void,
): TemplateResult {
  const { kernel0 } = model.parameters;
  const { width, height } = model.dataset;
  const hidden = model.network.widths.length > 2;
  const picture = ({ index, favours }: FirstLayerUnit) => html`
    <li>
      <unit-image
        role="img"
        aria-label=${hidden ? `Weights of unit ${index}` : `Weights of class ${className(classNames, index)}`}
        .unit=${{ weights: weightsInto(kernel0, units.length, index), width, height }}
      ></unit-image>
      ${hidden ? html`<span class="note">${index}${favours === undefined ? nothing : html` <span class="arrow">→</span> ${className(classNames, favours)}`}</span>` : html`<span>${className(classNames, index)}</span>`}
    </li>
  `;
  return html`
    <div class="panel">
      <h3>${firstLayerTitle(hidden)}</h3>
      <p class="note">${unsafeHTML(firstLayerNote(units, hidden).text)}</p>
      <ul id="results-units" class="units">
        ${guard([units, shown], () => units.slice(0, shown).map(picture))}
      </ul>
      ${moreButton(shown, units.length, UNITS_PAGE, onMore)}
    </div>
  `;
}
