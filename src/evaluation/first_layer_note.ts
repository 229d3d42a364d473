// What the page and the report say of the units of the first layer.
import type { FirstLayerUnit } from './first_layer.ts';
import { type Markup, markup } from './markup.ts';

/** Pictures that are shown at first. */
export const UNITS_SHOWN = 24;

/** @param hidden whether the units are of a hidden layer, or the classes themselves */
export const firstLayerTitle = (hidden: boolean) =>
  `What the ${hidden ? 'first layer looks' : 'classes look'} for`;

export function firstLayerNote(units: readonly FirstLayerUnit[], hidden: boolean): Markup {
  return markup`The weight of every pixel: ink on <span class="positive">blue</span> excites the
${hidden ? 'unit' : 'class'}, ink on <span class="negative">orange</span> calms it. Each picture has its own scale; the noise
where no image has ink is the random start.
${hidden ? 'The units that matter most come first: those with the largest weights in, times weights out.' : ''}
${hidden && units[0]?.favours !== undefined ? markup`<span class="arrow">→</span> is the class that a unit speaks for most.` : ''}`;
}
