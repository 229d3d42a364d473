// What the units of the first layer look for, as pictures of the report.
import { className } from '../data/dataset.ts';
import {
  type Colour,
  type FirstLayerUnit,
  rankFirstLayer,
  type Trained,
  weightPixels,
  weightsInto,
} from './first_layer.ts';
import { firstLayerNote, firstLayerTitle, UNITS_SHOWN } from './first_layer_note.ts';
import { type Markup, markup } from './markup.ts';
import palette from './palette.css?raw';
import { colourPngUrl } from './png.ts';

/** @param names of the classes, by label; left out where they are called by their numbers */
export function firstLayerMarkup(
  trained: Trained,
  image: { readonly width: number; readonly height: number },
  names: readonly string[] | undefined,
): Markup {
  const units = rankFirstLayer(trained);
  const hidden = trained.network.widths.length > 2;
  const { kernel0 } = trained.parameters;
  return markup`<section><h2>${firstLayerTitle(hidden)}</h2>
<p>${firstLayerNote(units, hidden)}</p>
<ul class="units">${units.slice(0, UNITS_SHOWN).map((unit) => {
    const weights = weightsInto(kernel0, units.length, unit.index);
    return unitItem(unit, weights, image, hidden, names);
  })}</ul></section>`;
}

function unitItem(
  { index, favours }: FirstLayerUnit,
  weights: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
  hidden: boolean,
  names: readonly string[] | undefined,
): Markup {
  const name = (label: number) => className(names, label);
  const url = ({ positive, negative }: (typeof SCHEMES)[number]) =>
    colourPngUrl(width, height, weightPixels(weights, positive, negative));
  const [light, dark] = SCHEMES;
  const alt = hidden ? `Weights of unit ${index}` : `Weights of class ${name(index)}`;
  const caption = hidden ? `${index}${favours === undefined ? '' : ` → ${name(favours)}`}` : name(index);
  return markup`<li><picture><source media="(prefers-color-scheme: dark)" srcset="${url(dark)}"><img src="${url(light)}"
width="${width}" height="${height}" alt="${alt}"></picture><span class="note">${caption}</span></li>`;
}

/** The palette's colours, light and dark: an image cannot ask for them by name. */
const SCHEMES = [0, 1].map((scheme) => ({
  positive: colourOf('--right', scheme),
  negative: colourOf('--wrong', scheme),
}));

function colourOf(name: string, scheme: number): Colour {
  const found = [...palette.matchAll(new RegExp(`${name}: (\\d+) (\\d+) (\\d+);`, 'g'))][scheme];
  return found.slice(1).map(Number);
}
