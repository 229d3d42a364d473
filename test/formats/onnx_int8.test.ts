// int8 networks as ONNX, run by another implementation of it.
import { expect, it } from 'vitest';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { IMAGES, int8Sample } from './int8_peers.ts';
import { onnxSession, ort } from './onnxruntime.ts';

it('onnxruntime computes the same logits, but for activations that lie between two integers', async () => {
  const { model, quantised, pixels, logits, clear, bound } = await int8Sample();
  const session = await onnxSession(encodeOnnx(model.network, model.parameters, { quantised }));
  const input = new ort.Tensor('float32', pixels, [IMAGES, 784]);
  const found = (await session.run({ pixels: input })).logits.data as Float32Array;
  expect(clear.length).toBeGreaterThan(0.9 * IMAGES);
  for (const image of clear)
    for (let at = 10 * image; at < 10 * image + 10; at++)
      expect(Math.abs(found[at] - logits[at])).toBeLessThanOrEqual(bound(at));
});
