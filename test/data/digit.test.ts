// Drawn and photographed digits made MNIST-like, shown on MNIST's own digits blown up, inverted and made
// noisy.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Samples } from '../../src/data/dataset.ts';
import { type GreyImage, toDigit } from '../../src/data/digit.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { hash, toUnit } from '../../src/network/random.ts';

const SIDE = 28;
const DIGITS = 200;

let test: Samples;
beforeAll(async () => {
  test = (await loadMnistNode()).test;
});

function digit(index: number): Uint8Array {
  return test.images.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
}

/** Each pixel becomes `scale`×`scale`, on a canvas with a margin, its level changed by `paint`. */
function enlarge(
  pixels: Uint8Array,
  scale: number,
  paint: (level: number, i: number) => number = (level) => level,
  margin = { left: 0, top: 0, right: 0, bottom: 0 },
): GreyImage {
  const width = SIDE * scale + margin.left + margin.right;
  const height = SIDE * scale + margin.top + margin.bottom;
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const x = Math.floor(((i % width) - margin.left) / scale);
    const y = Math.floor((Math.floor(i / width) - margin.top) / scale);
    const inside = x >= 0 && y >= 0 && x < SIDE && y < SIDE;
    return Math.round(paint(inside ? pixels[y * SIDE + x] : 0, i));
  });
  return { width, height, data };
}

/** Mean of |a − b| over pixels, of 255. */
function difference(a: Uint8Array, b: Uint8Array): number {
  return a.reduce((sum, level, i) => sum + Math.abs(level - b[i]), 0) / a.length;
}

function meanDifference(make: (pixels: Uint8Array, index: number) => GreyImage): number {
  let sum = 0;
  for (let i = 0; i < DIGITS; i++) sum += difference(toDigit(make(digit(i), i)), digit(i));
  return sum / DIGITS;
}

function centreOfMass(pixels: Uint8Array): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  pixels.forEach((level, i) => {
    mass += level;
    x += level * (i % SIDE);
    y += level * Math.floor(i / SIDE);
  });
  return [x / mass, y / mass];
}

/** A stroke from one point to another on a canvas of 200×300. */
function stroke(from: [number, number], to: [number, number], ink: number, ground: number): GreyImage {
  const [width, height] = [200, 300];
  const data = new Uint8Array(width * height).fill(ground);
  for (let t = 0; t <= 1; t += 1 / 1024) {
    const cx = from[0] + t * (to[0] - from[0]);
    const cy = from[1] + t * (to[1] - from[1]);
    for (let y = Math.floor(cy) - 5; y <= cy + 5; y++) {
      for (let x = Math.floor(cx) - 5; x <= cx + 5; x++) data[y * width + x] = ink;
    }
  }
  return { width, height, data };
}

describe('toDigit', () => {
  it('takes an exported MNIST digit as it is', () => {
    const image = { width: SIDE, height: SIDE, data: digit(3) };
    expect(toDigit(image)).toEqual(digit(3));
  });

  // A bounding box of 20 pixels, centred by mass, is how MNIST itself was made: the way back loses next to
  // nothing.
  it('finds MNIST digits again in four times their size', () => {
    expect(meanDifference((pixels) => enlarge(pixels, 4))).toBeLessThan(0.5);
  });

  it('finds them wherever they are on the canvas', () => {
    const off = (index: number) => ({ left: index % 90, top: 7, right: 11, bottom: (3 * index) % 50 });
    expect(meanDifference((pixels, i) => enlarge(pixels, 4, undefined, off(i)))).toBeLessThan(0.5);
  });

  it('finds them dark on light', () => {
    expect(meanDifference((pixels) => enlarge(pixels, 4, (level) => 255 - level))).toBeLessThan(0.5);
    expect(meanDifference((pixels) => enlarge(pixels, 4, (level) => 230 - 0.7 * level))).toBeLessThan(3);
  });

  // Grey of ±12 around the paper's level: what is paler than that is lost, so soft edges differ by a few per
  // cent.
  it('finds them in a noisy photograph', () => {
    const noise = (i: number) => 24 * (toUnit(hash(1, 2, i)) - 0.5);
    const photo = (pixels: Uint8Array) => enlarge(pixels, 4, (level, i) => 190 + noise(i) - 0.6 * level);
    expect(meanDifference(photo)).toBeLessThan(5);
  });

  it('centres a stroke by its mass and scales it to twenty pixels', () => {
    const drawn = toDigit(stroke([30, 40], [120, 250], 20, 240));
    const [x, y] = centreOfMass(drawn);
    expect(Math.abs(x - 14)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(y - 14)).toBeLessThanOrEqual(0.5);
    const rows = Array.from({ length: SIDE }, (_, row) => drawn.subarray(row * SIDE, (row + 1) * SIDE));
    expect(rows.filter((row) => row.some((level) => level > 0))).toHaveLength(20);
  });

  it('keeps the aspect ratio of a stroke', () => {
    const drawn = toDigit(stroke([100, 50], [100, 250], 255, 0));
    const columns = Array.from({ length: SIDE }, (_, x) =>
      drawn.some((level, i) => level > 0 && i % SIDE === x),
    );
    expect(columns.filter(Boolean)).toHaveLength(1);
  });

  it('leaves out specks of dirt', () => {
    const clean = stroke([30, 40], [120, 200], 20, 240);
    const dirty = { ...clean, data: clean.data.slice() };
    for (const i of [290 * 200 + 190, 291 * 200 + 190]) dirty.data[i] = 20;
    expect(toDigit(dirty)).toEqual(toDigit(clean));
  });

  it('fits other sizes', () => {
    const drawn = toDigit(stroke([30, 40], [120, 250], 20, 240), { width: 14, height: 21 });
    expect(drawn).toHaveLength(14 * 21);
    expect(Math.max(...drawn)).toBeGreaterThan(200);
  });

  it('refuses an image of specks alone', () => {
    const specks = Uint8Array.from({ length: 400 * 400 }, (_, i) =>
      i % 8 || Math.floor(i / 400) % 8 ? 255 : 0,
    );
    expect(() => toDigit({ width: 400, height: 400, data: specks })).toThrow(
      'nothing to see: only specks, expected a digit in dark or light ink',
    );
  });

  it('reads a large photograph as a small one', () => {
    for (const index of [0, 1, 2])
      expect(difference(toDigit(enlarge(digit(index), 40)), digit(index))).toBeLessThan(3);
  });

  it.each([0, 128, 255])('refuses a blank image of level %i', (level) => {
    const data = new Uint8Array(100).fill(level);
    expect(() => toDigit({ width: 10, height: 10, data })).toThrow('the image is blank');
  });

  it('takes a single pixel of ink', () => {
    const data = new Uint8Array(100).fill(0);
    data[55] = 255;
    expect(Math.max(...toDigit({ width: 10, height: 10, data }))).toBe(255);
  });
});
