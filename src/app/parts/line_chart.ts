// <line-chart>: lines over a common axis, drawn by uPlot in the colours of the style sheet, with a legend
// that tells the values under the cursor, or the latest. The cursors of a view's charts over the same axis go
// together; the arrow keys move them, too.
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import * as format from './format.ts';
import { type Series, thinned, valueAt } from './series.ts';

export interface ChartOptions {
  /** "Loss by epoch": what the chart shows, for who does not see it, and what its axes are called. */
  readonly label: string;
  /** Left out, as the label says. */
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

/** Where a key moves to; the first press shows the end. */
const MOVES: Partial<Record<string, (index: number, last: number, shown: boolean) => number>> = {
  ArrowLeft: (index, _, shown) => index - Number(shown),
  ArrowRight: (index, _, shown) => index + Number(shown),
  PageDown: (index) => index - 10,
  PageUp: (index) => index + 10,
  Home: () => 0,
  End: (_, last) => last,
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
  /** What screen readers hear where a key has moved to. */
  private readonly spoken = document.createElement('output');
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
    this.frame.tabIndex = 0;
    this.frame.setAttribute('role', 'application');
    this.frame.setAttribute('aria-roledescription', 'chart');
    this.frame.onkeydown = (event) => this.press(event);
    this.frame.onblur = () => this.moveTo(undefined);
    this.legend.className = 'chart-legend';
    this.spoken.className = 'visually-hidden';
    this.replaceChildren(this.legend, this.frame, this.spoken);
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

  /** What the axes are called. */
  private titles(): { readonly x: string; readonly y: string } {
    const { label, xTitle, yTitle, log } = this.chart;
    const [what, along = ''] = label.split(' by ');
    const scale = log ? ' (logarithmic)' : '';
    return { x: xTitle ?? along, y: yTitle ?? `${what.toLowerCase()}${scale}` };
  }

  private shape(): string {
    const { log } = this.chart;
    const lines = this.lines.map(({ colour, width, points }) => [colour, width, points]);
    return JSON.stringify([this.titles(), log, lines]);
  }

  private readonly create = (): void => {
    this.plot?.destroy();
    this.madeFor = this.shape();
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const font = `11px ${style.fontFamily}`;
    const { log } = this.chart;
    const titles = this.titles();
    const view = this.closest('main > *')?.localName ?? '';
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
        cursor: {
          y: false,
          drag: { x: false, y: false },
          points: { size: 6 },
          sync: { key: `${view} ${titles.x}`, scales: ['x', null] },
        },
        scales: {
          x: { time: false, range: () => [0, this.xEnd()] },
          y: { range: () => this.yRange() },
        },
        axes: [
          { ...axis, size: 26, label: titles.x, incrs: STEPS },
          { ...axis, size: 48, label: titles.y, ...(log ? LOG_TICKS : { values: linearTicks }) },
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

  /** The place on the axis that the cursor is nearest to; undefined without a cursor. */
  private get at(): number | undefined {
    const { idx } = this.plot?.cursor ?? {};
    return idx === undefined || idx === null ? undefined : this.plot?.data[0][idx];
  }

  private describe(): void {
    const { at } = this;
    const told = this.lines.map((line) => `${line.name} ${this.shown(line, at)}`);
    const entries = told.map((text, index) => {
      const entry = document.createElement('span');
      entry.textContent = text;
      entry.style.setProperty('--colour', `var(${colourOf(this.lines[index], index)})`);
      return entry;
    });
    const place = document.createElement('strong');
    place.textContent = this.place(at);
    this.legend.replaceChildren(place, ...entries);
    const now = [this.place(at), ...told].filter((part) => part !== '').join(', ');
    this.frame.ariaLabel = `${this.chart.label}: ${now}. The arrow keys read it.`;
  }

  private shown(line: Series, at: number | undefined): string {
    const value = valueAt(line, at);
    return value !== null && Number.isFinite(value) ? (this.chart.format ?? format.loss)(value) : '–';
  }

  /** "epoch 3.5": where the values are from; without a cursor, the end. */
  private place(at: number | undefined): string {
    const x = at ?? this.plot?.data[0].at(-1);
    if (x === undefined) return '';
    return `${this.titles().x} ${x < 100 ? Number(x.toFixed(2)) : format.count(Math.round(x))}`;
  }

  private press(event: KeyboardEvent): void {
    const last = (this.plot?.data[0].length ?? 0) - 1;
    const index = this.plot?.cursor.idx ?? undefined;
    const move = MOVES[event.key];
    if (last < 0 || modified(event) || (!move && event.key !== 'Escape')) return;
    event.preventDefault();
    this.moveTo(move && Math.max(0, Math.min(last, move(index ?? last, last, index !== undefined))));
    this.spoken.value = move ? this.frame.ariaLabel!.replace(/\. The arrow.*/, '') : '';
  }

  /** Puts the cursor on a place of the axis, by its index, or nowhere. */
  private moveTo(index: number | undefined): void {
    const { plot } = this;
    if (!plot || (index === undefined && plot.cursor.idx === null)) return;
    const left = index === undefined ? -10 : plot.valToPos(plot.data[0][index], 'x');
    // Its type lacks the third parameter: whether the charts that are linked are told.
    const setCursor: (where: { left: number; top: number }, fire: boolean, publish: boolean) => void =
      plot.setCursor;
    setCursor({ left, top: index === undefined ? -10 : 0 }, true, true);
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(120, this.frame.clientWidth), height: Math.max(100, this.frame.clientHeight) };
  }
}

/** With a key that makes it the browser's: Alt and an arrow go back. */
function modified({ altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  return altKey || ctrlKey || metaKey;
}

function colourOf({ colour }: Series, index: number): string {
  return colour ?? `--series-${(index % COLOURS) + 1}`;
}

customElements.define('line-chart', LineChart);
