// What a network's logits are worth: accuracy, loss, confusion, scores of each class and the most confident
// mistakes.
import type { Samples } from '../data/dataset.ts';
import { type Calibration, calibrate } from './calibration.ts';

/** Scores of one class; a quotient 0/0 counts as 0. */
export interface ClassScores {
  /** Correct among those predicted as this class. */
  readonly precision: number;
  /** Correct among those of this class. */
  readonly recall: number;
  /** Harmonic mean of precision and recall. */
  readonly f1: number;
  /** Samples of this class. */
  readonly support: number;
}

/** What a network made of one sample. */
export interface Answer {
  /** The sample's place in the data set. */
  readonly index: number;
  readonly label: number;
  readonly predicted: number;
  /** The probability of the predicted class. */
  readonly probability: number;
}

export interface Mistake extends Answer {
  /** The probability of every class. */
  readonly probabilities: readonly number[];
}

/** Plain data that JSON can carry. */
export interface Evaluation {
  readonly samples: number;
  readonly classes: number;
  readonly correct: number;
  readonly accuracy: number;
  /** 95 % interval of the accuracy. */
  readonly interval: { readonly low: number; readonly high: number };
  /** Mean cross-entropy in nats; NaN (null in JSON) if a logit is not finite. */
  readonly loss: number;
  /** Counts [target][predicted]. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassScores[];
  readonly calibration: Calibration;
  /** The most confident first, at most MAX_MISTAKES. */
  readonly mistakes: readonly Mistake[];
}

export const MAX_MISTAKES = 60;

/**
 * Evaluates in float64. The lowest class wins a tie; a logit that is NaN never wins, an infinite one counts
 * as the largest finite number.
 * @param logits float32 [samples.count, classes] row-major
 */
export function evaluate(logits: Float32Array, { count, labels }: Samples, classes: number): Evaluation {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const answers = answersOf(logits, labels, classes);
  let lossSum = 0;
  for (const { index, label, predicted } of answers) {
    confusion[label][predicted]++;
    lossSum += crossEntropy(rowOf(logits, index, classes), label);
  }
  const mistakes = mistakesOf(answers);
  const correct = count - mistakes.length;
  return {
    samples: count,
    classes,
    correct,
    accuracy: correct / count,
    interval: wilsonInterval(correct, count),
    loss: lossSum / count,
    confusion,
    perClass: scoreClasses(confusion),
    calibration: calibrate(answers),
    mistakes: mistakes.slice(0, MAX_MISTAKES).map((mistake) => ({
      ...mistake,
      probabilities: softmax(rowOf(logits, mistake.index, classes)),
    })),
  };
}

/**
 * Each sample's answer, in order.
 * @param logits float32 [labels.length, classes] row-major
 */
export function answersOf(logits: Float32Array, labels: Uint8Array, classes: number): Answer[] {
  return Array.from(labels, (label, index) => {
    const row = rowOf(logits, index, classes);
    const predicted = argmax(row);
    return { index, label, predicted, probability: softmax(row)[predicted] };
  });
}

/** The wrong answers, the most confident first. */
export function mistakesOf(answers: readonly Answer[]): Answer[] {
  return byConfidence(answers.filter(({ label, predicted }) => label !== predicted));
}

/** The most confident first, equals by index. */
export function byConfidence(answers: readonly Answer[]): Answer[] {
  return answers.toSorted((a, b) => b.probability - a.probability || a.index - b.index);
}

/** @returns a view of one sample's logits, float32 [classes] */
export function rowOf(logits: Float32Array, index: number, classes: number): Float32Array {
  return logits.subarray(index * classes, (index + 1) * classes);
}

/** The index of the greatest logit, the lowest of equals. */
export function argmax(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) {
    if (clamp(row[i]) > clamp(row[best])) best = i;
  }
  return best;
}

/** Probabilities of one row of logits, in float64; finite whatever the logits are. */
export function softmax(row: Float32Array): number[] {
  const logits = Array.from(row, clamp);
  const greatest = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - greatest));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** log Σ exp(logits) − logits[label], with the greatest logit taken out so that nothing overflows. */
function crossEntropy(row: Float32Array, label: number): number {
  let greatest = -Infinity;
  for (const logit of row) greatest = Math.max(greatest, logit);
  let sum = 0;
  for (const logit of row) sum += Math.exp(logit - greatest);
  return row.every(Number.isFinite) ? greatest + Math.log(sum) - row[label] : Number.NaN;
}

function clamp(logit: number): number {
  if (Number.isNaN(logit)) return -Number.MAX_VALUE;
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, logit));
}

/** The 97.5 % point of the normal distribution. */
const Z = 1.959963984540054;

/** 95 % score interval of a proportion (Wilson, JASA 22(158), 1927). */
export function wilsonInterval(successes: number, trials: number): { low: number; high: number } {
  const p = successes / trials;
  const z2 = Z * Z;
  const middle = p + z2 / (2 * trials);
  const half = Z * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  const scale = 1 + z2 / trials;
  return { low: Math.max(0, (middle - half) / scale), high: Math.min(1, (middle + half) / scale) };
}

function scoreClasses(confusion: readonly (readonly number[])[]): ClassScores[] {
  return confusion.map((row, label) => {
    const hits = row[label];
    const support = row.reduce((a, b) => a + b, 0);
    const predicted = confusion.reduce((sum, other) => sum + other[label], 0);
    return {
      precision: quotient(hits, predicted),
      recall: quotient(hits, support),
      f1: quotient(2 * hits, predicted + support),
      support,
    };
  });
}

function quotient(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
