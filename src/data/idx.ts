// The IDX format (yann.lecun.com's MNIST page): 00 00, element type, rank, extents as big-endian uint32,
// elements. Reads unsigned bytes of any rank, raw or gzipped, and pairs images with labels.
import { InputError } from '../errors.ts';
import type { Dataset, Samples } from './dataset.ts';

/** One unsigned-byte IDX file. */
export interface Idx {
  /** Where it came from, for messages. */
  readonly file: string;
  readonly shape: readonly number[];
  /** The elements, row-major: a view of the file's bytes. */
  readonly data: Uint8Array;
}

/** The four files of a data set; of their names, or of their contents. */
export interface FourFiles<T> {
  readonly trainImages: T;
  readonly trainLabels: T;
  readonly testImages: T;
  readonly testLabels: T;
}

/** Element types by their byte in the magic number. */
const ELEMENT_TYPES: { readonly [code: number]: string } = {
  8: 'unsigned bytes',
  9: 'signed bytes',
  11: '16-bit integers',
  12: '32-bit integers',
  13: '32-bit floats',
  14: '64-bit floats',
};

/** What a gzip file may grow to, so that a few bytes cannot fill the memory. */
const MAX_INFLATED_BYTES = 2 ** 30;

/**
 * @param bytes the file as it is, raw or gzipped
 * @throws InputError naming the file and what was expected
 */
export async function parseIdx(bytes: Uint8Array, file: string): Promise<Idx> {
  const raw = await inflate(bytes, file);
  const rank = checkMagic(raw, file);
  const header = 4 + 4 * rank;
  if (raw.length < header) {
    throw new InputError(`${file}: ${raw.length} bytes, expected an IDX header of ${header}`);
  }
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, extent) => product * extent, 1);
  if (size === 0) {
    throw new InputError(`${file}: an empty set (${shape.join('×')}), expected at least one element`);
  }
  if (raw.length !== header + size) {
    throw new InputError(
      `${file}: too ${raw.length < header + size ? 'short' : 'long'}: ${raw.length} bytes, ` +
        `expected ${header + size} for ${shape.join('×')} elements`,
    );
  }
  return { file, shape, data: raw.subarray(header) };
}

/** Checks the first four bytes and returns the rank. */
function checkMagic(raw: Uint8Array, file: string): number {
  const [zero0, zero1, type, rank] = raw;
  if (raw.length < 4 || zero0 !== 0 || zero1 !== 0 || !(type in ELEMENT_TYPES) || rank === 0) {
    const found = Array.from(raw.subarray(0, 4), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw new InputError(
      `${file}: not an IDX file: it begins with ${found || 'nothing'}, expected 00 00 08 and the number of dimensions`,
    );
  }
  if (type !== 8) {
    throw new InputError(`${file}: an IDX file of ${ELEMENT_TYPES[type]}, expected unsigned bytes (type 08)`);
  }
  return rank;
}

/**
 * Decompresses what begins like a gzip file and returns anything else as it is.
 * @throws InputError if the compressed data is damaged or ends early
 */
export async function inflate(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const { readable, writable } = new DecompressionStream('gzip');
  // At once: a Blob's stream would bring them in small pieces.
  const writer = writable.getWriter();
  const written = Promise.all([writer.write(bytes as Uint8Array<ArrayBuffer>), writer.close()]);
  written.catch(() => {}); // the reader tells
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value);
      length += next.value.length;
      if (length > MAX_INFLATED_BYTES) break;
    }
  } catch {
    throw new InputError(`${file}: the gzip data is damaged or ends early, expected a complete gzip file`);
  }
  if (length > MAX_INFLATED_BYTES) {
    await reader.cancel();
    throw new InputError(`${file}: holds more than 1 GiB, expected at most ${MAX_INFLATED_BYTES} bytes`);
  }
  return concatenate(chunks, length);
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/**
 * Pairs images [count, height, width] with labels [count].
 * @throws InputError naming both files if they do not belong together
 */
export function toSamples(images: Idx, labels: Idx): Samples {
  if (images.shape.length !== 3) {
    throw new InputError(
      `${images.file}: ${images.shape.length} dimensions, expected the 3 of images (count, height, width)`,
    );
  }
  if (labels.shape.length !== 1) {
    throw new InputError(
      `${labels.file}: ${labels.shape.length} dimensions, expected the 1 of labels (count)`,
    );
  }
  const count = images.shape[0];
  if (labels.shape[0] !== count) {
    throw new InputError(
      `${labels.file}: ${labels.shape[0]} labels, expected ${count}, one for each image of ${images.file}`,
    );
  }
  return { count, images: images.data, labels: labels.data };
}

/**
 * A data set of four IDX files; its number of classes is the highest training label plus one, and at least
 * two.
 * @throws InputError naming the file that does not fit the others
 */
export function makeDataset(name: string, files: FourFiles<Idx>): Dataset {
  const train = toSamples(files.trainImages, files.trainLabels);
  const test = toSamples(files.testImages, files.testLabels);
  const [, height, width] = files.trainImages.shape;
  const [, testHeight, testWidth] = files.testImages.shape;
  if (testHeight !== height || testWidth !== width) {
    throw new InputError(
      `${files.testImages.file}: images of ${testWidth}×${testHeight} pixels, ` +
        `expected ${width}×${height} as in ${files.trainImages.file}`,
    );
  }
  const classes = Math.max(2, train.labels.reduce((highest, label) => Math.max(highest, label), 0) + 1);
  const outside = test.labels.findIndex((label) => label >= classes);
  if (outside >= 0) {
    throw new InputError(
      `${files.testLabels.file}: label ${test.labels[outside]} at index ${outside}, ` +
        `expected 0 to ${classes - 1} as in ${files.trainLabels.file}`,
    );
  }
  return { name, width, height, classes, train, test };
}
