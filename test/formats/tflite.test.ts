// The exported model, run by TensorFlow Lite's own runtime for browsers.
import { expect, it } from 'vitest';
import { encodeTflite } from '../../src/formats/tflite.ts';
import { ACTIVATIONS, type Activation } from '../../src/network/activation.ts';
import { litertLogits } from './litert.ts';
import { sampleOf } from './sample.ts';

it.each(['7-3', ...ACTIVATIONS.map((activation) => `20-8-5-4, ${activation}`)])(
  '%s computes the same logits in LiteRT',
  async (title) => {
    const [text, activation = 'relu'] = title.split(', ') as [string, Activation?];
    const { network, parameters, rows, pixels, logits: expected } = sampleOf(text, 3, activation);
    const file = encodeTflite(network, parameters, { activation, batch: rows });
    const { input, data } = await litertLogits(file, pixels, [rows, network.widths[0]]);
    expect(input).toBe('pixels');
    expect(data.length).toBe(expected.flat().length);
    for (const [i, value] of expected.flat().entries()) expect(data[i]).toBeCloseTo(value, 5);
  },
);
