// Whether a network is right as often as it is confident: the reliability diagram and its one number.
import type { Answer } from './evaluation.ts';

/** The answers with a confidence above `low` and up to `high`. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Right answers among them. */
  readonly correct: number;
  /** Their share; 0 of none. */
  readonly accuracy: number;
  /** Mean probability of the predicted class; 0 of none. */
  readonly confidence: number;
}

export interface Calibration {
  /** Bins of equal width, from 0 to 1. */
  readonly bins: readonly CalibrationBin[];
  /** The accuracy and mean confidence of all answers. */
  readonly accuracy: number;
  readonly confidence: number;
  /**
   * Expected calibration error, from 0 to 1: the mean over the answers of their bin's |accuracy −
   * confidence|.
   */
  readonly error: number;
}

const BINS = 10;

/**
 * Guo et al., On Calibration of Modern Neural Networks (arXiv:1706.04599), section 2: bin m of M holds the
 * n_m answers with a confidence in ((m − 1)/M, m/M], and ECE = Σ n_m/n · |accuracy_m − confidence_m|
 * (equation 3).
 */
export function calibrate(
  answers: readonly Pick<Answer, 'label' | 'predicted' | 'probability'>[],
  bins = BINS,
): Calibration {
  const sums = Array.from({ length: bins }, () => ({ count: 0, correct: 0, probability: 0 }));
  for (const { label, predicted, probability } of answers) {
    const sum = sums[Math.max(0, Math.ceil(probability * bins) - 1)];
    sum.count++;
    if (label === predicted) sum.correct++;
    sum.probability += probability;
  }
  const total = (of: (sum: (typeof sums)[number]) => number) =>
    sums.reduce((all, sum) => all + of(sum), 0) / Math.max(1, answers.length);
  return {
    bins: sums.map(({ count, correct, probability }, m) => ({
      low: m / bins,
      high: (m + 1) / bins,
      count,
      correct,
      accuracy: correct / Math.max(1, count),
      confidence: probability / Math.max(1, count),
    })),
    accuracy: total(({ correct }) => correct),
    confidence: total(({ probability }) => probability),
    error: total(({ correct, probability }) => Math.abs(correct - probability)),
  };
}
