// What is seen of a network while it trains: the answers are the engine's, the weights its parameters.
import { describe, expect, it } from 'vitest';
import { lookInto } from '../../src/app/worker/look.ts';
import { specimensOf } from '../../src/app/worker/specimens.ts';
import { ACTIVATIONS } from '../../src/network/activation.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { lower, PIXEL_SCALE } from '../../src/network/lower.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { STILL_STEP } from '../../src/network/step.ts';
import { Oracle } from '../../src/oracle/oracle.ts';
import { findRecipe } from '../../src/training/recipes.ts';

const IMAGES = 10;

function pixels(seed: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => ((i * 37 + seed * 101) % 7 === 0 ? (i * 53) % 256 : 0));
}

describe('a look into a network', () => {
  it.each(ACTIVATIONS)('answers as the oracle does, with %s', (activation) => {
    const network = parseNetwork('64-24-17-10');
    const recipe = { ...findRecipe('quick').recipe, activation };
    const parameters = initialParameters(network, 'he', 3);
    const images = Array.from({ length: IMAGES }, (_, n) => pixels(n, 64));
    const plan = lower({
      network,
      recipe,
      seed: 3,
      samples: { train: 0, test: IMAGES },
      evaluationBatch: IMAGES,
    });
    const oracle = new Oracle(plan);
    for (const [name, values] of Object.entries(parameters)) oracle.write(name, values);
    oracle.write('testImages', Uint8Array.from(images.flatMap((image) => [...image])));
    oracle.write('testLabels', new Uint8Array(IMAGES));
    oracle.write(
      'testOrder',
      Uint32Array.from({ length: IMAGES }, (_, i) => i),
    );
    oracle.run('evaluate', [{ ...STILL_STEP, rows: IMAGES, first: 0, slot: 0 }]);

    const { probabilities, layers } = lookInto(network, activation, parameters, images);
    expect(layers.map(({ units, shown }) => [units, shown])).toEqual([
      [24, 16],
      [17, 16],
      [10, 10],
    ]);
    for (let n = 0; n < IMAGES; n++) {
      const logits = oracle.read('activation3').subarray(10 * n, 10 * n + 10) as Float64Array;
      const exponentials = logits.map(Math.exp);
      const sum = exponentials.reduce((a, b) => a + b);
      for (let c = 0; c < 10; c++) expect(probabilities[10 * n + c]).toBeCloseTo(exponentials[c] / sum, 5);
      const hidden = oracle.read('activation2');
      for (let u = 0; u < 16; u++) expect(layers[1].activity[16 * n + u]).toBeCloseTo(hidden[17 * n + u], 4);
    }
  });

  it('shows the weights of the first units, each by its own largest one', () => {
    const network = parseNetwork('4-20-3');
    const parameters = initialParameters(network, 'he', 1);
    const { layers } = lookInto(network, 'relu', parameters, [Uint8Array.of(255, 0, 0, 255)]);
    const into = [0, 1, 2, 3].map((input) => parameters.kernel0[20 * input + 5]);
    const largest = Math.max(...into.map(Math.abs));
    expect([...layers[0].weights.subarray(4 * 5, 4 * 6)]).toEqual(
      into.map((weight) => Math.round((127 * weight) / largest)),
    );
    expect(layers[1].weights).toEqual(parameters.kernel1.subarray(0, 16 * 3));
    const z = parameters.bias0[5] + 255 * PIXEL_SCALE * (into[0] + into[3]);
    expect(layers[0].activity[5]).toBeCloseTo(Math.max(0, z), 5);
  });
});

describe('the images that a training is watched with', () => {
  it('are the first of each class', () => {
    const labels = Uint8Array.from({ length: 40 }, (_, i) => (7 * i) % 10);
    const indices = specimensOf({ labels }, 10);
    expect(indices.map((index) => labels[index])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(Math.max(...indices)).toBeLessThan(10);
  });

  it('are several of each where there are few classes, and ten where there are many', () => {
    const few = Uint8Array.of(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2);
    expect(specimensOf({ labels: few }, 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const many = Uint8Array.from({ length: 60 }, (_, i) => i % 30);
    expect(specimensOf({ labels: many }, 30)).toHaveLength(10);
    expect(specimensOf({ labels: Uint8Array.of(1, 1) }, 10)).toEqual([0]);
  });
});
