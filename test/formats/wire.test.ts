// The text between the terminal and a browser brings every value over as it was.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeWire, encodeWire } from '../../src/formats/wire.ts';

const VALUE = {
  weights: Float32Array.of(1.5, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-42),
  pixels: Uint8Array.from({ length: 50_001 }, (_, index) => index),
  counts: Uint32Array.of(0, 2 ** 32 - 1),
  empty: new Float32Array(0),
  numbers: [Number.NaN, Number.NEGATIVE_INFINITY, 0.1],
  plain: { text: 'ü', flag: true, nothing: null, list: [{ a: 1 }, ['b']], one: { $other: 'x' } },
};

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('encodeWire and decodeWire', () => {
  it('bring typed arrays and odd numbers over, Node to Node', () => {
    expect(decodeWire(encodeWire(VALUE))).toEqual(VALUE);
  });

  it('write in a browser what Node reads, and the other way round', () => {
    const fromNode = encodeWire(VALUE);
    vi.stubGlobal('Buffer', undefined);
    const fromBrowser = encodeWire(VALUE);
    const inBrowser = decodeWire(fromNode);
    vi.unstubAllGlobals();
    expect(fromBrowser).toBe(fromNode);
    expect(inBrowser).toEqual(VALUE);
  });

  it('send a view as its own elements, not as the buffer that it lies in', () => {
    const view = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
    expect(decodeWire(encodeWire(view))).toEqual(Float32Array.of(2, 3));
    expect(decodeWire(encodeWire(Buffer.from([7, 8])))).toEqual(Uint8Array.of(7, 8));
  });

  it('bring 50 MB over', () => {
    const large = new Float32Array(12_500_000).fill(0.25);
    large[large.length - 1] = 3;
    const arrived = decodeWire(encodeWire({ large })) as { large: Float32Array };
    expect(arrived.large.length).toBe(large.length);
    expect([arrived.large[0], arrived.large.at(-1)]).toEqual([0.25, 3]);
  });

  it('refuse an array that the other side would not know', () => {
    expect(() => encodeWire({ a: new Float64Array(1) })).toThrow(new TypeError('cannot send a Float64Array'));
  });
});
