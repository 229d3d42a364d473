// Evaluation numbers against values worked out by hand.
import { describe, expect, it } from 'vitest';
import type { Samples } from '../../src/data/dataset.ts';
import {
  answersOf,
  argmax,
  byConfidence,
  evaluate,
  MAX_MISTAKES,
  mistakesOf,
  softmax,
  wilsonInterval,
} from '../../src/evaluation/evaluation.ts';

function samples(...labels: number[]): Samples {
  return { count: labels.length, images: new Uint8Array(labels.length), labels: Uint8Array.from(labels) };
}

/** Logits whose softmax is the given probabilities. */
function logits(...rows: number[][]): Float32Array {
  return Float32Array.from(rows.flat(), (probability) => Math.log(probability));
}

describe('evaluate', () => {
  // Two of class 0 (one taken for 1), two of class 1 (both right), one of class 2 (taken for 1).
  const rows = [
    [0.7, 0.2, 0.1],
    [0.3, 0.6, 0.1],
    [0.05, 0.9, 0.05],
    [0.25, 0.5, 0.25],
    [0.1, 0.8, 0.1],
  ];
  const evaluation = evaluate(logits(...rows), samples(0, 0, 1, 1, 2), 3);

  it('counts hits and confusions by [target][predicted]', () => {
    expect(evaluation).toMatchObject({ samples: 5, classes: 3, correct: 3, accuracy: 0.6 });
    expect(evaluation.confusion).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [0, 1, 0],
    ]);
  });

  it('takes the mean of −log of the true class’s probability as the loss', () => {
    const expected = -(Math.log(0.7) + Math.log(0.3) + Math.log(0.9) + Math.log(0.5) + Math.log(0.1)) / 5;
    expect(evaluation.loss).toBeCloseTo(expected, 6);
  });

  it('scores every class, 0/0 as 0', () => {
    expect(evaluation.perClass).toEqual([
      { precision: 1, recall: 0.5, f1: 2 / 3, support: 2 },
      { precision: 0.5, recall: 1, f1: 2 / 3, support: 2 },
      { precision: 0, recall: 0, f1: 0, support: 1 },
    ]);
  });

  it('lists the most confident mistakes first, with all probabilities', () => {
    expect(evaluation.mistakes.map(({ index, label, predicted }) => [index, label, predicted])).toEqual([
      [4, 2, 1],
      [1, 0, 1],
    ]);
    const [worst] = evaluation.mistakes;
    expect(worst.probability).toBeCloseTo(0.8, 6);
    rows[4].forEach((probability, c) => {
      expect(worst.probabilities[c]).toBeCloseTo(probability, 6);
    });
  });

  it('is plain data', () => {
    expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
  });

  it('keeps at most sixty mistakes, equals by index', () => {
    const many = evaluate(new Float32Array(200), samples(...new Array<number>(100).fill(1)), 2);
    expect(many.mistakes.map(({ index }) => index)).toEqual(
      Array.from({ length: MAX_MISTAKES }, (_, i) => i),
    );
    expect(many.accuracy).toBe(0);
  });

  it('does not overflow on large logits', () => {
    const { loss } = evaluate(Float32Array.of(3e38, -3e38, 1000, 998), samples(0, 1), 2);
    expect(loss).toBeCloseTo((0 + Math.log(1 + Math.exp(2))) / 2, 12);
  });

  it('survives logits that are not finite', () => {
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    const strange = Float32Array.of(nan, nan, nan, nan, 2, 1, -infinity, infinity, infinity, 1, 3, 2);
    const { loss, confusion, mistakes } = evaluate(strange, samples(0, 1, 2, 0), 3);
    expect(loss).toBeNaN();
    expect(confusion).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
    for (const { probabilities } of mistakes) {
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    }
  });
});

describe('answersOf', () => {
  const answers = answersOf(
    logits([0.75, 0.25], [0.125, 0.875], [0.75, 0.25], [0.5, 0.5]),
    Uint8Array.of(0, 0, 1, 1),
    2,
  );

  it('gives every sample its class and how sure that is', () => {
    expect(answers.map(({ index, label, predicted }) => [index, label, predicted])).toEqual([
      [0, 0, 0],
      [1, 0, 1],
      [2, 1, 0],
      [3, 1, 0],
    ]);
    for (const [i, probability] of [0.75, 0.875, 0.75, 0.5].entries()) {
      expect(answers[i].probability).toBeCloseTo(probability, 6);
    }
  });

  it('is put in order of confidence, equals by index', () => {
    expect(byConfidence(answers.toReversed()).map(({ index }) => index)).toEqual([1, 0, 2, 3]);
    expect(mistakesOf(answers).map(({ index }) => index)).toEqual([1, 2, 3]);
  });
});

describe('argmax', () => {
  it('gives ties to the lowest class', () => {
    expect(argmax(Float32Array.of(1, 3, 3))).toBe(1);
    expect(argmax(Float32Array.of(0, 0, 0))).toBe(0);
  });

  it('never chooses NaN over a number', () => {
    expect(argmax(Float32Array.of(Number.NaN, -5, Number.NaN))).toBe(1);
  });
});

describe('softmax', () => {
  it('sums to one in float64', () => {
    const row = Float32Array.of(-3, 0, 88, 87);
    expect(softmax(row).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 15);
    expect(softmax(row)[2]).toBeCloseTo(1 / (1 + Math.exp(-1)), 15);
  });
});

describe('wilsonInterval', () => {
  it('agrees with a textbook value', () => {
    // 8 of 10: (0.8 + z²/20 ± z·√(0.016 + z²/400)) / (1 + z²/10) with z = 1.959964.
    const { low, high } = wilsonInterval(8, 10);
    expect(low).toBeCloseTo(0.490162, 6);
    expect(high).toBeCloseTo(0.943318, 6);
  });

  it('stays within 0 and 1 and is not empty at the ends', () => {
    expect(wilsonInterval(0, 20).low).toBe(0);
    expect(wilsonInterval(0, 20).high).toBeCloseTo(0.161125, 6);
    expect(wilsonInterval(20, 20).high).toBe(1);
    expect(wilsonInterval(20, 20).low).toBeCloseTo(0.838875, 6);
  });
});
