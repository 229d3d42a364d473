// Right? What the oracle said: of all shapes in a sentence, of one of them element by element.
import { html, nothing, type TemplateResult } from 'lit';
import type { KernelResult } from '../../validation/check_kernel.ts';
import type { ErrorMap } from '../../validation/error_map.ts';
import { count, plural, roughly } from '../parts/format.ts';
import './error_map_element.ts';
import type { Laboratory } from './laboratory.ts';
import type { Verdict } from './trial.ts';

/** Shapes that failed are listed up to so many. */
const LISTED = 12;

export function verdictView(laboratory: Laboratory): TemplateResult {
  const { verdict, stale, problem, draft } = laboratory;
  const problems = [problem, draft.problem].filter((each) => each !== undefined);
  return html`
    <section class="panel kernels-verdict" aria-labelledby="kernels-right-title" ?data-stale=${stale}>
      <div class="section-head">
        <h2 id="kernels-right-title">Right?</h2>
        ${verdict && !stale ? html`<span class="note">against float64, each element within a bound of its own</span>` : nothing}
      </div>
      <p id="kernels-problem" class="problem" role="alert">${problems.join('. ')}</p>
      <p id="kernels-verdict" role="status" class=${verdictClass(verdict)}>${sentence(laboratory)}</p>
      ${verdict ? failuresView(verdict, laboratory) : nothing}
      ${verdict?.maps.map(mapView)}
      ${verdict && verdict.maps.length > 0 ? html`<p class="kernels-legend"><span>exact</span><span class="within">within its bound</span><span class="beyond">beyond</span></p>` : nothing}
    </section>
  `;
}

function verdictClass(verdict: Verdict | undefined): string {
  if (!verdict || verdict.results.length === 0) return '';
  return verdict.results.every(({ pass }) => pass) ? 'passes' : 'fails';
}

function sentence({ verdict, running, stale }: Laboratory): string {
  if (!verdict || verdict.results.length === 0) return running ? 'Trying …' : 'Not tried yet.';
  const { results, total, shape } = verdict;
  const before = stale ? 'Before the last change: ' : '';
  const failures = results.filter(({ pass }) => !pass);
  if (total === 1) {
    const [{ share, pass }] = results;
    if (pass)
      return `${before}${shape} passes; the largest error takes ${roughly(100 * share, 2)} % of its bound.`;
    const wrong = verdict.maps.reduce((sum, map) => sum + map.wrong, 0);
    const all = verdict.maps.reduce((sum, map) => sum + map.shares.length, 0);
    return `${before}${shape} fails: ${count(wrong)} of ${plural(all, 'element')} beyond their bound.`;
  }
  const passed = results.length - failures.length;
  const tried = results.length < total ? `, ${total - results.length} to go` : '';
  const first = failures.length > 0 ? `; first failure ${failures[0].shape}` : '';
  return `${before}${passed} of ${total} pass${tried}${first}.`;
}

function failuresView({ results, total }: Verdict, laboratory: Laboratory): TemplateResult | typeof nothing {
  const failures = results.filter(({ pass }) => !pass);
  if (total === 1 || failures.length < 2) return nothing;
  const show = ({ shape }: KernelResult) => void laboratory.check(shape);
  return html`
    <ul class="kernels-failures" aria-label="Shapes that fail">
      ${failures.slice(0, LISTED).map((result) => html`<li><button type="button" class="link" @click=${() => show(result)}>${result.shape}</button></li>`)}
      ${failures.length > LISTED ? html`<li class="note">and ${failures.length - LISTED} more</li>` : nothing}
    </ul>
  `;
}

function mapView(map: ErrorMap): TemplateResult {
  const { operand, dimensions, rows, columns, worst, wrong } = map;
  const extent = rows === 1 && dimensions.length === 1 ? `${columns}` : `${rows} × ${columns}`;
  const isWrong = wrong > 0;
  return html`
    <figure class="kernels-map" data-operand=${operand} data-wrong=${wrong}>
      <figcaption><code>${operand}</code> <span class="note">[${dimensions.join(', ')}] ${extent}</span></figcaption>
      <error-map .errors=${map}></error-map>
      <dl class="kernels-worst">
        <div><dt>${isWrong ? 'worst element' : 'closest to its bound'}</dt><dd>${operand}[${worst.indices.join(', ')}]</dd></div>
        <div><dt>got</dt><dd>${number(worst.got)}</dd></div>
        <div><dt>expected</dt><dd>${number(worst.expected)}</dd></div>
        <div><dt>bound</dt><dd>${worst.bound === 0 ? 'exact' : `± ${worst.bound.toExponential(2)}`}</dd></div>
      </dl>
    </figure>
  `;
}

/** With the digits that float32 has. */
function number(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  return Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6 ? value.toPrecision(9) : value.toExponential(8);
}
