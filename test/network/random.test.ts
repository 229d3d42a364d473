// The counter-based hash: known answers, and what shuffles and dropout masks need of it.
import { describe, expect, it } from 'vitest';
import {
  droppedDraws,
  hash,
  keepsUnit,
  naturalOrder,
  STREAM,
  shuffledOrder,
  toUnit,
} from '../../src/network/random.ts';
import { pcg3d } from './pcg3d.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('hash', () => {
  it('is PCG3D', () => {
    const words = [0, 1, 2, 255, 0x100, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xdead_beef, 0xffff_ffff];
    for (const seed of words) {
      for (const stream of words) {
        for (const counter of words) expect(hash(seed, stream, counter)).toBe(pcg3d(seed, stream, counter));
      }
    }
  });

  it('spreads consecutive counters evenly', () => {
    // χ² over 256 bins has mean 255 and standard deviation √510: five of them on either side.
    const draws = 2 ** 16;
    for (const shift of [24, 16, 8, 0]) {
      const bins = new Float64Array(256);
      for (let i = 0; i < draws; i++) bins[(hash(1, STREAM.weights, i) >>> shift) & 255]++;
      const expected = draws / 256;
      const chi2 = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      expect(Math.abs(chi2 - 255)).toBeLessThan(5 * Math.sqrt(510));
    }
  });

  it.each([0, 1, 2])('turns its upper bits over when any lower bit of word %d flips', (word) => {
    const trials = 500;
    for (let bit = 0; bit < 31; bit++) {
      let flipped = 0;
      for (let i = 0; i < trials; i++) {
        const words: [number, number, number] = [i, STREAM.dropout, 3 * i];
        const before = hash(...words);
        words[word] ^= 1 << bit;
        flipped += bitsOf((before ^ hash(...words)) >>> 16);
      }
      // Half of 16 bits, to five standard errors of √(16/4/trials). (Bit 31, which no counter reaches, does
      // less.)
      expect(Math.abs(flipped / trials - 8)).toBeLessThan(5 * Math.sqrt(4 / trials));
    }
  });
});

function bitsOf(word: number): number {
  return word.toString(2).replaceAll('0', '').length;
}

describe('toUnit', () => {
  it('reaches from 0 to just below 1, exactly in float32', () => {
    expect(toUnit(0)).toBe(0);
    expect(toUnit(0xffff_ffff)).toBe(1 - 2 ** -24);
    for (const i of range(1000)) {
      const unit = toUnit(hash(3, 1, i));
      expect(Math.fround(unit)).toBe(unit);
    }
  });

  it('is uniform: mean ½ and variance 1/12', () => {
    const units = range(100_000).map((i) => toUnit(hash(9, 4, i)));
    const mean = units.reduce((a, b) => a + b) / units.length;
    const variance = units.reduce((sum, unit) => sum + (unit - mean) ** 2, 0) / units.length;
    // Four standard errors: √(1/12/n) and √(1/180/n).
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / units.length));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / units.length));
  });
});

describe('shuffledOrder', () => {
  it.each([1, 2, 3, 10, 1000, 60_000])('visits each of %d samples once', (count) => {
    const order = shuffledOrder(1, 0, count);
    expect(order).toBeInstanceOf(Uint32Array);
    expect(order.toSorted()).toEqual(naturalOrder(count));
  });

  it('is the same for the same seed and epoch, and different for others', () => {
    expect(shuffledOrder(5, 3, 100)).toEqual(shuffledOrder(5, 3, 100));
    const orders = [shuffledOrder(5, 3, 100), shuffledOrder(5, 4, 100), shuffledOrder(6, 3, 100)];
    expect(new Set(orders.map((order) => order.join())).size).toBe(3);
    for (const order of orders) expect(order).not.toEqual(naturalOrder(100));
  });

  it('is Fisher-Yates over the hash', () => {
    const [seed, epoch, count] = [77, 2, 50];
    const key = pcg3d(seed, STREAM.shuffle, epoch);
    const rest = range(count);
    const expected: number[] = [];
    for (let left = count; left > 1; left--) {
      const chosen = Number((BigInt(pcg3d(key, 0, left - 1)) * BigInt(left)) >> 32n);
      expected.unshift(rest[chosen]);
      rest[chosen] = rest[left - 1];
    }
    expected.unshift(rest[0]);
    expect([...shuffledOrder(seed, epoch, count)]).toEqual(expected);
  });

  it('brings every sample to every place equally often', () => {
    const [count, epochs] = [6, 6000];
    const seen = range(count * count).map(() => 0);
    for (const epoch of range(epochs)) {
      for (const [place, sample] of shuffledOrder(1, epoch, count).entries()) seen[place * count + sample]++;
    }
    // Binomial with p = 1/6: five standard deviations.
    const deviation = Math.sqrt((epochs / count) * (1 - 1 / count));
    for (const times of seen) expect(Math.abs(times - epochs / count)).toBeLessThan(5 * deviation);
  });
});

describe('keepsUnit', () => {
  it.each([0.1, 0.5, 0.9])('drops units at the rate %d, in rows and units alike', (rate) => {
    const [rows, units] = [100, 200];
    const key = hash(1, STREAM.dropout, 7);
    const kept = range(rows).map(
      (row) => range(units).filter((unit) => keepsUnit(key, row, unit, droppedDraws(rate))).length,
    );
    const expected = units * (1 - rate);
    const deviation = Math.sqrt(units * rate * (1 - rate));
    for (const count of kept) expect(Math.abs(count - expected)).toBeLessThan(5 * deviation);
    const total = kept.reduce((a, b) => a + b);
    expect(Math.abs(total - rows * expected)).toBeLessThan(5 * deviation * Math.sqrt(rows));
  });

  it('keeps everything at the rate 0', () => {
    expect(range(1000).every((unit) => keepsUnit(hash(1, 2, 3), 0, unit, 0))).toBe(true);
  });

  it('draws another mask for another step and another layer', () => {
    const mask = (layer: number, step: number) =>
      range(64)
        .map((unit) => keepsUnit(hash(1, STREAM.dropout + layer, step), 0, unit, droppedDraws(0.5)))
        .join();
    expect(new Set([mask(0, 0), mask(0, 1), mask(1, 0)]).size).toBe(3);
  });
});
