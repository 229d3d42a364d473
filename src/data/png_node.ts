// PNG files as luminance, for digits that are drawn or photographed.
import { PNG } from 'pngjs';
import { InputError, messageOf } from '../errors.ts';
import { type GreyImage, luminance } from './digit.ts';
import { readBytes } from './mnist_node.ts';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** A photograph of 64 megapixels; more is refused before it is decoded. */
const MAX_PIXELS = 2 ** 26;

/**
 * Reads a PNG of any colour type as luminance.
 * @throws InputError naming the file and what is wrong with it
 */
export async function readPng(path: string): Promise<GreyImage> {
  const bytes = await readBytes(path);
  checkHeader(bytes, path);
  const { width, height, data } = decode(bytes, path);
  return { width, height, data: luminance(data) };
}

function checkHeader(bytes: Uint8Array, path: string): void {
  if (bytes.length < 24 || SIGNATURE.some((byte, i) => bytes[i] !== byte)) {
    throw new InputError(`${path}: not a PNG image`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  if (width * height > MAX_PIXELS) {
    throw new InputError(`${path}: ${width}×${height} pixels, expected at most ${MAX_PIXELS} in all`);
  }
}

function decode(bytes: Uint8Array, path: string) {
  try {
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new InputError(`${path}: a damaged PNG image: ${messageOf(error)}`);
  }
}
