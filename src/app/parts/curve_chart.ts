// <curve-chart>: a training and a test curve over the epochs, drawn by uPlot in the colours of the style sheet.
import uPlot from 'uplot';
import type { Curves } from './curves.ts';
import * as format from './format.ts';

export type Measure = 'loss' | 'accuracy';

const EMPTY: Curves = { epoch: [], train: [], test: [] };

const ACCURACY_TICKS: Partial<uPlot.Axis> = {
  values: (_, ticks) =>
    ticks.map((tick) => format.percent(tick, Number.isInteger(Math.round(tick * 1e4) / 100) ? 0 : 1)),
};

/** 1, 2 and 5 times each power of ten; only 1 where the axis spans many. */
const LOSS_TICKS: Partial<uPlot.Axis> = {
  splits: (_plot, _axis, low, high) => {
    const factors = high - low > 2.5 ? [1] : [1, 2, 5];
    const powers = Array.from(
      { length: Math.ceil(high) - Math.floor(low) + 1 },
      (_, i) => Math.floor(low) + i,
    );
    return powers
      .flatMap((power) => factors.map((factor) => power + Math.log10(factor)))
      .filter((tick) => tick >= low && tick <= high);
  },
  values: (_, ticks) => ticks.map((tick) => String(Number((10 ** tick).toPrecision(1)))),
};

export class CurveChart extends HTMLElement {
  private measureShown: Measure = 'loss';
  private curvesShown = EMPTY;
  private epochsShown = 1;
  private plot: uPlot | undefined;
  private readonly frame = document.createElement('div');
  private readonly legend = document.createElement('p');
  private readonly resizing = new ResizeObserver(() => this.resize());
  private readonly colours = matchMedia('(prefers-color-scheme: dark)');

  set measure(measure: Measure) {
    this.measureShown = measure;
  }

  /** Epochs of the whole training: the length of the axis. */
  set epochs(epochs: number) {
    this.epochsShown = epochs;
    this.draw();
  }

  set curves(curves: Curves | undefined) {
    this.curvesShown = curves ?? EMPTY;
    this.draw();
  }

  connectedCallback(): void {
    this.frame.className = 'chart-frame';
    this.legend.className = 'chart-legend';
    this.replaceChildren(this.legend, this.frame);
    this.resizing.observe(this.frame);
    this.colours.addEventListener('change', this.create);
    this.create();
  }

  disconnectedCallback(): void {
    this.resizing.disconnect();
    this.colours.removeEventListener('change', this.create);
    this.plot?.destroy();
    this.plot = undefined;
  }

  private readonly create = (): void => {
    this.plot?.destroy();
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis: uPlot.Axis = {
      stroke: colour('--muted'),
      font: `11px ${style.fontFamily}`,
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
    };
    const { width, height } = this.size();
    const percent = this.measureShown === 'accuracy';
    this.plot = new uPlot(
      {
        width,
        height,
        padding: [8, 10, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        scales: {
          x: { time: false, range: () => [0, this.epochsShown] },
          y: { range: percent ? this.accuracyRange : this.lossRange },
        },
        axes: [
          {
            ...axis,
            size: 26,
            gap: 4,
            incrs: [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10000],
          },
          { ...axis, size: 48, gap: 4, ...(percent ? ACCURACY_TICKS : LOSS_TICKS) },
        ],
        series: [
          {},
          { stroke: colour('--train'), width: 1.5, points: { show: false } },
          {
            stroke: colour('--test'),
            width: 2,
            spanGaps: true,
            points: { show: true, size: 6, fill: colour('--test'), stroke: colour('--test') },
          },
        ],
        hooks: { setCursor: [() => this.describe()] },
      },
      this.data(),
      this.frame,
    );
    this.describe();
  };

  /** From a little below the test curve, or while there is none below most of the training's, to 100 %. */
  private readonly accuracyRange = (): [number, number] => {
    const { train } = this.curvesShown;
    const tested = quantile(tests(this.curvesShown), 0.1);
    const low = tested === undefined ? (quantile(train, 0.1) ?? 0) : tested - 0.03;
    return [Math.max(0, Math.min(0.95, Math.floor(low * 20) / 20)), 1];
  };

  /** In powers of ten, as the loss is drawn. */
  private readonly lossRange = (): [number, number] => {
    const values = [...this.curvesShown.train, ...tests(this.curvesShown)].filter((value) => value > 0);
    if (values.length === 0) return [-2, 0.4];
    const logs = values.map(Math.log10);
    return [minimum(logs) - 0.1, -minimum(logs.map((value) => -value)) + 0.1];
  };

  private draw(): void {
    this.plot?.setData(this.data());
    this.describe();
  }

  private data(): uPlot.AlignedData {
    const { epoch, train, test } = this.curvesShown;
    const scaled = (value: number | null) =>
      value === null || this.measureShown === 'accuracy' ? value : value > 0 ? Math.log10(value) : null;
    return [epoch as number[], train.map(scaled), test.map(scaled)];
  }

  /** The values under the cursor, or the latest ones. */
  private describe(): void {
    const { train, test } = this.curvesShown;
    const at = this.plot?.cursor.idx ?? train.length - 1;
    const show = (value: number | null | undefined) =>
      value == null ? '–' : this.measureShown === 'accuracy' ? format.percent(value) : format.loss(value);
    const entry = (name: string, text: string) => {
      const span = document.createElement('span');
      span.className = name;
      span.textContent = `${name} ${text}`;
      return span;
    };
    const tested = test.slice(0, at + 1).findLast((value) => value !== null);
    this.legend.replaceChildren(entry('training', show(train[at])), entry('test', show(tested)));
  }

  private size(): { width: number; height: number } {
    return { width: Math.max(120, this.frame.clientWidth), height: Math.max(100, this.frame.clientHeight) };
  }

  private resize(): void {
    this.plot?.setSize(this.size());
  }
}

function tests(curves: Curves): number[] {
  return curves.test.filter((value): value is number => value !== null);
}

function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)];
}

function minimum(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

customElements.define('curve-chart', CurveChart);
