// A fleet's report as one HTML page that needs nothing else.
import { htmlDocument } from '../evaluation/html_document.ts';
import { type Markup, markup } from '../evaluation/markup.ts';
import { unbrokenPercent } from '../evaluation/percent.ts';
import { curves } from '../evaluation/training_curves.ts';
import { describePlace } from './place.ts';
import { bestOf, type FleetReport, type FleetTrained } from './report.ts';
import { type FleetTable, fleetSentences, fleetTables } from './tables.ts';

const TITLES: { readonly [C in FleetReport['command']]: string } = {
  bench: 'A benchmark over a fleet',
  train: 'Trainings over a fleet',
  sweep: 'A sweep over a fleet',
};

/** @returns a whole HTML document */
export function renderFleetReport(report: FleetReport): string {
  const title = TITLES[report.command];
  const best = report.command === 'bench' ? undefined : bestOf(report.trainings ?? []);
  const header = markup`${fleetSentences(report).map((line) => markup`<p>${line}</p>`)}
<p><small>${report.started} to ${report.ended}, version ${report.version}, Grid at ${report.grid}</small></p>`;
  const content = markup`${best && bestSection(best, report.command)}
${fleetTables(report).map(tableSection)}`;
  return htmlDocument(title, header, content);
}

function bestSection(best: FleetTrained, command: FleetReport['command']): Markup {
  const { name, place, report } = best;
  const images = command === 'sweep' ? 'held-out' : 'test';
  return markup`<section><h2>The best: ${name}</h2>
<p>${unbrokenPercent(report.test.accuracy)} of the ${images} images, network ${report.network}, on ${describePlace(place)}.</p></section>
${curves(report, images)}`;
}

function tableSection({ title, note, head, rows }: FleetTable): Markup {
  return markup`<section><h2>${title}</h2>
${note === undefined ? undefined : markup`<p>${note}</p>`}
<div class="scroller" tabindex="0" role="region" aria-label="${title}"><table>
<thead><tr>${head.map((cell) => markup`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>${rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>`)}</tbody>
</table></div></section>`;
}
