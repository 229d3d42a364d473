// Fast? Times in turns with the text that ships and with tfjs, and their place under the device's roofline.
import { html, nothing, type SVGTemplateResult, svg, type TemplateResult } from 'lit';
import type { TimedKernel } from '../../bench/kernel_contest.ts';
import { roughly } from '../parts/format.ts';
import type { Laboratory } from './laboratory.ts';
import type { TimedTrial } from './trial_worker.ts';

const TITLES: { readonly [name: string]: string } = { yours: 'your text', shipped: 'as it ships' };

export function speedView(laboratory: Laboratory): TemplateResult {
  const { timed, running, draft } = laboratory;
  const busy = running?.what === 'time';
  return html`
    <section class="panel kernels-speed" aria-labelledby="kernels-fast-title">
      <div class="section-head">
        <h2 id="kernels-fast-title">Fast?</h2>
        <button type="button" id="kernels-time" ?disabled=${busy || draft.asks !== undefined} @click=${() => void laboratory.time()}>
          ${busy ? `Timing … ${Math.round(100 * running.share)} %` : 'Time it'}
        </button>
      </div>
      ${
        timed
          ? html`<div class="kernels-times">${timesTable(timed)} ${roofline(timed)}</div>`
          : html`<p class="note">In turns with the text that ships and with tfjs’s same product, so that a busy machine disturbs all alike; then the device’s ceilings, and where under them the kernel lies.</p>`
      }
    </section>
  `;
}

const perSecond = (amount: number, { milliseconds }: TimedKernel) => amount / milliseconds!.median / 1e6;

function timesTable({ contest, timestamps }: TimedTrial): TemplateResult {
  const { entries, operations, bytes } = contest;
  return html`
    <div>
      <div class="scroller" tabindex="0" role="region" aria-label="Times of the kernel">
        <table class="scores" id="kernels-times">
          <thead>
            <tr>
              <th scope="col"></th>
              <th scope="col">ms</th>
              <th scope="col">GFLOP/s</th>
              <th scope="col">GB/s</th>
              <th scope="col">its time over ${entries[0].name === 'yours' ? 'yours' : 'ours'}</th>
            </tr>
          </thead>
          <tbody>
            ${entries.map(
              (entry) => html`
                <tr data-name=${entry.name}>
                  <th scope="row">${TITLES[entry.name] ?? entry.name}</th>
                  ${
                    entry.milliseconds
                      ? html`
                        <td>${roughly(entry.milliseconds.median, 3)}</td>
                        <td>${roughly(perSecond(operations, entry), 3)}</td>
                        <td>${roughly(perSecond(bytes, entry), 3)}</td>
                        <td>${ratioText(entry)}</td>
                      `
                      : html`<td colspan="4" class="kernels-why">${entry.error}</td>`
                  }
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
      <p class="note">
        Ours by ${timestamps ? 'the device’s timestamps' : 'the clock, as this engine tells no times of its own'}; tfjs and
        its ratio by the clock, many calls in a row. A ratio above 1 means that the other one takes longer.
      </p>
    </div>
  `;
}

function ratioText({ ratio }: TimedKernel): string {
  return ratio ? `${ratio.median.toFixed(2)}× (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})` : '–';
}

/** The drawing, in its own units. */
const FRAME = { width: 460, height: 270, left: 46, right: 22, top: 12, bottom: 40 };

/** A logarithmic axis from one power of ten to another. */
interface Axis {
  readonly from: number;
  readonly to: number;
  readonly at: (value: number) => number;
}

function axis(values: readonly number[], begin: number, end: number): Axis {
  const powers = values.filter((value) => value > 0).map(Math.log10);
  const from = Math.floor(Math.min(...powers) - 0.15);
  const to = Math.max(Math.ceil(Math.max(...powers) + 0.1), from + 2);
  return { from, to, at: (value) => begin + ((Math.log10(value) - from) / (to - from)) * (end - begin) };
}

/** Operations for each byte against operations a second; what lies under the roof is possible. */
function roofline({ contest, ceilings }: TimedTrial): TemplateResult | typeof nothing {
  const { gflops, gigabytesPerSecond } = ceilings;
  const { entries, operations, bytes } = contest;
  const points = entries.filter(({ milliseconds }) => milliseconds);
  if (gflops === undefined || operations === 0 || bytes === 0) return nothing;
  const { width, height, left, right, top, bottom } = FRAME;
  const intensity = operations / bytes;
  const ridge = gigabytesPerSecond ? gflops / gigabytesPerSecond : undefined;
  const speeds = points.map((entry) => perSecond(operations, entry));
  const x = axis([intensity, ridge ?? intensity, intensity * 4], left, width - right);
  const y = axis([...speeds, gflops], height - bottom, top);
  const low = 10 ** x.from;
  const roof = ridge
    ? [
        [
          Math.max(low, 10 ** y.from / gigabytesPerSecond!),
          Math.max(low * gigabytesPerSecond!, 10 ** y.from),
        ],
        [ridge, gflops],
        [10 ** x.to, gflops],
      ]
    : [
        [low, gflops],
        [10 ** x.to, gflops],
      ];
  const share = speeds[0] / (gigabytesPerSecond ? Math.min(gflops, intensity * gigabytesPerSecond) : gflops);
  const summary = `${roughly(intensity, 3)} operations for each byte; ${roughly(100 * share, 2)} % of what the device can do there`;
  return html`
    <figure class="kernels-roofline">
      <svg viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${`Roofline: ${summary}`}>
        ${ticks(x).map(
          (power) => svg`
          <line class="grid" x1=${x.at(10 ** power)} x2=${x.at(10 ** power)} y1=${top} y2=${height - bottom}></line>
          <text x=${x.at(10 ** power)} y=${height - bottom + 16} text-anchor="middle">${label(power)}</text>`,
        )}
        ${ticks(y).map(
          (power) => svg`
          <line class="grid" x1=${left} x2=${width - right} y1=${y.at(10 ** power)} y2=${y.at(10 ** power)}></line>
          <text x=${left - 6} y=${y.at(10 ** power) + 4} text-anchor="end">${label(power)}</text>`,
        )}
        <polyline class="roof" points=${roof.map(([a, b]) => `${x.at(a)},${y.at(b)}`).join(' ')}></polyline>
        <text class="ceiling" x=${width - right} y=${y.at(gflops) - 6} text-anchor="end">${roughly(gflops, 3)} GFLOP/s</text>
        ${points.map((entry, index) => point(entry, x.at(intensity), y.at(speeds[index]), index))}
        <text x=${(left + width - right) / 2} y=${height - 6} text-anchor="middle">operations for each byte</text>
        <text x="12" y=${(top + height - bottom) / 2} text-anchor="middle" transform=${`rotate(-90 12 ${(top + height - bottom) / 2})`}>GFLOP/s</text>
      </svg>
      <figcaption class="note">${summary}.</figcaption>
    </figure>
  `;
}

const ticks = ({ from, to }: Axis) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const label = (power: number) =>
  power >= -2 && power <= 4 ? String(Number((10 ** power).toPrecision(1))) : `1e${power}`;

function point({ name }: TimedKernel, x: number, y: number, index: number): SVGTemplateResult {
  const toLeft = index % 2 === 1;
  return svg`
    <circle class=${`point point-${index + 1}`} cx=${x} cy=${y} r="5"></circle>
    <text class="name" x=${toLeft ? x - 9 : x + 9} y=${y + 4} text-anchor=${toLeft ? 'end' : 'start'}>${TITLES[name] ?? name}</text>
  `;
}
