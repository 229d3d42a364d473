// int8 networks as TensorFlow Lite, run by its own runtime for browsers.
import { expect, it } from 'vitest';
import { encodeTflite } from '../../src/formats/tflite.ts';
import { IMAGES, int8Sample } from './int8_peers.ts';
import { litertLogits } from './litert.ts';

it('LiteRT computes the same logits to half a step of its own integers', async () => {
  const { model, quantised, logitRange, pixels, logits, clear, bound } = await int8Sample();
  const integers = { quantised, logitRange };
  const file = encodeTflite(model.network, model.parameters, { integers, batch: IMAGES });
  const { data } = await litertLogits(file, pixels, [IMAGES, 784]);
  const step = logitRange / 127;
  expect(clear.length).toBeGreaterThan(0.9 * IMAGES);
  for (const image of clear) {
    for (let at = 10 * image; at < 10 * image + 10; at++) {
      // What is larger than any logit of the training images is cut off.
      const expected = Math.max(-128 * step, Math.min(127 * step, logits[at]));
      expect(Math.abs(data[at] - expected)).toBeLessThanOrEqual(
        0.5 * step + bound(at) + 2 ** -22 * Math.abs(data[at]),
      );
    }
  }
});
