// The first layer's units against lengths worked out by hand.
import { describe, expect, it } from 'vitest';
import { rankFirstLayer, weightsInto } from '../../src/evaluation/first_layer.ts';
import { parseNetwork } from '../../src/network/spec.ts';

// Weights into units 0, 1, 2: (3, 4), (1, 0), (0, 2); out of them: (1, 0), (6, −8), (0, 2).
const network = parseNetwork('2-3-2');
const kernel0 = Float32Array.of(3, 1, 0, 4, 0, 2);
const kernel1 = Float32Array.of(1, 0, 6, -8, 0, 2);

describe('the units of the first layer', () => {
  it('are ranked by the lengths of their weights in and out, with the class that each speaks for', () => {
    expect(rankFirstLayer({ network, parameters: { kernel0, kernel1 } })).toEqual([
      { index: 1, importance: 10, favours: 0 },
      { index: 0, importance: 5, favours: 0 },
      { index: 2, importance: 4, favours: 1 },
    ]);
  });

  it('keep their importance when weight moves from in to out', () => {
    const scaled = {
      kernel0: kernel0.map((weight, i) => (i % 3 === 1 ? weight * 4 : weight)),
      kernel1: kernel1.map((weight, i) => (i === 2 || i === 3 ? weight / 4 : weight)),
    };
    const importance = (parameters: Record<string, Float32Array>) =>
      rankFirstLayer({ network, parameters }).map((unit) => unit.importance);
    expect(importance(scaled)).toEqual(importance({ kernel0, kernel1 }));
  });

  it('speak for no class where more layers follow', () => {
    const deeper = parseNetwork('2-3-2-2');
    const parameters = { kernel0, kernel1, kernel2: new Float32Array(4) };
    expect(rankFirstLayer({ network: deeper, parameters }).map(({ favours }) => favours)).toEqual(
      new Array(3).fill(undefined),
    );
  });

  it('are the classes in their order where there is no hidden layer', () => {
    const units = rankFirstLayer({ network: parseNetwork('2-3'), parameters: { kernel0 } });
    expect(units).toEqual([
      { index: 0, importance: 5, favours: 0 },
      { index: 1, importance: 1, favours: 1 },
      { index: 2, importance: 2, favours: 2 },
    ]);
  });

  it('have a column of the kernel each', () => {
    expect([0, 1, 2].map((unit) => [...weightsInto(kernel0, 3, unit)])).toEqual([
      [3, 4],
      [1, 0],
      [0, 2],
    ]);
  });
});
