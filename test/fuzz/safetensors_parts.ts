// Safetensors files taken apart and put together, whatever their headers say.
import type fc from 'fast-check';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (texts: fc.Arbitrary<string>) => texts.map((text) => encoder.encode(text));

/** Header and tensors of a safetensors file apart. */
export function partsOf(file: Uint8Array): { header: string; data: Uint8Array } {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  return { header: decoder.decode(file.subarray(8, 8 + length)).trim(), data: file.subarray(8 + length) };
}

/** A safetensors file whose header has the right length, whatever it says. */
export function withHeader(header: Uint8Array, data: Uint8Array): Uint8Array {
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true);
  file.set(header, 8);
  file.set(data, 8 + header.length);
  return file;
}
