// The reliability diagram with its table: how often the network is right, by how confident it is. The page
// and the report draw it alike.
import { count } from '../plural.ts';
import type { Calibration, CalibrationBin } from './calibration.ts';
import { wilsonInterval } from './evaluation.ts';
import { type Markup, markup } from './markup.ts';
import { unbrokenPercent as percent } from './percent.ts';

const SIDE = 240;
const MARGIN = { left: 44, right: 16, top: 8, bottom: 40 };
const WIDTH = MARGIN.left + SIDE + MARGIN.right;
const HEIGHT = MARGIN.top + SIDE + MARGIN.bottom;
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

const pixels = (value: number) => Math.round(100 * value) / 100;
const x = (share: number) => pixels(MARGIN.left + share * SIDE);
const y = (share: number) => pixels(MARGIN.top + (1 - share) * SIDE);

export function calibrationMarkup({ bins, accuracy, confidence, error }: Calibration): Markup {
  const some = bins.filter(({ count }) => count > 0);
  return markup`<div class="calibration">
<svg id="results-calibration" class="reliability" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"
aria-label="Reliability diagram: accuracy by confidence; its values are in the table">
${TICKS.map(gridLines)}
${some.map(bar)}
<line class="ideal" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}"/>
${some.map(interval)}
<text x="${x(0.5)}" y="${HEIGHT - 6}" text-anchor="middle">confidence</text>
<text transform="translate(12 ${y(0.5)}) rotate(-90)" text-anchor="middle">accuracy</text>
</svg>
<table id="results-bins" class="scores reliability-bins" aria-label="Accuracy by confidence">
<thead><tr><th scope="col">confidence</th><th scope="col">images</th><th scope="col">mean</th><th scope="col">right</th></tr></thead>
<tbody>${bins.map(row)}</tbody>
</table>
</div>
<p class="note">On average it is ${percent(confidence, 1)} sure and ${percent(accuracy, 1)} right. The expected calibration
error, over ${bins.length} bins, is <strong id="results-ece">${percent(error)}</strong>. A bar that ends below the dashed line
is a network too sure of itself, above it one that knows more than it says. Thin lines are 95 % intervals.</p>`;
}

function gridLines(share: number): Markup {
  const label = Math.round(100 * share);
  return markup`<line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(share)}" y2="${y(share)}"/>
<text x="${x(0) - 6}" y="${y(share) + 4}" text-anchor="end">${label}</text>
<text x="${x(share)}" y="${y(0) + 16}" text-anchor="middle">${label}</text>`;
}

function bar({ low, high, accuracy }: CalibrationBin): Markup {
  const top = y(accuracy);
  return markup`<rect class="bin" x="${x(low) + 1}" width="${pixels(x(high) - x(low) - 2)}" y="${top}" height="${pixels(y(0) - top)}"/>`;
}

function interval({ low, high, correct, count }: CalibrationBin): Markup {
  const middle = x((low + high) / 2);
  const bounds = wilsonInterval(correct, count);
  return markup`<line class="interval" x1="${middle}" x2="${middle}" y1="${y(bounds.low)}" y2="${y(bounds.high)}"/>`;
}

function row({ low, high, count: images, confidence, accuracy }: CalibrationBin): Markup {
  const share = (value: number) => (images === 0 ? '–' : percent(value, 1));
  return markup`<tr><th scope="row">${Math.round(100 * low)} to ${percent(high, 0)}</th>
<td>${count(images)}</td><td>${share(confidence)}</td><td>${share(accuracy)}</td></tr>`;
}
