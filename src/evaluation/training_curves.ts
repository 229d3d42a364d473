// The course of a training as two charts: loss and accuracy by epoch.
import type { EpochRecord, TrainingRecord, TrainReport } from '../training/report.ts';
import { type Chart, curveFigure, type Point } from './curve_svg.ts';
import { type Markup, markup } from './markup.ts';

/** Points of the training loss: a bucket of steps each. */
const LOSS_POINTS = 160;

/** What the curves are drawn from; without losses of steps, of those of epochs. */
export type Curved = TrainingRecord & Partial<Pick<TrainReport, 'stepLosses'>>;

/** @param judgedBy what the images are called that it was evaluated on */
export function curves(report: Curved, judgedBy: string): Markup {
  const epochs = report.epochs.length;
  if (epochs === 0) return markup``;
  const byEpoch = (value: (epoch: EpochRecord) => number): Point[] =>
    report.epochs.map((epoch) => ({ x: epoch.epoch, y: value(epoch) }));
  // Their loss is against smoothed targets, the test loss is not.
  const batches = report.recipe.labelSmoothing > 0 ? 'training batches, smoothed' : 'training batches';
  const loss: Chart = {
    title: 'Loss',
    epochs,
    scale: 'logarithmic',
    format: (y) => String(Number(y.toPrecision(2))),
    series: [
      report.stepLosses && report.stepLosses.length > 0
        ? { name: batches, points: stepLosses(report, report.stepLosses), dots: false }
        : { name: batches, points: byEpoch(({ trainLoss }) => trainLoss), dots: true },
      { name: judgedBy, points: byEpoch(({ testLoss }) => testLoss), dots: true },
    ],
  };
  const accuracy: Chart = {
    title: 'Accuracy',
    epochs,
    scale: 'linear',
    format: (y) => `${Number((100 * y).toFixed(2))} %`,
    series: [
      { name: 'training batches', points: byEpoch(({ trainAccuracy }) => trainAccuracy), dots: true },
      { name: judgedBy, points: byEpoch(({ testAccuracy }) => testAccuracy), dots: true },
    ],
  };
  return markup`<section><h2>Training</h2><div class="charts">
${curveFigure(loss)}
${curveFigure(accuracy)}
</div></section>`;
}

/** Mean losses of stretches of steps up to the end of the last whole epoch, at the middle of each stretch. */
function stepLosses({ dataset, batch, epochs }: Curved, losses: readonly number[]): Point[] {
  const perEpoch = Math.ceil(dataset.train / batch);
  const steps = Math.min(losses.length, perEpoch * epochs.length);
  const stretch = Math.max(1, Math.ceil(steps / LOSS_POINTS));
  return Array.from({ length: Math.ceil(steps / stretch) }, (_, i) => {
    const part = losses.slice(i * stretch, Math.min(steps, (i + 1) * stretch));
    return {
      x: (i * stretch + part.length / 2) / perEpoch,
      y: part.reduce((a, b) => a + b, 0) / part.length,
    };
  });
}
