// Puzzling numbers are explained, and others are not.
import { describe, expect, it } from 'vitest';
import type { SessionState } from '../../src/app/model/state.ts';
import { remarksOn } from '../../src/app/train/remarks.ts';
import { MNIST } from '../../src/data/dataset.ts';
import { findRecipe } from '../../src/training/recipes.ts';

function state(trainLoss: number, testLoss: number, change: object = {}, holdOut?: number): SessionState {
  const { network, recipe } = findRecipe('quick');
  return {
    shape: MNIST,
    job: { network, recipe: { ...recipe, ...change }, seed: 1, backend: 'wasm', holdOut },
    progress: { step: 100, steps: 200, loss: trainLoss },
    epochs: [{ epoch: 1, trainLoss, testLoss }],
  } as unknown as SessionState;
}

describe('remarks on a training', () => {
  it('say why the training loss is above that of the test', () => {
    expect(remarksOn(state(0.4, 0.1), undefined)).toEqual([
      expect.stringMatching(/above the test loss because training is made harder \(smoothed labels\)/),
    ]);
    const harder = { dropout: 0.2, distortion: {} };
    expect(remarksOn(state(0.4, 0.1, harder), undefined)[0]).toMatch(
      /\(smoothed labels, dropped units, distorted images\)/,
    );
    expect(remarksOn(state(0.4, 0.1, { labelSmoothing: 0 }, 10_000), undefined)).toEqual([
      'The training loss is above the held-out loss because it is the mean over the epoch, in which the network still learned.',
    ]);
  });

  it('say that the learning rate is too high, with the loss', () => {
    expect(remarksOn(state(67, 80, { learningRate: 5 }), undefined)).toEqual([
      'The learning rate of 5 is too high: the loss is 67, while guessing has 2.30.',
    ]);
    expect(remarksOn(state(Number.NaN, 80), undefined)[0]).toMatch(/the loss is no number any more/);
  });

  it('say what more than the peak means', () => {
    expect(remarksOn(state(0.1, 0.2), 1.1)).toEqual([expect.stringMatching(/zero are counted but skipped/)]);
  });

  it('are none where nothing puzzles', () => {
    expect(remarksOn(state(0.1, 0.2), 0.7)).toEqual([]);
    expect(remarksOn({ shape: MNIST, epochs: [] } as unknown as SessionState, undefined)).toEqual([]);
  });
});
