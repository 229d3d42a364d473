// The safetensors format: its bytes, the way there and back, half precision, and every kind of damaged file.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { readSafetensors, type Tensors, writeSafetensors } from '../../src/formats/safetensors.ts';

/** A file of any header, valid or not. */
function file(header: unknown, data: Uint8Array | number = 0, declared?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const payload = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + payload.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(declared ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(payload, 8 + json.length);
  return bytes;
}

const f32 = (begin: number, end: number, ...shape: number[]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

const tensors: Tensors = {
  'dense0/kernel': { shape: [2, 3], data: Float32Array.of(1, -2, 0.5, 3e38, 1e-45, -0) },
  'dense0/bias': { shape: [3], data: Float32Array.of(7, 8, 9) },
  scalar: { shape: [], data: Float32Array.of(42) },
};

describe('writeSafetensors', () => {
  it('pads the header with spaces so that the tensors are aligned to eight bytes', () => {
    for (const note of ['', 'x', 'xx', 'xxxxx']) {
      const bytes = writeSafetensors(tensors, { note });
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect(length % 8).toBe(0);
      const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
      expect(header).toMatch(/^\{.*\} *$/);
      expect(JSON.parse(header)['dense0/bias']).toEqual(f32(24, 36, 3));
      expect(bytes.length).toBe(8 + length + 40);
    }
  });

  it('is read back bit by bit, also from an unaligned view', () => {
    const bytes = writeSafetensors(tensors, { text: 'ä "quoted"' });
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    for (const view of [bytes, shifted.subarray(3)]) {
      expect(readSafetensors(view, 'f')).toEqual({
        tensors,
        doubles: {},
        integers: {},
        metadata: { text: 'ä "quoted"' },
      });
    }
  });
});

describe('writeSafetensors of float16', () => {
  const rounded = (values: Float32Array): Float32Array => {
    const bytes = writeSafetensors({ t: { shape: [values.length], data: values } }, {}, 'float16');
    return readSafetensors(bytes, 'f').tensors.t.data;
  };
  /** All that are not negative, as the reader knows them. */
  const halves = readSafetensors(
    file(
      { h: { dtype: 'F16', shape: [0x7c00], data_offsets: [0, 2 * 0x7c00] } },
      new Uint8Array(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits).buffer),
    ),
    'f',
  ).tensors.h.data;

  it('takes two bytes a number', () => {
    const size = (precision: 'float32' | 'float16') => writeSafetensors(tensors, {}, precision).length;
    expect(size('float32') - size('float16')).toBe(20);
  });

  it('leaves every float16 as it is, of both signs', () => {
    for (const sign of [1, -1]) {
      const values = halves.map((value) => sign * value);
      expect(rounded(values)).toEqual(values);
    }
  });

  it('rounds what lies between two to the nearer one, and from halfway to the even one', () => {
    const below = halves.subarray(0, -1);
    const step = (i: number) => halves[i + 1] - halves[i];
    expect(rounded(below.map((value, i) => value + step(i) * 0.4998))).toEqual(below);
    expect(rounded(below.map((value, i) => value + step(i) * 0.5002))).toEqual(halves.subarray(1));
    expect(rounded(below.map((value, i) => value + step(i) * 0.5))).toEqual(
      below.map((value, i) => (i % 2 === 0 ? value : halves[i + 1])),
    );
  });

  it('makes infinite what is too large, and keeps infinities, signs of zero and NaN', () => {
    const largest = Math.fround(65519.996);
    expect([...rounded(Float32Array.of(largest, 65520, -3e38, -Infinity, -0, Number.NaN, 1e-45))]).toEqual([
      65504,
      Infinity,
      -Infinity,
      -Infinity,
      -0,
      Number.NaN,
      0,
    ]);
  });
});

describe('readSafetensors', () => {
  it('reads half precision: normal, subnormal, zeros and infinities', () => {
    const halves = Uint16Array.of(
      0x3c00,
      0xc000,
      0x3555,
      0x0001,
      0x03ff,
      0x7bff,
      0x8000,
      0x7c00,
      0xfc00,
      0x7e00,
    );
    const bytes = file(
      { h: { dtype: 'F16', shape: [10], data_offsets: [0, 20] } },
      new Uint8Array(halves.buffer),
    );
    expect([...readSafetensors(bytes, 'f').tensors.h.data]).toEqual([
      1,
      -2,
      1365 / 4096,
      2 ** -24,
      1023 * 2 ** -24,
      65504,
      -0,
      Infinity,
      -Infinity,
      Number.NaN,
    ]);
  });

  it('reads tensors in any order of their offsets, empty ones and no metadata', () => {
    const bytes = file({ b: f32(8, 12, 1), empty: f32(8, 8, 0, 5), a: f32(0, 8, 2) }, 12);
    const { tensors: read, metadata } = readSafetensors(bytes, 'f');
    expect(Object.keys(read)).toEqual(['b', 'empty', 'a']);
    expect(read.empty).toEqual({ shape: [0, 5], data: new Float32Array() });
    expect(metadata).toEqual({});
  });

  it.each<[string, Uint8Array, string]>([
    ['a few bytes', new Uint8Array(7), '7 bytes, expected a safetensors file of at least 8'],
    [
      'a header longer than the file',
      file({}, 0, 2 ** 40),
      'a header of 1099511627776 bytes, expected a safetensors file with at most 2',
    ],
    ['a header that is not JSON', file('{"a":'), 'the header is not JSON'],
    [
      'a header that is not UTF-8',
      Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0xff, 0x7d, 0x20),
      'the header is not JSON',
    ],
    ['a header that is no object', file('[1]'), 'the header is not a JSON object'],
    [
      'metadata of other things',
      file({ __metadata__: { a: 1 } }),
      '__metadata__: expected an object of strings',
    ],
    [
      'an entry without offsets',
      file({ a: { dtype: 'F32', shape: [1] } }, 4),
      'tensor a: data_offsets is wrong',
    ],
    ['an entry that is null', file({ a: null }), 'tensor a: expected dtype, shape'],
    ['a negative extent', file({ a: f32(0, 4, -1) }, 4), 'tensor a: shape.0 is wrong'],
    ['a fractional extent', file({ a: f32(0, 4, 0.5) }, 4), 'tensor a: shape.0 is wrong'],
    [
      'another type',
      file({ a: { dtype: 'I16', shape: [1], data_offsets: [0, 2] } }, 2),
      'tensor a: type I16, expected F32, F16, BF16',
    ],
    [
      'a type that every object has',
      file({ a: { dtype: 'toString', shape: [1], data_offsets: [0, 4] } }, 4),
      'tensor a: type toString, expected F32, F16, BF16',
    ],
    ['bytes that do not fit the shape', file({ a: f32(0, 8, 3) }, 8), 'expected 12 bytes for F32 [3]'],
    ['offsets that go backwards', file({ a: f32(8, 4, 1) }, 8), 'bytes 8 to 4, expected 4'],
    ['an absurd shape', file({ a: f32(0, 8, 2 ** 40, 2 ** 40) }, 8), 'expected 4.835703278458517e+24 bytes'],
    [
      'tensors that overlap',
      file({ a: f32(0, 8, 2), b: f32(4, 12, 2) }, 12),
      'tensor b begins at byte 4 and overlaps',
    ],
    ['a gap', file({ a: f32(0, 4, 1), b: f32(8, 12, 1) }, 12), 'tensor b begins at byte 8 and leaves a gap'],
    ['a short file', file({ a: f32(0, 8, 2) }, 7), '7 bytes of tensors, expected 8'],
    ['a long file', file({ a: f32(0, 8, 2) }, 9), '9 bytes of tensors, expected 8'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'model.safetensors')).toThrow(InputError);
    expect(() => readSafetensors(bytes, 'model.safetensors')).toThrow(message);
    expect(() => readSafetensors(bytes, 'model.safetensors')).toThrow(/^model\.safetensors: .*expected.*$/);
  });
});
