// Distorted images to look at: those of the kernel, which the oracle holds (test/kernels/distort.test.ts).
import { expect, it } from 'vitest';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { distortImages } from '../../src/jobs/distort.ts';
import { DEFAULT_DISTORTION, formatDistortion, parseDistortion } from '../../src/network/distortion.ts';

const mnist = await loadMnistNode();
const few = { ...mnist, train: slice(mnist.train, 0, 12) };
const still = { rotation: 0, scale: 0, shear: 0, shift: 0, elastic: 0, smoothness: 5, rest: 0 };

it('are the images themselves where nothing is distorted', async () => {
  expect(await distortImages(few, still, 1, nodeHost())).toEqual(few.train.images.slice());
});

it('differ by seed, and are the same for the same seed', async () => {
  const images = (seed: number) => distortImages(few, DEFAULT_DISTORTION, seed, nodeHost());
  const [one, again, other] = [await images(1), await images(1), await images(2)];
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  expect(one).not.toEqual(few.train.images.slice());
  // As much ink as before, within what the scales allow.
  const ink = (pixels: Uint8Array) => pixels.reduce((sum, pixel) => sum + pixel, 0);
  expect(ink(one) / ink(few.train.images)).toBeGreaterThan(0.7);
  expect(ink(one) / ink(few.train.images)).toBeLessThan(1.5);
});

it('move by whole pixels as far as they may', async () => {
  const images = await distortImages(few, { ...still, shift: 3 }, 4, nodeHost());
  const centre = (pixels: Uint8Array) => {
    let [sum, moment] = [0, 0];
    for (const [i, pixel] of pixels.entries()) {
      sum += pixel;
      moment += pixel * (i % 28);
    }
    return moment / sum;
  };
  const moves = Array.from({ length: 12 }, (_, n) => {
    const [from, to] = [n * 784, (n + 1) * 784];
    return Math.abs(centre(images.subarray(from, to)) - centre(few.train.images.subarray(from, to)));
  });
  expect(Math.max(...moves)).toBeGreaterThan(1);
  expect(Math.max(...moves)).toBeLessThan(3.1);
});

it('are asked for in words that are read back', () => {
  expect(parseDistortion(formatDistortion(DEFAULT_DISTORTION))).toEqual(DEFAULT_DISTORTION);
  expect(parseDistortion('rotation=3')).toEqual({ ...DEFAULT_DISTORTION, rotation: 3 });
  expect(parseDistortion(formatDistortion(undefined))).toBeUndefined();
  for (const text of ['rotation', 'zoom=3', 'scale=much', 'rotation='])
    expect(() => parseDistortion(text)).toThrow(
      `distortion "${text}": expected none, or NAME=NUMBER of rotation`,
    );
});
