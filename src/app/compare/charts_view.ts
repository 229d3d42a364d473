// The losses of a comparison as they grow: by step, by time, and how far they are from the baseline's.
import { html, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { lossDifferences, orderBound } from '../../evaluation/comparison.ts';
import * as format from '../parts/format.ts';
import type { ChartOptions } from '../parts/line_chart.ts';
import type { Series } from '../parts/series.ts';
import { ENGINES, type EngineName } from './compare_form.ts';
import { type Comparison, engineTitle, type Row, stepsOf } from './live_comparison.ts';

/** Lines lie on one another where engines agree: the first is the widest. */
const WIDTHS = [4, 2.5, 1.5, 1.25, 1];

const colourOf = ({ name }: Row) => ENGINES[name as EngineName].colour;

export function chartsView(comparison: Comparison, baseline: Row | undefined): TemplateResult {
  const { rows, job } = comparison;
  const grown = rows.flatMap(({ trace, end }) => [trace.stepLosses.length, end]);
  const against = baseline ? engineTitle(baseline) : 'the baseline';
  return html`
    <section class="panel compare-charts" aria-label="Curves">
      ${guard([job, baseline, ...grown], () => {
        const xEnd = stepsOf(comparison);
        const lines = rows.map((row, index) => ({
          name: engineTitle(row),
          colour: colourOf(row),
          width: WIDTHS[index],
          x: row.trace.stepLosses.map((_, step) => step + 1),
          y: row.trace.stepLosses,
        }));
        const overTime = lines.map((line, i) => ({
          ...line,
          width: undefined,
          x: rows[i].trace.stepSeconds,
        }));
        const loss = 'Training loss';
        const difference = 'Difference of the loss';
        return html`
          <div class="charts">
            ${chart('steps', loss, 'by step', lines, { xTitle: 'step', xEnd })}
            ${chart('seconds', loss, 'by seconds of training', overTime, { xTitle: 'seconds' })}
          </div>
          <div class="charts compare-wide">
            ${chart('difference', difference, `from ${against}, by step`, differences(comparison, baseline), {
              xTitle: 'step',
              xEnd,
              format: (value) => format.roughly(value, 2),
            })}
          </div>
        `;
      })}
    </section>
  `;
}

function chart(
  name: string,
  title: string,
  aside: string,
  series: readonly Series[],
  options: Omit<ChartOptions, 'label'>,
): TemplateResult {
  return html`
    <figure class="chart" id=${`compare-chart-${name}`}>
      <figcaption>${title} <span class="aside">${aside}</span></figcaption>
      <line-chart .options=${{ label: `${title} ${aside}`, log: true, ...options }} .series=${series}></line-chart>
    </figure>
  `;
}

/** Each engine's differences from the baseline, and what the order of one sum explains. */
function differences({ rows, job }: Comparison, baseline: Row | undefined): Series[] {
  if (!baseline) return [];
  const { stepLosses } = baseline.trace;
  const x = stepLosses.map((_, step) => step + 1);
  const bound = orderBound(job.recipe.batch);
  return [
    ...rows
      .filter((row) => row !== baseline)
      .map((row) => {
        const y = lossDifferences(row.trace, baseline.trace);
        return { name: engineTitle(row), colour: colourOf(row), x: x.slice(0, y.length), y };
      }),
    {
      name: 'rounding of one sum',
      colour: '--muted',
      width: 1,
      x,
      y: stepLosses.map((loss) => bound * loss),
    },
  ];
}
