// Values as text between the terminal and a browser: JSON in which typed arrays and numbers that JSON lacks
// survive.

import { InputError, messageOf } from '../errors.ts';

const ARRAYS = { $uint8: Uint8Array, $uint32: Uint32Array, $float32: Float32Array } as const;
type ArrayTag = keyof typeof ARRAYS;

/**
 * Plain data as JSON. A typed array becomes {"$float32": base64} of its little-endian bytes (likewise uint8
 * and uint32), a number that is not finite {"$number": "NaN"}.
 * @throws TypeError for a typed array of another type
 */
export function encodeWire(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, converted: unknown) {
    const original = this[key]; // before toJSON, which Buffer has
    if (ArrayBuffer.isView(original)) return encodeArray(original);
    if (typeof original === 'number' && !Number.isFinite(original)) return { $number: String(original) };
    return converted;
  });
}

/**
 * The value of {@link encodeWire}'s text.
 * @throws InputError if it is none
 */
export function decodeWire(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new InputError(`not a message between terminal and browser: ${messageOf(error)}`);
  }
}

function parse(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null) return value;
    const entries: [string, unknown][] = Object.entries(value);
    if (entries.length !== 1) return value;
    const [tag, content] = entries[0];
    if (typeof content !== 'string') return value;
    if (tag === '$number') return Number(content);
    if (!Object.hasOwn(ARRAYS, tag)) return value;
    const bytes = fromBase64(content);
    return new ARRAYS[tag as ArrayTag](
      bytes.buffer,
      0,
      bytes.length / ARRAYS[tag as ArrayTag].BYTES_PER_ELEMENT,
    );
  });
}

function encodeArray(array: ArrayBufferView): { [tag: string]: string } {
  const tag = Object.entries(ARRAYS).find(([, type]) => array instanceof type)?.[0];
  if (tag === undefined) throw new TypeError(`cannot send a ${array.constructor.name}`);
  return { [tag]: toBase64(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)) };
}

/** A multiple of three, so that the pieces' base64 joins up, and few enough arguments for one call. */
const PIECE = 24_576;

function toBase64(bytes: Uint8Array): string {
  if (typeof Buffer !== 'undefined') {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  }
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; start += PIECE) {
    pieces.push(btoa(String.fromCharCode(...bytes.subarray(start, start + PIECE))));
  }
  return pieces.join('');
}

/** Bytes that fill a buffer of their own. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (typeof Buffer !== 'undefined') return new Uint8Array(Buffer.from(text, 'base64'));
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
