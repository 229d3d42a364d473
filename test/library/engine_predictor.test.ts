// What a predictor tells of the hidden units: the same as a forward pass in plain arithmetic.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openWasm } from '../../src/engine/wasm/open.ts';
import type { ImportedModel } from '../../src/formats/model.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { EnginePredictor } from '../../src/library/engine_predictor.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { layersOf } from '../../src/network/spec.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openWasm(nodeHost(), { threads: 1 }, []);
});
afterAll(() => engine.dispose());

/** float64 sums */
function forward({ network, parameters, activation }: ImportedModel, image: Uint8Array): number[][] {
  let x = Array.from(image, (level) => level / 255);
  return layersOf(network).map(({ index, units }) => {
    x = Array.from({ length: units }, (_, unit) => {
      const products = x.map((value, input) => value * parameters[`kernel${index}`][input * units + unit]);
      const sum = products.reduce((a, b) => a + b, parameters[`bias${index}`][unit]);
      if (index === network.widths.length - 2) return sum;
      return activation === 'relu' ? Math.max(0, sum) : Math.tanh(sum);
    });
    return x;
  });
}

it.each(['relu', 'tanh'] as const)('tells what each hidden unit of %s puts out', async (activation) => {
  const { test } = await loadMnistNode();
  const network = { widths: [784, 70, 130, 10] };
  const model: ImportedModel = {
    network,
    activation,
    source: 'a test',
    accuracy: undefined,
    dataset: { name: 'MNIST', width: 28, height: 28, classes: 10 },
    parameters: initialParameters(network, 'he', 5),
  };
  const predictor = new EnginePredictor(engine, model);
  const images = [3, 4].map((n) => test.images.subarray(784 * n, 784 * n + 784));
  // Asked for at once: each gets its own.
  const observed = await Promise.all(images.map((image) => predictor.observe(image)));
  for (const [n, image] of images.entries()) {
    const [first, second, logits] = forward(model, image);
    const { hidden, label, probabilities } = observed[n];
    expect(hidden.map(({ length }) => length)).toEqual([70, 130]);
    for (const [unit, value] of first.entries()) expect(hidden[0][unit]).toBeCloseTo(value, 4);
    for (const [unit, value] of second.entries()) expect(hidden[1][unit]).toBeCloseTo(value, 4);
    expect(label).toBe(logits.indexOf(Math.max(...logits)));
    expect({ label, probabilities }).toEqual(await predictor.predict(image));
  }
  await expect(predictor.observe(new Uint8Array(3))).rejects.toThrow('an image of 3 pixels');
  await predictor.close();
  await expect(predictor.observe(images[0])).rejects.toThrow('closed');
});
