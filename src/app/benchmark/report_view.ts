// A benchmark's report: what it comes to in sentences, bars, where it ran, tables and notes.
import { html, nothing, svg, type TemplateResult } from 'lit';
import { type Bar, type BarChart, barChartsOf } from '../../bench/rendering/bar_charts.ts';
import { type Finding, findingsOf } from '../../bench/rendering/findings.ts';
import { type Table, tablesOf, titleOf } from '../../bench/rendering/report_tables.ts';
import { figures } from '../../bench/rendering/text.ts';
import type { BenchReport } from '../../bench/report.ts';
import { percent } from '../../evaluation/percent.ts';
import { dateAndTime } from '../parts/format.ts';

/** A result of all suites has more than one reads. */
const FINDINGS_SHOWN = 4;

/**
 * @param name for regions that would else be called alike
 * @param own whether it was made here and now; its tables are shown at once
 */
export function reportBody(report: BenchReport, name: string, own: boolean): TemplateResult {
  const charts = barChartsOf(report);
  const findings = findingsOf(report).map((each) => findingView(each, own));
  const more = findings.slice(FINDINGS_SHOWN);
  return html`
    <ul class="findings">${findings.slice(0, FINDINGS_SHOWN)}</ul>
    ${
      more.length > 0
        ? html`
          <details class="more">
            <summary>${more.length} more</summary>
            <ul class="findings">${more}</ul>
          </details>
        `
        : nothing
    }
    <p class="bars-legend" aria-hidden="true">
      <span class="own">mnist-kernels</span> <span class="peer">others</span>
      ${charts.some(hasRoofline) ? html`<span class="roofline">what the processor can do at most</span>` : nothing}
    </p>
    <div class="bar-charts">${charts.map(chartView)}</div>
    ${
      charts.some(skipsZeros)
        ? html`<p class="note bars-note">Bars beyond that line: pixels and activations that are zero are skipped, which counts as if they had been multiplied.</p>`
        : nothing
    }
    ${epochsView(report)}
    <details class="more bench-where">
      <summary>Where and how it was measured: ${titleOf(report)}</summary>
      ${environmentView(report)} ${notesView(report.notes)}
    </details>
    <details class="more bench-numbers" ?open=${own}>
      <summary>All numbers</summary>
      ${tablesOf(report).map((table) => tableView(table, name))}
    </details>
  `;
}

function findingView({ lead, details }: Finding, own: boolean): TemplateResult {
  return html`
    <li>
      <p class="finding">${lead}${own ? ', here, now' : ''}.</p>
      <p class="finding-details">${details.join(' ')}</p>
    </li>
  `;
}

/** What cases are noisy is one note: there may be many. */
const NOISY = 'noisy: ';

function notesView(notes: readonly string[]): TemplateResult {
  const noisy = notes.filter((note) => note.startsWith(NOISY)).map((note) => note.slice(NOISY.length));
  const all = notes.filter((note) => !note.startsWith(NOISY));
  if (noisy.length > 0) all.push(`noisy, samples more than 30 % apart: ${noisy.join('; ')}`);
  return html`<ul class="bench-notes">${all.map((note) => html`<li>${note}</li>`)}</ul>`;
}

const hasRoofline = ({ bars }: BarChart): boolean => bars.some(({ roofline }) => roofline !== undefined);

/** Measured rooflines and times differ by some percent by themselves. */
const skipsZeros = ({ bars }: BarChart): boolean =>
  bars.some(({ own, value, roofline = Infinity }) => own && value > 1.1 * roofline);

/** Whether a training slows down, of cases that tell it. */
function epochsView({ cases }: BenchReport): TemplateResult | typeof nothing {
  const told = cases.flatMap(({ name, epochs }) =>
    epochs ? `${name} ${epochs.lastToFirst.toFixed(2)}×` : [],
  );
  if (told.length === 0) return nothing;
  return html`<p class="note bench-epochs">Images per second of a training's last epoch against its first: ${told.join('; ')}.</p>`;
}

function environmentView({ environment }: BenchReport): TemplateResult {
  // Older results say less.
  const about: Partial<BenchReport['environment']> = environment;
  const {
    runtime,
    userAgent,
    adapter,
    features,
    processors,
    isolated,
    clock,
    memory,
    power,
    date,
    version,
    commit,
  } = about;
  const facts: [string, string | TemplateResult | undefined][] = [
    ['Runtime', html`<span title=${userAgent ?? ''}>${runtime}</span>`],
    ['Adapter', adapter],
    ['Features', features && featuresView(features)],
    ['Processors', processors?.toString()],
    ['Shared memory', isolated === undefined ? undefined : isolated ? 'yes' : 'no: one thread'],
    ['Memory', memory === undefined ? undefined : `${(memory / 2 ** 30).toFixed(0)} GiB`],
    ['Power', power],
    ['Clock', clock === undefined ? undefined : `${figures(1000 * clock)} µs`],
    ['Version', [version, commit].filter(Boolean).join(', ') || undefined],
    ['Date', date && dateAndTime(date)],
  ];
  return html`
    <dl class="environment">
      ${facts.map(([term, fact]) => (fact === undefined ? nothing : html`<div><dt>${term}</dt><dd>${fact}</dd></div>`))}
    </dl>
  `;
}

function featuresView(features: readonly string[]): TemplateResult | string {
  if (features.length === 0) return 'none of those we use';
  return html`
    <details>
      <summary>${features.length} of WebGPU</summary>
      ${features.join(', ')}
    </details>
  `;
}

/** Pixels of a bar's row: its name above, the bar and its value below. */
const ROW = 36;
const BAR = { top: 20, height: 9 };
/** Per cent of the width, for the longest bar; the rest is for its value. */
const LONGEST = 80;

function chartView({ title, unit, bars }: BarChart): TemplateResult {
  const largest = Math.max(...bars.flatMap(({ value, roofline = 0 }) => [value, roofline]));
  const length = (value: number) => `${(LONGEST * value) / largest}%`;
  const spoken = bars.map(({ name, value }) => `${name} ${figures(value)}`).join('; ');
  return html`
    <figure class="bar-chart">
      <figcaption>
        ${title} <span class="aside">${unit === 'GFLOP/s' ? 'GFLOP/s (billions of operations a second), longer is better' : `${unit}, shorter is better`}</span>
      </figcaption>
      <svg
        role="img"
        width="100%"
        height=${bars.length * ROW}
        aria-label=${`${title}, ${unit}: ${spoken}. The tables below have the numbers.`}
      >
        ${bars.map((bar, index) => barView(bar, index * ROW, length))}
      </svg>
    </figure>
  `;
}

function barView({ name, own, value, roofline }: Bar, y: number, length: (value: number) => string) {
  const share =
    roofline === undefined ? '' : `, ${percent(value / roofline, 0)} of what the processor can do`;
  const at = roofline === undefined ? '' : length(roofline);
  return svg`
    <text x="0" y=${y + 13}>${name}</text>
    <text x="100%" y=${y + BAR.top + BAR.height} class="value">${figures(value)}</text>
    <rect x="0" y=${y + BAR.top} width=${length(value)} height=${BAR.height} rx="2" class=${own ? 'own' : 'peer'}>
      <title>${name}: ${figures(value)}${share}</title>
    </rect>
    ${roofline === undefined ? nothing : svg`<line x1=${at} x2=${at} y1=${y + BAR.top - 2} y2=${y + BAR.top + BAR.height + 2} class="roofline"></line>`}
  `;
}

/** A case's own cells stand once, beside the rows of all whom it is held against. */
export function tableView({ title, head, rows }: Table, name: string): TemplateResult {
  const left = Math.max(0, head.indexOf('against'));
  const span = (from: number) => {
    const next = rows.findIndex((cells, index) => index > from && cells[0] !== '');
    return (next < 0 ? rows.length : next) - from;
  };
  const row = (cells: readonly (string | number)[], index: number) => {
    const continued = left > 0 && cells[0] === '';
    const own = continued ? [] : cells.slice(0, left);
    const rest = cells.slice(left);
    return html`
      <tr class=${continued ? '' : 'first'}>
        ${own.map((cell) => html`<td rowspan=${span(index)}>${cell}</td>`)} ${rest.map((cell) => html`<td>${cell}</td>`)}
      </tr>
    `;
  };
  return html`
    <div class="scroller" tabindex="0" role="region" aria-label=${`${title}, ${name}`}>
      <table class="bench-table">
        <caption>${title}</caption>
        <thead>
          <tr>${head.map((text) => html`<th scope="col">${text}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(row)}
        </tbody>
      </table>
    </div>
  `;
}
