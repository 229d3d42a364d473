// The lines of the live charts: the training's curve, and what each epoch's test said.
import type { CurvePoint } from '../../training/curve.ts';
import type { EpochReport } from '../../training/events.ts';

/** Positions are in epochs; test values stand where an epoch ended, null elsewhere. */
export interface Curves {
  readonly epoch: readonly number[];
  readonly train: readonly number[];
  readonly test: readonly (number | null)[];
}

export class CurveRecorder {
  private readonly points: CurvePoint[] = [];
  private readonly reports = new Map<number, EpochReport>();

  /**
   * Points that come again, of a training that went on from an earlier epoch, take the place of those before.
   */
  addPoints(points: readonly CurvePoint[]): void {
    for (const point of points) {
      while (this.points.length > 0 && this.points.at(-1)!.epoch >= point.epoch) this.points.pop();
      this.points.push(point);
    }
  }

  addEpoch(report: EpochReport): void {
    this.reports.set(report.epoch, report);
  }

  loss(): Curves {
    return this.linesOf(
      (point) => point.loss,
      (report) => report.testLoss,
    );
  }

  accuracy(): Curves {
    return this.linesOf(
      (point) => point.accuracy,
      (report) => report.testAccuracy,
    );
  }

  curves(): { loss: Curves; accuracy: Curves } {
    return { loss: this.loss(), accuracy: this.accuracy() };
  }

  private linesOf(train: (point: CurvePoint) => number, test: (report: EpochReport) => number): Curves {
    return {
      epoch: this.points.map(({ epoch }) => epoch),
      train: this.points.map(train),
      test: this.points.map(({ epoch }) => {
        const report = this.reports.get(epoch);
        return report ? test(report) : null;
      }),
    };
  }
}
