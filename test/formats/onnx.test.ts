// The exported model, run by another implementation of ONNX.
import * as ort from 'onnxruntime-web/wasm';
import { expect, it } from 'vitest';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { hash, toUnit } from '../../src/network/random.ts';
import { layersOf, parseNetwork } from '../../src/network/spec.ts';

const ROWS = 3;

it.each(['7-3', '20-8-5-4'])('%s computes the same logits in onnxruntime', async (text) => {
  const network = parseNetwork(text);
  const parameters = initialParameters(network, 'he', 4);
  for (const { index, units } of layersOf(network)) {
    parameters[`bias${index}`] = Float32Array.from(
      { length: units },
      (_, u) => toUnit(hash(1, index, u)) - 0.5,
    );
  }
  const [inputs] = network.widths;
  const pixels = Float32Array.from({ length: ROWS * inputs }, (_, i) => toUnit(hash(2, 0, i)));

  ort.env.wasm.numThreads = 1;
  const model = await ort.InferenceSession.create(encodeOnnx(network, parameters));
  const { logits } = await model.run({ pixels: new ort.Tensor('float32', pixels, [ROWS, inputs]) });

  const expected = layersOf(network).reduce<number[][]>(
    (rows, { index, units }) =>
      rows.map((row) =>
        Array.from({ length: units }, (_, u) => {
          const kernel = parameters[`kernel${index}`];
          const sum = row.reduce(
            (total, x, i) => total + x * kernel[i * units + u],
            parameters[`bias${index}`][u],
          );
          return index < network.widths.length - 2 ? Math.max(0, sum) : sum;
        }),
      ),
    Array.from({ length: ROWS }, (_, r) => [...pixels.subarray(r * inputs, (r + 1) * inputs)]),
  );
  expect(logits.dims).toEqual([ROWS, network.widths.at(-1)]);
  for (const [i, value] of expected.flat().entries()) expect(logits.data[i]).toBeCloseTo(value, 5);
});
