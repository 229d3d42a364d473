// <line-chart>: lines over a common axis, drawn by uPlot in the colours of the style sheet, with a legend
// that tells the values under the cursor, or the latest.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import * as format from './format.ts';
import { type Series, thinned, valueAt } from './series.ts';

export interface ChartOptions {
  /** What the chart shows, for who does not see it. */
  readonly label: string;
  readonly xTitle?: string;
  readonly yTitle?: string;
  /** A logarithmic y axis: what is not above 0 is left out. */
  readonly log?: boolean;
  /** The format of the values in the legend; left out, that of a loss. */
  readonly format?: (value: number) => string;
  /** The format of the ticks of a linear y axis. */
  readonly formatTick?: (value: number) => string;
  /** Where the x axis, which begins at 0, ends; left out, with the longest line. */
  readonly xEnd?: number;
  /** The range of a linear y axis; left out, from the least value to the largest. */
  readonly yRange?: (series: readonly Series[]) => [number, number];
}

/** Colours of the style sheet, --series-1 and so on. */
const COLOURS = 6;
const POWERS = Array.from({ length: 12 }, (_, i) => i - 4);
const STEPS = POWERS.flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power));

/** 1, 2 and 5 times each power of ten; only 1, or every other 1, where the axis spans many. */
const LOG_TICKS: Partial<uPlot.Axis> = {
  splits: (_plot, _axis, low, high) => {
    const factors = high - low > 2.5 ? [1] : [1, 2, 5];
    const every = Math.ceil((high - low) / 8);
    const first = Math.floor(low / every) * every;
    const powers = Array.from({ length: (Math.ceil(high) - first) / every + 1 }, (_, i) => first + i * every);
    return powers
      .flatMap((power) => factors.map((factor) => power + Math.log10(factor)))
      .filter((tick) => tick >= low && tick <= high);
  },
  values: (_, ticks) => ticks.map((tick) => format.roughly(10 ** tick)),
};

export class LineChart extends HTMLElement {
  private chart: ChartOptions = { label: '' };
  private lines: readonly Series[] = [];
  private plot: uPlot | undefined;
  /** What of the options and lines a plot is made for; the rest may change while it stays. */
  private madeFor = '';
  private drawAsked = false;
  private readonly frame = document.createElement('div');
  private readonly legend = document.createElement('p');
  private readonly resizing = new ResizeObserver(() => this.plot?.setSize(this.size()));
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');

  set options(options: ChartOptions) {
    this.chart = options;
    this.askToDraw();
  }

  get options(): ChartOptions {
    return this.chart;
  }

  set series(series: readonly Series[]) {
    this.lines = series.map(thinned);
    this.askToDraw();
  }

  connectedCallback(): void {
    this.frame.className = 'chart-frame';
    this.frame.role = 'img';
    this.legend.className = 'chart-legend';
    this.replaceChildren(this.legend, this.frame);
    this.resizing.observe(this.frame);
    this.scheme.addEventListener('change', this.create);
    this.create();
  }

  disconnectedCallback(): void {
    this.resizing.disconnect();
    this.scheme.removeEventListener('change', this.create);
    this.plot?.destroy();
    this.plot = undefined;
  }

  /** Once, however many properties are set in a row. */
  private askToDraw(): void {
    if (this.drawAsked) return;
    this.drawAsked = true;
    queueMicrotask(() => {
      this.drawAsked = false;
      this.draw();
    });
  }

  private draw(): void {
    if (!this.plot) return;
    if (this.shape() !== this.madeFor) {
      this.create();
      return;
    }
    this.plot.setData(this.data());
    this.describe();
  }

  private shape(): string {
    const { xTitle, yTitle, log } = this.chart;
    const lines = this.lines.map(({ colour, width, points }) => [colour, width, points]);
    return JSON.stringify([xTitle, yTitle, log, lines]);
  }

  private readonly create = (): void => {
    this.plot?.destroy();
    this.madeFor = this.shape();
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const font = `11px ${style.fontFamily}`;
    const { xTitle, yTitle, log } = this.chart;
    const axis: uPlot.Axis = {
      stroke: colour('--muted'),
      font,
      labelFont: font,
      labelSize: 15,
      labelGap: 0,
      gap: 4,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const linearTicks = (_: uPlot, ticks: number[]) => ticks.map(this.chart.formatTick ?? String);
    this.plot = new uPlot(
      {
        ...this.size(),
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        scales: {
          x: { time: false, range: () => [0, this.xEnd()] },
          y: { range: () => this.yRange() },
        },
        axes: [
          { ...axis, size: 26, label: xTitle, incrs: STEPS },
          { ...axis, size: 48, label: yTitle, ...(log ? LOG_TICKS : { values: linearTicks }) },
        ],
        series: [
          {},
          ...this.lines.map((line, index) => {
            const stroke = colour(colourOf(line, index));
            const points = line.points ? { show: true, size: 6, fill: stroke, stroke } : { show: false };
            return { stroke, width: line.width ?? 1.75, points };
          }),
        ],
        hooks: { setCursor: [() => this.describe()] },
      },
      this.data(),
      this.frame,
    );
    this.describe();
  };

  private xEnd(): number {
    return this.chart.xEnd ?? (Math.max(0, ...this.lines.map(({ x }) => x.at(-1) ?? 0)) || 1);
  }

  /** The range of the y axis; a logarithmic one ends at powers of ten. */
  private yRange(): [number, number] {
    const { log, yRange } = this.chart;
    if (!log && yRange) return yRange(this.lines);
    const values = this.lines
      .flatMap(({ y }) => y.map((value) => this.scaled(value)))
      .filter((y) => y !== null);
    if (values.length === 0) return log ? [-2, 0.4] : [0, 1];
    const low = values.reduce((a, b) => Math.min(a, b));
    const high = values.reduce((a, b) => Math.max(a, b));
    const margin = log ? 0.1 : 0.05 * (high - low || 1);
    return [low - margin, high + margin];
  }

  private data(): uPlot.AlignedData {
    if (this.lines.length === 0) return [[]];
    return uPlot.join(this.lines.map(({ x, y }) => [[...x], y.map((value) => this.scaled(value))]));
  }

  private scaled(value: number | null): number | null {
    if (value === null || !Number.isFinite(value)) return null;
    if (!this.chart.log) return value;
    return value > 0 ? Math.log10(value) : null;
  }

  private describe(): void {
    const { left } = this.plot?.cursor ?? {};
    const at = left === undefined || left < 0 ? undefined : this.plot?.posToVal(left, 'x');
    const show = this.chart.format ?? format.loss;
    this.legend.replaceChildren(
      ...this.lines.map((line, index) => {
        const value = valueAt(line, at);
        const entry = document.createElement('span');
        entry.textContent = `${line.name} ${value !== null && Number.isFinite(value) ? show(value) : '–'}`;
        entry.style.setProperty('--colour', `var(${colourOf(line, index)})`);
        return entry;
      }),
    );
    this.frame.ariaLabel = `${this.chart.label}: ${this.lines.map(({ name }) => name).join(', ')}`;
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(120, this.frame.clientWidth), height: Math.max(100, this.frame.clientHeight) };
  }
}

function colourOf({ colour }: Series, index: number): string {
  return colour ?? `--series-${(index % COLOURS) + 1}`;
}

customElements.define('line-chart', LineChart);
