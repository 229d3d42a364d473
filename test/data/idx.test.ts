// The IDX reader: raw and gzipped files of any rank, every kind of damaged file, and the pairing of images
// with labels.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  type FourFiles,
  type Idx,
  inflate,
  MAX_BYTES,
  makeDataset,
  parseIdx,
  Room,
  toSamples,
} from '../../src/data/idx.ts';
import { InputError } from '../../src/errors.ts';

/** An IDX file of elements 0, 1, 2, … */
function idxFile(shape: readonly number[], type = 8, size = shape.reduce((a, b) => a * b, 1)): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + size);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, type, shape.length]);
  shape.forEach((extent, axis) => {
    view.setUint32(4 + 4 * axis, extent);
  });
  for (let i = 0; i < size; i++) bytes[4 + 4 * shape.length + i] = i;
  return bytes;
}

function gzip(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(gzipSync(bytes));
}

/** A file as it is, raw or gzipped. */
async function read(bytes: Uint8Array, file: string, room?: Room): Promise<Idx> {
  return parseIdx(await inflate(bytes, file, room), file);
}

async function refusal(bytes: Uint8Array): Promise<string> {
  const error = await read(bytes, 'some-file').then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(InputError);
  const { message } = error as InputError;
  expect(message).toMatch(/^some-file: [^\n]*expected[^\n]*$/);
  return message;
}

describe('parseIdx', () => {
  it.each([[[5]], [[2, 3, 4]], [[1, 2, 1, 3]]])('reads shape %j, raw and gzipped', async (shape) => {
    const file = idxFile(shape);
    const data = Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
    expect(await read(file, 'raw')).toEqual({ file: 'raw', shape, data });
    expect(await read(gzip(file), 'packed')).toEqual({ file: 'packed', shape, data });
  });

  it('reads a file that is a view of a larger buffer', async () => {
    const file = idxFile([3]);
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 5);
    expect([...(await read(larger.subarray(5, 5 + file.length), 'view')).data]).toEqual([0, 1, 2]);
  });

  it('refuses what is no IDX file', async () => {
    expect(await refusal(new TextEncoder().encode('<!doctype html>'))).toContain('begins with 3c 21 64 6f');
    expect(await refusal(new Uint8Array())).toContain('begins with nothing');
    expect(await refusal(Uint8Array.of(0, 0, 8))).toContain('not an IDX file');
    expect(await refusal(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 1, 0))).toContain('not an IDX file');
    expect(await refusal(Uint8Array.of(0, 0, 8, 0, 1))).toContain('not an IDX file');
  });

  it('refuses other element types by name', async () => {
    expect(await refusal(idxFile([2], 13, 8))).toContain('32-bit floats, expected unsigned bytes');
  });

  it('refuses a file that ends within its header', async () => {
    expect(await refusal(idxFile([2, 2, 2]).subarray(0, 13))).toContain(
      '13 bytes, expected an IDX header of 16',
    );
  });

  it('refuses short and long files', async () => {
    expect(await refusal(idxFile([2, 3], 8, 5))).toContain('too short: 17 bytes, expected 18 for 2×3');
    expect(await refusal(idxFile([2, 3], 8, 7))).toContain('too long: 19 bytes, expected 18 for 2×3');
    expect(await refusal(gzip(idxFile([2, 3], 8, 5)))).toContain('too short');
  });

  it('refuses absurd sizes without allocating them', async () => {
    const huge = 0xffff_ffff;
    expect(await refusal(idxFile([huge, huge, huge], 8, 4))).toContain('too short: 20 bytes');
  });

  it('refuses gzip bombs: what their header does not say, and what does not fit into a data set', async () => {
    const longer = Buffer.concat([idxFile([2, 3]), new Uint8Array(2 ** 24)]);
    expect(await refusal(gzip(longer))).toContain('too long: expected the 18 bytes');
    expect(await refusal(gzip(idxFile([2 ** 20, 1024], 8, 100)))).toContain(
      'expected at most 1073741824 in all',
    );
    expect(await refusal(gzip(idxFile([2 ** 20, 1000], 8, 100)))).toContain('damaged or ends early');
    const room = new Room();
    room.take(MAX_BYTES - 22, 'the files before');
    await expect(read(gzip(idxFile([2, 5])), 'the last', room)).resolves.toMatchObject({ shape: [2, 5] });
    await expect(read(gzip(idxFile([2, 5])), 'the last', room)).rejects.toThrow(/^the last: 22 bytes/);
  });

  it('refuses an empty set', async () => {
    expect(await refusal(idxFile([0, 28, 28]))).toContain('an empty set (0×28×28)');
    expect(await refusal(idxFile([4, 0, 28]))).toContain('an empty set');
  });

  it('refuses truncated and damaged gzip', async () => {
    const noise = idxFile([4000]).map((byte, i) => (i < 8 ? byte : (i * i * 31) >> 3));
    const packed = gzip(noise);
    expect(await refusal(packed.subarray(0, packed.length - 9))).toContain('gzip');
    expect(await refusal(packed.subarray(0, 12))).toContain('gzip');
    expect(await refusal(packed.subarray(0, 2))).toContain('gzip');
    const damaged = packed.slice();
    damaged[packed.length - 6] ^= 0xff;
    expect(await refusal(damaged)).toContain('gzip');
  });
});

function idx(file: string, shape: number[], data?: number[]): Idx {
  const size = shape.reduce((a, b) => a * b, 1);
  return { file, shape, data: Uint8Array.from(data ?? new Array<number>(size).fill(0)) };
}

const four: FourFiles<Idx> = {
  trainImages: idx('train-x', [3, 2, 4]),
  trainLabels: idx('train-y', [3], [0, 2, 1]),
  testImages: idx('test-x', [2, 2, 4]),
  testLabels: idx('test-y', [2], [1, 2]),
};

describe('toSamples', () => {
  it('pairs images with labels', () => {
    expect(toSamples(four.trainImages, four.trainLabels)).toEqual({
      count: 3,
      images: four.trainImages.data,
      labels: four.trainLabels.data,
    });
  });

  it('refuses other ranks and disagreeing counts, naming the file', () => {
    expect(() => toSamples(idx('flat', [3, 8]), four.trainLabels)).toThrow(
      /^flat: 2 dimensions, expected the 3/,
    );
    expect(() => toSamples(four.trainImages, idx('onehot', [3, 10]))).toThrow(
      /^onehot: 2 dimensions, expected the 1/,
    );
    expect(() => toSamples(four.trainImages, four.testLabels)).toThrow(
      'test-y: 2 labels, expected 3, one for each image of train-x',
    );
  });
});

describe('makeDataset', () => {
  it('reads image size and number of classes from the files', () => {
    const { width, height, classes, train, test } = makeDataset('small', four);
    expect({ width, height, classes, train: train.count, test: test.count }).toEqual({
      width: 4,
      height: 2,
      classes: 3,
      train: 3,
      test: 2,
    });
  });

  it('has at least two classes', () => {
    const trainLabels = idx('train-y', [3], [0, 0, 0]);
    const testLabels = idx('test-y', [2], [1, 0]);
    expect(makeDataset('one', { ...four, trainLabels, testLabels }).classes).toBe(2);
  });

  it('refuses a test label that training never saw', () => {
    expect(() => makeDataset('bad', { ...four, testLabels: idx('test-y', [2], [1, 3]) })).toThrow(
      'test-y: label 3 at index 1, expected 0 to 2 as in train-y',
    );
  });

  it('refuses test images of another size', () => {
    expect(() => makeDataset('bad', { ...four, testImages: idx('test-x', [2, 4, 2]) })).toThrow(
      'test-x: images of 2×4 pixels, expected 4×2 as in train-x',
    );
  });
});
