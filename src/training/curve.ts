// The curve of a training: means over windows of steps. Where a window ends depends on the recipe and the
// number of samples alone, and never on the clock, so that the same training always has the same curve.

/** The mean over one window of steps. */
export interface CurvePoint {
  /** Where the window ends, in epochs; each epoch ends with a window. */
  readonly epoch: number;
  /** Over the window's samples, on the training batches as they came. */
  readonly loss: number;
  readonly accuracy: number;
}

/** Points of a whole training, about; each epoch has one at least. */
const CURVE_POINTS = 200;

/**
 * The steps of an epoch, from 1, after which a window ends: windows of one epoch differ by one step at most.
 */
export function windowEnds(perEpoch: number, epochs: number): ReadonlySet<number> {
  const windows = Math.min(perEpoch, Math.max(1, Math.round(CURVE_POINTS / epochs)));
  return new Set(Array.from({ length: windows }, (_, i) => Math.round(((i + 1) * perEpoch) / windows)));
}

/** Means over the samples of steps, which are added one by one: the order of a sum decides its last bits. */
export class StepMeans {
  private rows = 0;
  private lossSum = 0;
  private correct = 0;

  /** @param loss summed over the step's rows, as `correct` is */
  add(rows: number, loss: number, correct: number): void {
    this.rows += rows;
    this.lossSum += loss;
    this.correct += correct;
  }

  get loss(): number {
    return this.lossSum / this.rows;
  }

  get accuracy(): number {
    return this.correct / this.rows;
  }
}
