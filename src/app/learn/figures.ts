// The tutorial's pictures of numbers: bars, a histogram, curves.
import { html, nothing, svg, type TemplateResult } from 'lit';

/** With a real minus sign; very small numbers in powers of ten. */
export function decimal(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return 'not finite';
  const small = value !== 0 && Math.abs(value) < 0.5 * 10 ** -digits;
  return (small ? value.toExponential(1) : value.toFixed(digits)).replaceAll('-', '−');
}

export interface Bars {
  readonly id: string;
  readonly label: string;
  readonly values: ArrayLike<number>;
  readonly format: (value: number) => string;
  /** The class that is right. */
  readonly right: number;
  /** What a whole bar stands for; left out, the value farthest from 0. */
  readonly whole?: number;
}

/** One bar for each class; negative ones go to the left. */
export function classBars({ id, label, values, format, right, whole }: Bars): TemplateResult {
  const list = Array.from(values);
  const largest = whole ?? (Math.max(...list.map(Math.abs)) || 1);
  const signed = list.some((value) => value < 0);
  const best = list.indexOf(Math.max(...list));
  return html`
    <ol id=${id} class=${signed ? 'learn-bars signed' : 'learn-bars'} aria-label=${label}>
      ${list.map(
        (value, index) => html`
          <li class=${index === right ? 'right' : index === best ? 'wrong' : ''}>
            <span class="name">${index}</span>
            <span class="track" aria-hidden="true"><span class=${value < 0 ? 'bar below' : 'bar'} .style=${`--size: ${Math.min(1, Math.abs(value) / largest)}`}></span></span>
            <span class="value">${format(value)}</span>
          </li>
        `,
      )}
    </ol>
  `;
}

/** Bars side by side, from the bottom. */
export function columns(label: string, values: ArrayLike<number>, chosen?: number): TemplateResult {
  const list = Array.from(values);
  const largest = Math.max(...list) || 1;
  return html`
    <svg class="learn-columns" viewBox=${`0 0 ${list.length} 100`} preserveAspectRatio="none" role="img" aria-label=${label}>
      ${list.map((value, index) => {
        const height = Math.max(1.5, (98 * value) / largest);
        return svg`<rect class=${index === chosen ? 'chosen' : value > 0 ? '' : 'none'} x=${index + 0.12} y=${100 - height} width="0.76" height=${height} />`;
      })}
    </svg>
  `;
}

/** Bins from 0 to the limit; they go on beyond it as far as there are values, or to the most. */
const LIMIT_BINS = 15;
const MOST_BINS = 60;

/** How many of the numbers lie where, with marks at ±limit. */
export function histogram(label: string, values: Float32Array, limit: number): TemplateResult {
  const width = limit / LIMIT_BINS;
  const farthest = values.reduce((far, value) => Math.max(far, Math.abs(value)), limit);
  const half = Math.min(MOST_BINS, Math.ceil(farthest / width)) + 2;
  const counts = new Array<number>(2 * half).fill(0);
  for (const value of values) {
    const bin = Math.floor(value / width) + half;
    if (bin >= 0 && bin < counts.length) counts[bin]++;
  }
  const place = (value: number) => 0.5 + value / (2 * half * width);
  return html`
    <figure class="learn-histogram">
      ${columns(label, counts)}
      <div class="axis" aria-hidden="true">
        ${[-limit, 0, limit].map((value) => html`<span .style=${`--at: ${place(value)}`}>${value && decimal(value, 3)}</span>`)}
      </div>
    </figure>
  `;
}

export interface Line {
  /** Class of its colour. */
  readonly kind: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  /** Read out in place of the picture. */
  readonly label: string;
  /** What the axes are called: under the one, above the other. */
  readonly along: string;
  readonly up: string;
  /** What is marked of the axes, from 0 to their ends. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Where the vertical axis ends; lines that go higher leave the picture. */
  readonly top: number;
  readonly lines: readonly Line[];
  readonly mark?: readonly [x: number, y: number];
}

/** Lines stretch with the page, and the text beside them keeps its size. */
export function plot({ label, along, up: upward, x, y, top, lines, mark }: Plot): TemplateResult {
  const end = x.at(-1)!;
  const left = (value: number) => (100 * value) / end;
  const up = (value: number) => (100 * Math.min(value, 2 * top)) / top;
  const path = ({ points }: Line) => points.map(([at, value]) => `${left(at)},${100 - up(value)}`).join(' ');
  return html`
    <p class="learn-up note" aria-hidden="true">${upward}</p>
    <div class="learn-plot" role="img" aria-label=${label}>
      ${y.map((value) => html`<span class="y" .style=${`--at: ${up(value)}%`}>${value}</span>`)}
      ${x.map((value) => html`<span class="x" .style=${`--at: ${left(value)}%`}>${value}</span>`)}
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
        ${lines.map((line) => svg`<polyline class=${line.kind} points=${path(line)} />`)}
      </svg>
      ${mark ? html`<span class="mark" .style=${`--x: ${left(mark[0])}%; --y: ${Math.min(100, up(mark[1]))}%`}></span>` : nothing}
    </div>
    <p class="learn-along note" aria-hidden="true">${along}</p>
  `;
}
