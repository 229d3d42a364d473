// PNG files as luminance, for digits that are drawn or photographed.
import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { InputError, messageOf } from '../errors.ts';
import { MAX_EXPANSION } from './deflate.ts';
import { type GreyImage, luminance } from './digit.ts';
import { readBytes } from './file_node.ts';

/** The chunk type that holds the pixels. */
const IDAT = 0x49444154;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A photograph of 33 megapixels, which takes some 400 MB to decode; more is refused before. */
const MAX_PIXELS = 2 ** 25;
const MAX_SIDE = 2 ** 14;
/** Encoders make chunks of 8 KiB and more. */
const MAX_CHUNKS = 2 ** 17;
const MAX_BYTES = 2 ** 28;

/** Samples a pixel, by colour type (PNG specification, section 11.2.1). */
const SAMPLES: { readonly [colourType: number]: number } = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Reads a PNG of any colour type as luminance.
 * @throws InputError naming the file and what is wrong with it
 */
export async function readPng(path: string): Promise<GreyImage> {
  return parsePng(await readBytes(path, MAX_BYTES), path);
}

/**
 * @param path for messages
 * @throws InputError naming the file and what is wrong with it
 */
export function parsePng(bytes: Uint8Array, path: string): GreyImage {
  checkHeader(bytes, path);
  const { width, height, data } = decode(bytes, path);
  return { width, height, data: luminance(data) };
}

function checkHeader(bytes: Uint8Array, path: string): void {
  if (bytes.length < 26 || SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new InputError(`${path}: not a PNG image`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height > MAX_PIXELS || Math.max(width, height) > MAX_SIDE) {
    throw new InputError(
      `${path}: ${width}×${height} pixels, expected at most ${MAX_SIDE} a side and ${MAX_PIXELS} in all`,
    );
  }
  const [depth, colourType] = bytes.subarray(24);
  const size = (width * height * depth * (SAMPLES[colourType] ?? 0)) / 8;
  if (size > MAX_EXPANSION * bytes.length)
    throw new InputError(`${path}: a damaged PNG image: too little data for ${width}×${height} pixels`);
  // pngjs unpacks these to their end, however far that is; each of the seven passes may have a filter byte a
  // row.
  if (bytes[28] === 1 && unpacksBeyond(bytes, view, size + 7 * (width + height)))
    throw new InputError(`${path}: a damaged PNG image: too much data for ${width}×${height} pixels`);
}

/** Whether an image's data is longer than `most` bytes. */
function unpacksBeyond(bytes: Uint8Array, view: DataView, most: number): boolean {
  const data: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    if (view.getUint32(at + 4) === IDAT) data.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
    if (data.length > MAX_CHUNKS) return true;
  }
  try {
    inflateSync(Buffer.concat(data), { maxOutputLength: Math.max(1, Math.ceil(most)) });
    return false;
  } catch (error) {
    // What is damaged otherwise is found when it is decoded.
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
  }
}

function decode(bytes: Uint8Array, path: string) {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new InputError(`${path}: a damaged PNG image: ${messageOf(error)}`);
  }
}
