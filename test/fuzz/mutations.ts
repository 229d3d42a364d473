// Whole inputs made wrong: bytes that are edited, and JSON whose values are others.
import fc from 'fast-check';

type Edit = (bytes: Uint8Array) => Uint8Array;

const splice = (bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array) =>
  Uint8Array.from([...bytes.subarray(0, at), ...inserted, ...bytes.subarray(at + removed)]);

/** A place from the beginning, where headers are, or anywhere. */
const place = fc.oneof(fc.nat(40), fc.nat());

/** What lengths and counts go wrong with. */
const telling = fc.oneof(
  fc.constantFrom(
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
    Uint8Array.of(0, 0, 0, 0),
    Uint8Array.of(0, 0, 0, 1),
    Uint8Array.of(0, 0, 0xc0, 0x7f),
  ),
  fc.uint8Array({ minLength: 1, maxLength: 8 }),
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
    ([at, flips]): Edit =>
      (bytes) =>
        bytes.map((byte, i) => (i === at % Math.max(1, bytes.length) ? byte ^ flips : byte)),
  ),
  fc.tuple(place, telling).map(
    ([at, value]): Edit =>
      (bytes) =>
        splice(bytes, at % (bytes.length + 1), value.length, value),
  ),
  fc.tuple(place, telling).map(
    ([at, value]): Edit =>
      (bytes) =>
        splice(bytes, at % (bytes.length + 1), 0, value),
  ),
  fc.tuple(place, fc.nat(64)).map(
    ([at, length]): Edit =>
      (bytes) =>
        splice(bytes, at % (bytes.length + 1), length, new Uint8Array()),
  ),
  fc.nat().map(
    (length): Edit =>
      (bytes) =>
        bytes.slice(0, length % (bytes.length + 1)),
  ),
  fc.tuple(place, fc.nat(200)).map(
    ([at, length]): Edit =>
      (bytes) => {
        const from = at % (bytes.length + 1);
        return splice(bytes, from, 0, bytes.slice(from, from + length));
      },
  ),
);

/** A sample with a few edits. */
export function edited(samples: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.nat(samples.length - 1), fc.array(edit, { maxLength: 5 }))
    .map(([sample, edits]) => edits.reduce((bytes, each) => each(bytes), samples[sample]));
}

/** Stands for lists within lists. */
const DEEP = 'deep';
const LEVELS = 20_000;

/** Values that a reader may not expect where it expects another. */
const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    0.5,
    1e308,
    2 ** 53,
    4294967296,
    '',
    DEEP,
    '__proto__',
    '\u001b[2J\u0007\u202e',
    'x'.repeat(100_000),
    [],
    [[]],
    {},
    { toString: 1 },
    Array.from({ length: 1000 }, () => 0),
  ),
  fc.string(),
);

type Json = Record<string, unknown> | unknown[];

const isNested = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** All objects and lists of a value, itself first. */
const nested = (value: unknown): Json[] =>
  isNested(value) ? [value, ...Object.values(value).flatMap(nested)] : [];

/** Puts a value in the place of another, adds it under a new name, or takes one away. */
const change = fc
  .tuple(fc.nat(), fc.nat(), fc.option(strange), fc.constantFrom('', '', '__proto__', 'constructor', 'more'))
  .map(([where, which, value, name]) => (root: unknown) => {
    const all = nested(root);
    if (all.length === 0) return;
    const target = all[where % all.length] as Record<string, unknown>;
    const keys = Object.keys(target);
    const key = name || keys[which % Math.max(1, keys.length)] || 'new';
    if (value === null) delete target[key];
    else
      Object.defineProperty(target, key, {
        value: structuredClone(value),
        enumerable: true,
        configurable: true,
        writable: true,
      });
  });

/** A sample with other values, or one that is no JSON any more. @param samples JSON texts */
export function changed(samples: readonly string[]): fc.Arbitrary<string> {
  const values = fc
    .tuple(fc.nat(samples.length - 1), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([sample, changes]) => {
      const value = JSON.parse(samples[sample]);
      for (const each of changes) each(value);
      return JSON.stringify(value).replaceAll(`"${DEEP}"`, '['.repeat(LEVELS) + ']'.repeat(LEVELS));
    });
  const encoder = new TextEncoder();
  const texts = edited(samples.map((sample) => encoder.encode(sample)));
  return fc.oneof(
    { weight: 4, arbitrary: values },
    { weight: 1, arbitrary: texts.map((bytes) => new TextDecoder().decode(bytes)) },
  );
}
