// A sweep as a heat map of what its runs reached; each cell leads to its run.
import { html, type TemplateResult } from 'lit';
import { judged } from '../model/judge.ts';
import { hrefOfRun } from '../model/run_address.ts';
import * as format from '../parts/format.ts';
import { type Grid, SWEPT } from './sweep.ts';
import './sweep.css';

export function heatMap({ rows, columns, cells }: Grid): TemplateResult {
  const known = cells.flat().filter((run) => run !== undefined);
  const reached = known.map(({ report }) => report.test.accuracy);
  const [low, high] = [Math.min(...reached), Math.max(...reached)];
  const title = `${judged(known[0]?.holdOut ?? 1, 'accuracy')} by ${SWEPT[rows.field].toLowerCase()} (rows) and ${SWEPT[columns.field].toLowerCase()} (columns)`;
  return html`
    <div class="scroller" tabindex="0" role="region" aria-label=${title}>
      <table class="heat">
        <caption class="note">${title}</caption>
        <thead>
          <tr><td></td>${columns.values.map((value) => html`<th scope="col">${value}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.values.map(
            (value, r) => html`
              <tr>
                <th scope="row">${value}</th>
                ${cells[r].map((run) => {
                  if (!run) return html`<td>…</td>`;
                  const { accuracy } = run.report.test;
                  const heat = high > low ? (accuracy - low) / (high - low) : 1;
                  return html`
                    <td class=${accuracy === high ? 'best' : ''} .style=${`--heat: ${heat.toFixed(3)}`}>
                      <a href=${hrefOfRun(run)} title=${`Results of ${run.name}`}>${format.percent(accuracy)}</a>
                    </td>
                  `;
                })}
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}
