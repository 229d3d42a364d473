// A small data set of three classes on disk, as four IDX files: each class lights up a part of the 5×4
// pixels.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { hash } from '../../src/network/random.ts';

export const CLASSES = 3;
const [WIDTH, HEIGHT] = [5, 4];

/** @returns the folder */
export function writeIdxFolder(folder: string, { gzip = false, train = 300, test = 60 } = {}): string {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, bytes: Uint8Array) =>
    writeFileSync(join(folder, gzip ? `${name}.gz` : name), gzip ? gzipSync(bytes) : bytes);
  for (const [part, count, seed] of [
    ['train', train, 1],
    ['t10k', test, 2],
  ] as const) {
    const labels = Uint8Array.from({ length: count }, (_, sample) => hash(seed, 0, sample) % CLASSES);
    const images = Uint8Array.from({ length: count * WIDTH * HEIGHT }, (_, i) => {
      const pixel = i % (WIDTH * HEIGHT);
      const lit = pixel % CLASSES === labels[(i - pixel) / (WIDTH * HEIGHT)];
      return (lit ? 128 : 0) + (hash(seed, 1, i) >>> 25);
    });
    write(`${part}-images-idx3-ubyte`, idx([count, HEIGHT, WIDTH], images));
    write(`${part}-labels-idx1-ubyte`, idx([count], labels));
  }
  return folder;
}

export function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, 8, shape.length]);
  for (const [axis, extent] of shape.entries()) bytes.writeUInt32BE(extent, 4 + 4 * axis);
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}
