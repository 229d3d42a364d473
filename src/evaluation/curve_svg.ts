// A line chart as inline SVG; its colours are the surrounding page's CSS classes `series-0`, `series-1`.
import { type Markup, markup } from './markup.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** Marks every point. */
  readonly dots: boolean;
}

export interface Chart {
  readonly title: string;
  /** From 0 to the last. */
  readonly epochs: number;
  readonly scale: 'linear' | 'logarithmic';
  readonly series: readonly Series[];
  readonly format: (y: number) => string;
}

const WIDTH = 440;
const HEIGHT = 260;
const PLOT = { left: 52, right: WIDTH - 12, top: 12, bottom: HEIGHT - 40 };

/**
 * A figure with a legend; points that cannot be drawn (not finite, or not above 0 on a logarithmic scale) are
 * left out.
 */
export function curveFigure(chart: Chart): Markup {
  const logarithmic = chart.scale === 'logarithmic';
  const series = chart.series.map((one) => ({
    ...one,
    points: one.points.filter(({ y }) => Number.isFinite(y) && (!logarithmic || y > 0)),
  }));
  const values = series.flatMap(({ points }) => points.map(({ y }) => y));
  if (values.length === 0) return markup``;
  const ticks = (logarithmic ? logarithmicTicks : linearTicks)(Math.min(...values), Math.max(...values));
  const along = logarithmic ? Math.log : (y: number) => y;
  const [low, high] = [along(ticks[0]), along(ticks.at(-1)!)];
  const x = (epoch: number) => round(PLOT.left + (epoch / chart.epochs) * (PLOT.right - PLOT.left));
  const y = (value: number) =>
    round(PLOT.bottom - ((along(value) - low) / (high - low)) * (PLOT.bottom - PLOT.top));

  return markup`<figure class="chart">
<figcaption><b>${chart.title}</b>${series.map(
    ({ name }, i) => markup`<span class="key series-${i}">${name}</span>`,
  )}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.title} by epoch">
${ticks.map(
  (tick) => markup`<line class="grid" x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(tick)}" y2="${y(tick)}"/>
<text x="${PLOT.left - 8}" y="${y(tick) + 4}" text-anchor="end">${chart.format(tick)}</text>`,
)}
${epochTicks(chart.epochs).map(
  (tick) => markup`<text x="${x(tick)}" y="${PLOT.bottom + 18}" text-anchor="middle">${tick}</text>`,
)}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 4}" text-anchor="middle">epoch</text>
${series.map(
  ({ points, dots }, i) => markup`<g class="series-${i}">
<polyline points="${points.map((point) => `${x(point.x)},${y(point.y)}`).join(' ')}"/>
${dots ? points.map((point) => markup`<circle cx="${x(point.x)}" cy="${y(point.y)}" r="3"/>`) : undefined}
</g>`,
)}
</svg>
</figure>`;
}

function round(pixels: number): number {
  return Math.round(10 * pixels) / 10;
}

/** Whole epochs, about eight of them. */
function epochTicks(epochs: number): number[] {
  const step = niceStep(Math.max(1, epochs / 8));
  return Array.from({ length: Math.floor(epochs / step) + 1 }, (_, i) => i * step);
}

/** 1, 2 or 5 times a power of ten, the least that is not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

/** Multiples of a nice step that enclose the values. */
function linearTicks(low: number, high: number): number[] {
  const step = niceStep(Math.max((high - low) / 5, 1e-4));
  const first = Math.floor(low / step);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** 1, 2 and 5 times the powers of ten that enclose the values; only the powers where there are many. */
function logarithmicTicks(low: number, high: number): number[] {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const factors = last - first > 3 ? [1] : [1, 2, 5];
  const all = Array.from({ length: last - first + 2 }, (_, i) =>
    factors.map((factor) => factor * 10 ** (first + i)),
  );
  const ticks = all.flat();
  const from = ticks.findLastIndex((tick) => tick <= low);
  const to = ticks.findIndex((tick) => tick >= high);
  return ticks.slice(Math.max(0, from), Math.max(to, from + 1) + 1);
}
