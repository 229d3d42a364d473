// The reliability diagram: how often the network is right, by how confident it is, with the number of images.
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import type { Calibration, CalibrationBin } from '../../evaluation/calibration.ts';
import { wilsonInterval } from '../../evaluation/evaluation.ts';
import * as format from '../parts/format.ts';

const SIDE = 240;
const MARGIN = { left: 44, right: 16, top: 8, bottom: 40 };
const WIDTH = MARGIN.left + SIDE + MARGIN.right;
const HEIGHT = MARGIN.top + SIDE + MARGIN.bottom;
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

const x = (share: number) => MARGIN.left + share * SIDE;
const y = (share: number) => MARGIN.top + (1 - share) * SIDE;

export function calibrationView({ bins, accuracy, confidence, error }: Calibration): TemplateResult {
  return html`
    <div class="panel">
      <h3 id="results-calibration-title">Calibration <span class="aside">is it right as often as it is confident?</span></h3>
      <div class="calibration">
        <svg id="results-calibration" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Reliability diagram: accuracy by confidence; its values are in the table">
          ${TICKS.map(gridLines)} ${bins.map(bar)}
          <line class="ideal" x1=${x(0)} y1=${y(0)} x2=${x(1)} y2=${y(1)}></line>
          ${bins.map(interval)}
          <text x=${x(0.5)} y=${HEIGHT - 6} text-anchor="middle">confidence</text>
          <text transform=${`translate(12 ${y(0.5)}) rotate(-90)`} text-anchor="middle">accuracy</text>
        </svg>
        <table id="results-bins" class="scores" aria-labelledby="results-calibration-title">
          <thead>
            <tr>
              <th scope="col">confidence</th>
              <th scope="col">images</th>
              <th scope="col">mean</th>
              <th scope="col">right</th>
            </tr>
          </thead>
          <tbody>
            ${bins.map(row)}
          </tbody>
        </table>
      </div>
      <p class="note">
        On average it is ${format.percent(confidence, 1)} sure and ${format.percent(accuracy, 1)} right. The
        expected calibration error, over ${bins.length} bins, is
        <strong id="results-ece">${format.percent(error)}</strong>. A bar that ends below the dashed line is a
        network too sure of itself, above it one that knows more than it says. Thin lines are 95 % intervals.
      </p>
    </div>
  `;
}

function gridLines(share: number): SVGTemplateResult {
  return svg`
    <line class="grid" x1=${x(0)} x2=${x(1)} y1=${y(share)} y2=${y(share)}></line>
    <text x=${x(0) - 6} y=${y(share) + 4} text-anchor="end">${Math.round(100 * share)}</text>
    <text x=${x(share)} y=${y(0) + 16} text-anchor="middle">${Math.round(100 * share)}</text>
  `;
}

function bar({ low, high, accuracy, count }: CalibrationBin): SVGTemplateResult | typeof nothing {
  if (count === 0) return nothing;
  return svg`<rect class="bin" x=${x(low) + 1} width=${x(high) - x(low) - 2} y=${y(accuracy)} height=${y(0) - y(accuracy)}></rect>`;
}

function interval({ low, high, correct, count }: CalibrationBin): SVGTemplateResult | typeof nothing {
  if (count === 0) return nothing;
  const middle = x((low + high) / 2);
  const bounds = wilsonInterval(correct, count);
  return svg`<line class="interval" x1=${middle} x2=${middle} y1=${y(bounds.low)} y2=${y(bounds.high)}></line>`;
}

function row({ low, high, count, confidence, accuracy }: CalibrationBin): TemplateResult {
  const share = (value: number) => (count === 0 ? '–' : format.percent(value, 1));
  return html`
    <tr>
      <th scope="row">${Math.round(100 * low)} to ${format.percent(high, 0)}</th>
      <td>${format.count(count)}</td>
      <td>${share(confidence)}</td>
      <td>${share(accuracy)}</td>
    </tr>
  `;
}
