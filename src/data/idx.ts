// The IDX format (yann.lecun.com's MNIST page): 00 00, element type, rank, extents as big-endian uint32,
// elements. Reads unsigned bytes of any rank, raw or gzipped, and pairs images with labels.
import { InputError } from '../errors.ts';
import { plural } from '../plural.ts';
import { classesOf, type Naming } from './classes.ts';
import type { Dataset, Samples } from './dataset.ts';
import { MAX_EXPANSION } from './deflate.ts';

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

/** What the files of a data set may have together, unpacked: twenty times MNIST. */
export const MAX_BYTES = 2 ** 30;

/** What the files of a data set may still take, so that a few bytes cannot fill the memory. */
export class Room {
  private left = MAX_BYTES;

  /** @throws InputError naming the file that does not fit any more */
  take(bytes: number, file: string): void {
    if (bytes > this.left)
      throw new InputError(
        `${file}: ${bytes} bytes, expected at most ${MAX_BYTES} in all files of the data set`,
      );
    this.left -= bytes;
  }
}

/**
 * @param raw the file, unpacked
 * @throws InputError naming the file and what was expected
 */
export function parseIdx(raw: Uint8Array, file: string): Idx {
  const { shape, header, size } = readHeader(raw, file);
  if (raw.length !== header + size) {
    throw new InputError(
      `${file}: too ${raw.length < header + size ? 'short' : 'long'}: ${raw.length} bytes, ` +
        `expected ${header + size} for ${shape.join('×')} elements`,
    );
  }
  return { file, shape, data: raw.subarray(header) };
}

interface Header {
  readonly shape: readonly number[];
  /** Bytes of the header. */
  readonly header: number;
  /** Elements, of a byte each. */
  readonly size: number;
}

function readHeader(raw: Uint8Array, file: string): Header {
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
  return { shape, header, size };
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
 * Unpacks an IDX file that begins like a gzip file and returns anything else as it is.
 * @param room what the file's data set may still take
 * @throws InputError if the compressed data is damaged or ends early, or holds more or less than its IDX header
 *   says
 */
export async function inflate(bytes: Uint8Array, file: string, room = new Room()): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) {
    room.take(bytes.length, file);
    return bytes;
  }
  const damaged = () =>
    new InputError(`${file}: the gzip data is damaged or ends early, expected a complete gzip file`);
  const { readable, writable } = new DecompressionStream('gzip');
  // At once: a Blob's stream would bring them in small pieces.
  const writer = writable.getWriter();
  Promise.all([writer.write(bytes as Uint8Array<ArrayBuffer>), writer.close()]).catch(() => {}); // the reader tells
  const reader = readable.getReader();
  const next = () => reader.read().catch(() => Promise.reject(damaged()));
  try {
    const first = await next();
    if (first.done) throw damaged();
    const { header, size } = readHeader(first.value, file);
    const expected = header + size;
    room.take(expected, file);
    if (expected > MAX_EXPANSION * bytes.length) throw damaged();
    const whole = new Uint8Array(expected);
    let length = 0;
    let chunk: Awaited<ReturnType<typeof next>> = first;
    for (; !chunk.done; chunk = await next()) {
      if (length + chunk.value.length > expected)
        throw new InputError(`${file}: too long: expected the ${expected} bytes that its header says`);
      whole.set(chunk.value, length);
      length += chunk.value.length;
    }
    // What is missing shows when it is parsed.
    return whole.subarray(0, length);
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/**
 * Pairs images [count, height, width] with labels [count].
 * @throws InputError naming both files if they do not belong together
 */
export function toSamples(images: Idx, labels: Idx): Samples {
  if (images.shape.length !== 3) {
    throw new InputError(
      `${images.file}: ${plural(images.shape.length, 'dimension')}, expected the 3 of images (count, height, width)`,
    );
  }
  if (labels.shape.length !== 1) {
    throw new InputError(
      `${labels.file}: ${plural(labels.shape.length, 'dimension')}, expected the 1 of labels (count)`,
    );
  }
  const count = images.shape[0];
  if (labels.shape[0] !== count) {
    throw new InputError(
      `${labels.file}: ${plural(labels.shape[0], 'label')}, expected ${count}, one for each image of ${images.file}`,
    );
  }
  return { count, images: images.data, labels: labels.data };
}

/**
 * A data set of four IDX files. Labels that begin at 1 are counted from 0, and the classes keep their names.
 * @throws InputError naming the file that does not fit the others
 */
export function makeDataset(name: string, files: FourFiles<Idx>, naming?: Naming): Dataset {
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
  const { first, ...classes } = classesOf(files.trainLabels, files.testLabels, naming);
  return {
    name,
    width,
    height,
    ...classes,
    train: countedFrom(first, train),
    test: countedFrom(first, test),
  };
}

function countedFrom(first: number, samples: Samples): Samples {
  return first === 0 ? samples : { ...samples, labels: samples.labels.map((label) => label - first) };
}
