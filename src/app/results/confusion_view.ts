// The confusion matrix as a heat map with its counts; each count is a button for the images that it counts.
import { html, nothing, type TemplateResult } from 'lit';
import { className } from '../../data/dataset.ts';
import { shades } from '../../evaluation/confusion.ts';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { count } from '../parts/format.ts';

/**
 * A table of more classes than this would be too large to draw or read; the pairs that matter are listed
 * instead.
 */
const MAX_TABLE_CLASSES = 64;
const PAIRS_LISTED = 30;
/** Columns that fit a phone's width without scrolling. */
const FITTING_CLASSES = 12;

export interface Cell {
  readonly label: number;
  readonly predicted: number;
}

/** What the classes are called, by label; undefined where they are the numbers from 0. */
type Names = readonly string[] | undefined;

/** "8 images of class 4 taken for 9", the number as the matrix has it: a label holds what is seen. */
export function describeCell({ label, predicted }: Cell, images: number, names: Names): string {
  const what = `${images} image${images === 1 ? '' : 's'} of class ${className(names, label)}`;
  return label === predicted ? `${what} recognised` : `${what} taken for ${className(names, predicted)}`;
}

export function confusionView(
  { confusion, classes }: Evaluation,
  names: Names,
  chosen: Cell | undefined,
  onChoose: (cell: Cell) => void,
): TemplateResult {
  const cellButton = (cell: Cell, text: string, tabbable = true) => {
    const pressed = cell.label === chosen?.label && cell.predicted === chosen.predicted;
    const title = describeCell(cell, confusion[cell.label][cell.predicted], names);
    return html`
      <button
        type="button"
        tabindex=${tabbable ? nothing : -1}
        aria-pressed=${pressed ? 'true' : 'false'}
        aria-label=${title}
        title=${title}
        @click=${() => onChoose(cell)}
      >${text}</button>
    `;
  };
  return html`
    <div class="panel">
      <h3 id="confusion-title">Confusion <span class="aside">row: is, column: taken for; choose a count to see its images</span></h3>
      <div class="scroll">
        ${classes > MAX_TABLE_CLASSES ? pairList(confusion, names, cellButton) : heatMap(confusion, names, chosen, cellButton)}
      </div>
    </div>
  `;
}

type CellButton = (cell: Cell, text: string, tabbable?: boolean) => TemplateResult;

/** A grid of one tab stop, in which the arrow keys move. */
function heatMap(
  confusion: Evaluation['confusion'],
  names: Names,
  chosen: Cell | undefined,
  cellButton: CellButton,
): TemplateResult {
  const labels = confusion.map((_, label) => label);
  const shaded = shades(confusion);
  const first = confusion.findIndex((row) => row.some((images) => images > 0));
  const stop = chosen ?? { label: first, predicted: confusion[first]?.findIndex((images) => images > 0) };
  return html`
    <table
      id="confusion"
      role="grid"
      aria-labelledby="confusion-title"
      class=${labels.length <= FITTING_CLASSES ? 'confusion few' : 'confusion'}
      @keydown=${moveFocus}
    >
      <thead>
        <tr>
          <td></td>
          ${labels.map((label) => html`<th scope="col">${className(names, label)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${confusion.map(
          (row, label) => html`
            <tr>
              <th scope="row">${className(names, label)}</th>
              ${row.map((images, predicted) => {
                const { kind, heat } = shaded[label][predicted];
                if (kind === 'none') return html`<td class="none">0</td>`;
                const tabbable = label === stop.label && predicted === stop.predicted;
                return html`
                  <td class=${kind} .style=${`--heat: ${heat.toFixed(3)}`}>
                    ${cellButton({ label, predicted }, String(images), tabbable)}
                  </td>
                `;
              })}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}

const DIRECTIONS: { readonly [key: string]: readonly [row: number, column: number] | undefined } = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** To the next count that is not 0. */
function moveFocus(event: KeyboardEvent): void {
  const direction = DIRECTIONS[event.key];
  const from = (event.target as Element).closest('td');
  if (!direction || !from) return;
  event.preventDefault();
  const { rows } = (event.currentTarget as HTMLTableElement).tBodies[0];
  let row = (from.parentElement as HTMLTableRowElement).sectionRowIndex;
  let column = from.cellIndex;
  do {
    row += direction[0];
    column += direction[1];
  } while (rows[row]?.cells[column]?.className === 'none');
  rows[row]?.cells[column]?.querySelector('button')?.focus();
}

function pairList(confusion: Evaluation['confusion'], names: Names, cellButton: CellButton): TemplateResult {
  const pairs = confusion
    .flatMap((row, label) => row.map((images, predicted) => ({ label, predicted, images })))
    .filter(({ label, predicted, images }) => label !== predicted && images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, PAIRS_LISTED);
  return html`
    <ol id="confusion" class="pairs">
      ${pairs.map((pair) => html`<li>${cellButton(pair, `${className(names, pair.label)} → ${className(names, pair.predicted)}: ${count(pair.images)}`)}</li>`)}
    </ol>
  `;
}
