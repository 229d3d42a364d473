// A fleet's report as one HTML page that needs nothing else.
import { Markup, markup } from '../evaluation/markup.ts';
import palette from '../evaluation/palette.css?raw';
import parts from '../evaluation/parts.css?raw';
import { unbrokenPercent } from '../evaluation/percent.ts';
import css from '../evaluation/report.css?raw';
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
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${[palette, parts, css].map((text) => new Markup(text))}
</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${fleetSentences(report).map((line) => markup`<p>${line}</p>`)}
<p><small>${report.started} to ${report.ended}, version ${report.version}, Grid at ${report.grid}</small></p>
</header>
${best && bestSection(best, report.command)}
${fleetTables(report).map(tableSection)}
</main>
</body>
</html>
`.text;
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
