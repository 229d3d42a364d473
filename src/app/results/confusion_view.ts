// The confusion matrix as a heat map with its counts.
import { html, type TemplateResult } from 'lit';
import type { Evaluation } from '../../evaluation/evaluation.ts';
import { count } from '../parts/format.ts';

/** A table of more classes than this would be too large to draw or read; the pairs that matter are listed instead. */
const MAX_TABLE_CLASSES = 64;
const PAIRS_LISTED = 30;
/** Columns that fit a phone's width without scrolling. */
const FITTING_CLASSES = 12;

export function confusionView({ confusion, classes }: Evaluation): TemplateResult {
  return html`
    <div class="panel">
      <h3 id="confusion-title">Confusion <span class="aside">row: is, column: taken for</span></h3>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="confusion-title">
        ${classes > MAX_TABLE_CLASSES ? pairList(confusion) : heatMap(confusion)}
      </div>
    </div>
  `;
}

function heatMap(confusion: Evaluation['confusion']): TemplateResult {
  const labels = confusion.map((_, label) => label);
  const worst = Math.max(
    1,
    ...confusion.flatMap((row, target) => row.filter((_, predicted) => predicted !== target)),
  );
  return html`
    <table id="confusion" class=${labels.length <= FITTING_CLASSES ? 'confusion few' : 'confusion'}>
      <thead>
        <tr>
          <td></td>
          ${labels.map((label) => html`<th scope="col">${label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${confusion.map((row, target) => matrixRow(row, target, worst))}
      </tbody>
    </table>
  `;
}

/** Right counts are shaded by their share of the row, wrong ones by the root of their share of the worst. */
function matrixRow(row: readonly number[], target: number, worst: number): TemplateResult {
  const support = Math.max(
    1,
    row.reduce((a, b) => a + b, 0),
  );
  const heat = (value: number, predicted: number) =>
    predicted === target ? value / support : Math.sqrt(value / worst);
  return html`
    <tr>
      <th scope="row">${target}</th>
      ${row.map(
        (value, predicted) => html`
          <td
            class=${predicted !== target ? (value > 0 ? 'wrong' : 'none') : 2 * value > support ? 'right most' : 'right'}
            .style=${`--heat: ${heat(value, predicted).toFixed(3)}`}
            title=${`${count(value)} of class ${target} taken for ${predicted}`}
          >${value}</td>
        `,
      )}
    </tr>
  `;
}

function pairList(confusion: Evaluation['confusion']): TemplateResult {
  const pairs = confusion
    .flatMap((row, target) => row.map((value, predicted) => ({ target, predicted, value })))
    .filter(({ target, predicted, value }) => target !== predicted && value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, PAIRS_LISTED);
  return html`
    <ol id="confusion" class="pairs">
      ${pairs.map(({ target, predicted, value }) => html`<li>${target} → ${predicted}: ${count(value)}</li>`)}
    </ol>
  `;
}
