// <curve-chart>: the training and the test curve of one training, over its epochs.
import type { Curves } from '../model/curves.ts';
import * as format from './format.ts';
import { type ChartOptions, LineChart } from './line_chart.ts';
import type { Series } from './series.ts';

export type Measure = 'loss' | 'accuracy';

const EMPTY: Curves = { epoch: [], train: [], test: [] };

const CHARTS: { readonly [M in Measure]: ChartOptions } = {
  loss: { label: 'Loss by epoch', log: true },
  accuracy: {
    label: 'Accuracy by epoch',
    format: format.percent,
    formatTick: (tick) => format.percent(tick, Number.isInteger(Math.round(tick * 1e4) / 100) ? 0 : 1),
    yRange: accuracyRange,
  },
};

export class CurveChart extends LineChart {
  set measure(measure: Measure) {
    this.options = { ...CHARTS[measure], xEnd: this.options.xEnd };
  }

  /** Epochs of the whole training: the length of the axis. */
  set epochs(epochs: number) {
    this.options = { ...this.options, xEnd: epochs };
  }

  set curves(curves: Curves | undefined) {
    const { epoch, train, test } = curves ?? EMPTY;
    const tested = test.flatMap((value, i) => (value === null ? [] : [{ x: epoch[i], y: value }]));
    this.series = [
      { name: 'training', colour: '--train', width: 1.5, x: epoch, y: train },
      {
        name: 'test',
        colour: '--test',
        width: 2,
        points: true,
        x: tested.map(({ x }) => x),
        y: tested.map(({ y }) => y),
      },
    ];
  }
}

/** From a little below the test curve, or while there is none below most of the training's, to 100 %. */
function accuracyRange([train, test]: readonly Series[]): [number, number] {
  const tested = quantile(test.y, 0.1);
  const low = tested === undefined ? (quantile(train.y, 0.1) ?? 0) : tested - 0.03;
  return [Math.max(0, Math.min(0.95, Math.floor(low * 20) / 20)), 1];
}

function quantile(values: Series['y'], share: number): number | undefined {
  const numbers = values.filter((value) => value !== null);
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length * share)];
}

customElements.define('curve-chart', CurveChart);
