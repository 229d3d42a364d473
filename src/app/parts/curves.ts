// The points of the live charts: one for each run of steps, thinned so that a long training stays quick to draw.
import type { EpochReport, Progress } from '../../training/trainer.ts';

/** Positions are in epochs; test values stand where an epoch ended, null elsewhere. */
export interface Curves {
  readonly epoch: readonly number[];
  readonly train: readonly number[];
  readonly test: readonly (number | null)[];
}

interface Point {
  readonly epoch: number;
  /** Training steps that the values are the mean of. */
  readonly steps: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly report?: EpochReport;
}

/** More points than this are merged in pairs. */
const MAX_POINTS = 1200;

export class CurveRecorder {
  private points: Point[] = [];
  private lastStep = 0;

  addProgress({ step, steps, epochs, loss, accuracy }: Progress): void {
    const point = { epoch: (step / steps) * epochs, steps: step - this.lastStep, loss, accuracy };
    const before = this.points.at(-1);
    const endsEpoch = step % (steps / epochs) === 0;
    this.lastStep = step;
    if (endsEpoch && before && !before.report && 2 * point.steps < before.steps) {
      // The rest of an epoch may be a few steps, whose mean alone is noise.
      this.points.splice(-1, 1, { ...mean(before, point), epoch: point.epoch });
    } else {
      this.points.push(point);
    }
    if (this.points.length > MAX_POINTS) this.points = mergePairs(this.points);
  }

  /** Epochs of the training's beginning, of which only the reports are known. */
  addEarlier(reports: readonly EpochReport[]): void {
    for (const report of reports) {
      const { epoch, trainLoss: loss, trainAccuracy: accuracy } = report;
      this.points.push({ epoch, steps: 1, loss, accuracy });
      this.addEpoch(report);
    }
  }

  /** Belongs to the last progress, which ended the epoch. */
  addEpoch(report: EpochReport): void {
    const last = this.points.at(-1);
    if (last) this.points.splice(-1, 1, { ...last, report });
  }

  loss(): Curves {
    return this.curves(
      (point) => point.loss,
      (report) => report.testLoss,
    );
  }

  accuracy(): Curves {
    return this.curves(
      (point) => point.accuracy,
      (report) => report.testAccuracy,
    );
  }

  private curves(train: (point: Point) => number, test: (report: EpochReport) => number): Curves {
    return {
      epoch: this.points.map((point) => point.epoch),
      train: this.points.map(train),
      test: this.points.map(({ report }) => (report ? test(report) : null)),
    };
  }
}

/** Two neighbours become their mean; points that ended an epoch stay as they are. */
function mergePairs(points: readonly Point[]): Point[] {
  const merged: Point[] = [];
  for (let i = 0; i < points.length; i++) {
    const [first, second] = [points[i], points[i + 1]];
    if (first.report || !second || second.report) {
      merged.push(first);
      continue;
    }
    merged.push(mean(first, second));
    i++;
  }
  return merged;
}

/** Each counts as many times as it has steps. */
function mean(first: Point, second: Point): Point {
  const steps = first.steps + second.steps;
  const of = (value: (point: Point) => number) =>
    (value(first) * first.steps + value(second) * second.steps) / steps;
  return {
    epoch: of((point) => point.epoch),
    steps,
    loss: of((point) => point.loss),
    accuracy: of((point) => point.accuracy),
  };
}
