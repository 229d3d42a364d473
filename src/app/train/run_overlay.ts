// The curves of the chosen runs over each other.
import { html, nothing, type TemplateResult } from 'lit';
import { judged } from '../model/judge.ts';
import * as format from '../parts/format.ts';
import '../parts/line_chart.ts';
import type { Series } from '../parts/series.ts';
import type { KeptRun } from '../storage/kept_runs.ts';

export function overlayView(runs: readonly KeptRun[]): TemplateResult | typeof nothing {
  if (runs.length === 0) return nothing;
  const lines = (y: (curves: KeptRun['curves']) => Series['y']): Series[] =>
    runs.map(({ name, curves }) => ({ name, x: curves.loss.epoch, y: y(curves) }));
  const titles = new Set(runs.map(({ holdOut }) => judged(holdOut, 'accuracy')));
  const accuracy = titles.size === 1 ? [...titles][0] : 'Test or held-out accuracy';
  const percents = { format: format.percent, formatTick: (tick: number) => format.percent(tick, 1) };
  return html`
    <div id="overlay" class="charts">
      <figure class="chart">
        <figcaption>Training loss <span class="aside">by epoch</span></figcaption>
        <line-chart .options=${{ label: 'Training loss by epoch', log: true }} .series=${lines(({ loss }) => loss.train)}></line-chart>
      </figure>
      <figure class="chart">
        <figcaption>${accuracy} <span class="aside">by epoch</span></figcaption>
        <line-chart .options=${{ label: `${accuracy} by epoch`, ...percents }} .series=${lines(({ accuracy }) => accuracy.test).map(tested)}></line-chart>
      </figure>
    </div>
  `;
}

/** Only where there are values: at the ends of epochs. */
function tested({ x, y, ...line }: Series): Series {
  const at = y.flatMap((value, i) => (value === null ? [] : [i]));
  return { ...line, points: true, x: at.map((i) => x[i]), y: at.map((i) => y[i]) };
}
