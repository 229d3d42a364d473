// Results one below the other: one's own with what can be taken along, several machines side by side, others.
import { html, type TemplateResult } from 'lit';
import { toMarkdown } from '../../bench/rendering/report_tables.ts';
import { merge, toCsv } from '../../bench/rendering/side_by_side.ts';
import type { BenchReport } from '../../bench/report.ts';
import '../parts/copy_button.ts';
import { download } from '../parts/download.ts';
import { formatFragment } from '../router.ts';
import type { OwnBenchmark } from '../storage/kept_benchmark.ts';
import type { Other } from './others_view.ts';
import { reportBody, tableView } from './report_view.ts';

const OWN = 'this browser';

export function ownView(own: OwnBenchmark | undefined): TemplateResult {
  if (!own) {
    return html`
      <section class="outcome-line empty" aria-label="Own result">
        <p class="note">Your times appear here. Meanwhile, see what other machines reached.</p>
      </section>
    `;
  }
  const { report, query } = own;
  const save = (extension: string, type: string, content: () => string) => () =>
    download(`mnist-kernels-bench.${extension}`, type, content());
  const link = () => {
    const params = new URLSearchParams(query);
    params.set('go', '1');
    return new URL(formatFragment('benchmark', params), location.href).href;
  };
  return html`
    <section id="benchmark-own" class="panel bench-report" aria-labelledby="benchmark-own-title">
      <h2 id="benchmark-own-title">This browser</h2>
      <div class="bench-actions" role="group" aria-label="Take it along">
        <button type="button" id="benchmark-json" @click=${save('json', 'application/json', () => JSON.stringify(report, null, 2))}>↓ JSON</button>
        <button type="button" id="benchmark-csv" @click=${save('csv', 'text/csv', () => toCsv(report))}>↓ CSV</button>
        <copy-button id="benchmark-markdown" label="Copy Markdown" .text=${() => toMarkdown(report)}></copy-button>
        <copy-button id="benchmark-link" label="Copy link" .text=${link}></copy-button>
      </div>
      ${reportBody(report, OWN, true)}
    </section>
  `;
}

/** The cases that two or more of them have; nothing if there is but one of them. */
export function comparisonView(own: OwnBenchmark | undefined, others: readonly Other[]): TemplateResult {
  const machines = [...(own ? [{ name: OWN, report: own.report }] : []), ...others].flatMap(
    ({ name, report }): { name: string; report: BenchReport }[] => (report ? [{ name, report }] : []),
  );
  if (machines.length < 2) return html``;
  const { head, rows } = merge(
    machines.map(({ report }) => report),
    machines.map(({ name }) => name),
  );
  const has = (cells: readonly string[]) =>
    cells.filter((cell, at) => head[at].endsWith(' ms') && cell !== '');
  const common = rows.filter((cells) => has(cells).length > 1);
  const title = 'Side by side';
  return html`
    <section id="benchmark-comparison" class="panel" aria-label=${title}>
      <h2>${title}</h2>
      ${
        common.length === 0
          ? html`<p class="note">They have no case in common: run the same suite, network and batch.</p>`
          : html`
            <p class="note">Median milliseconds; the ratio is the time over that of the first machine that has the case.</p>
            ${tableView({ title: 'Cases in common', head, rows: common }, title)}
          `
      }
    </section>
  `;
}

export function otherView({ name, report, problem }: Other): TemplateResult {
  return html`
    <section class="panel bench-report" aria-label=${name}>
      <h2>${name}</h2>
      ${report ? reportBody(report, name, false) : html`<p class=${problem ? 'problem' : 'note'} role="status">${problem ?? 'Loading …'}</p>`}
    </section>
  `;
}
