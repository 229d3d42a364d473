// What the units of the first layer look for.
import { html, nothing, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { className } from '../../data/dataset.ts';
import { type FirstLayerUnit, weightsInto } from '../../evaluation/first_layer.ts';
import type { Examined } from './examined.ts';
import { moreButton } from './more_button.ts';
import './unit_image.ts';

export const UNITS_PAGE = 24;

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
      <h3>What the ${hidden ? 'first layer' : 'classes'} look${hidden ? 's' : ''} for</h3>
      <p class="note">
        The weight of every pixel: ink on <span class="positive">blue</span> excites the
        ${hidden ? 'unit' : 'class'}, ink on
        <span class="negative">orange</span> calms it. Each picture has its own scale; the noise where no image has ink is the random start.
        ${hidden ? html`The units that matter most come first: those with the largest weights in, times weights out.` : nothing}
        ${units[0]?.favours !== undefined && hidden ? html`<span class="arrow">→</span> is the class that a unit speaks for most.` : nothing}
      </p>
      <ul id="results-units" class="units">
        ${guard([units, shown], () => units.slice(0, shown).map(picture))}
      </ul>
      ${moreButton(shown, units.length, UNITS_PAGE, onMore)}
    </div>
  `;
}
