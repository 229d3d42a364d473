// EMNIST's files: names, images stored column by column, labels from 1, and what its classes are called.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/data/dataset.ts';
import { usualClassNames } from '../../src/data/emnist.ts';
import { findFiles, MNIST_FILES } from '../../src/data/mnist.ts';
import { loadFiles } from '../../src/data/mnist_browser.ts';
import { loadFolder, loadMnistNode } from '../../src/data/mnist_node.ts';
import { transposeImages } from '../../src/data/transpose.ts';
import { letterFiles, letterOf, writeLetters } from './letters.ts';

const folder = mkdtempSync(join(tmpdir(), 'emnist-'));
afterAll(() => rmSync(folder, { recursive: true }));

let mnist: Dataset;
let letters: string;
beforeAll(async () => {
  mnist = await loadMnistNode();
  letters = await writeLetters(join(folder, 'letters'));
});

const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz'];

describe('a folder of EMNIST letters', () => {
  it('has upright images, classes from 0 and letters as their names', async () => {
    const { classes, classNames, train, test, width, height } = await loadFolder(letters);
    expect({ classes, classNames, width, height }).toEqual({
      classes: 26,
      classNames: ALPHABET,
      width: 28,
      height: 28,
    });
    expect(train.images).toEqual(mnist.train.images.subarray(0, 600 * 784));
    expect(test.images).toEqual(mnist.test.images.subarray(0, 200 * 784));
    const expected = mnist.train.labels.subarray(0, 600).map((digit, i) => letterOf(digit, i) - 1);
    expect(train.labels).toEqual(expected);
  });

  it('is left as it is stored when asked to, and has the names that are given', async () => {
    const classNames = ALPHABET.map((letter) => `letter ${letter}`);
    const read = await loadFolder(letters, { transpose: false, classNames });
    expect(read.classNames).toBe(classNames);
    expect(read.train.images[28 * 7 + 14]).toBe(mnist.train.images[28 * 14 + 7]);
    expect(read.train.images).not.toEqual(mnist.train.images.subarray(0, 600 * 784));
  });

  it('is read in the browser, too', async () => {
    const files = Object.entries(await letterFiles(600, 20)).map(
      ([name, bytes]) => new File([bytes as Uint8Array<ArrayBuffer>], name),
    );
    const { classNames, train } = await loadFiles(files);
    expect(classNames).toEqual(ALPHABET);
    expect(train.images).toEqual(mnist.train.images.subarray(0, 600 * 784));
  });
});

describe('MNIST', () => {
  it('can be transposed and named, and is verified before', async () => {
    const classNames = [...'abcdefghij'];
    const read = await loadMnistNode({ transpose: true, classNames });
    expect(read.classNames).toBe(classNames);
    expect(read.test.images[28 * 14 + 7]).toBe(mnist.test.images[28 * 7 + 14]);
    expect(mnist.classNames).toBeUndefined();
  });
});

describe('findFiles', () => {
  const named = (split: string, ending = '') =>
    ['train-images-idx3', 'train-labels-idx1', 'test-images-idx3', 'test-labels-idx1'].map(
      (part) => `${split}-${part}-ubyte${ending}`,
    );

  it.each(['letters', 'balanced', 'byclass', 'bymerge', 'digits', 'mnist'])('finds emnist-%s', (split) => {
    const names = named(`emnist-${split}`, '.gz');
    const found = findFiles([`emnist-${split}-mapping.txt`, ...names], 'here');
    expect(Object.values(found)).toEqual(names);
  });

  it('takes the one data set that is whole', () => {
    const names = [...named('emnist-digits').slice(1), ...named('emnist-letters')];
    expect(Object.values(findFiles(names, 'here'))).toEqual(named('emnist-letters'));
  });

  it('refuses several, saying which and how to choose', () => {
    const names = [
      ...named('emnist-letters'),
      ...named('emnist-digits', '.gz'),
      ...Object.values(MNIST_FILES),
    ];
    expect(() => findFiles(names, 'here')).toThrow(
      "here: files of several data sets (MNIST's names, emnist-letters, emnist-digits), expected one: " +
        'keep each in a folder of its own',
    );
  });

  it('names what is missing of the one that is nearly there', () => {
    expect(() => findFiles(named('emnist-letters').slice(1), 'here')).toThrow(
      /^here: no training images \(emnist-letters-train-images-idx3-ubyte\); expected four IDX files/,
    );
  });
});

describe('the usual names', () => {
  it.each([
    ['letters', 26, 'a', 'z'],
    ['byclass', 62, '0', 'z'],
    ['bymerge', 47, '0', 't'],
    ['balanced', 47, '0', 't'],
  ])('of emnist-%s are %i, from %s to %s', (split, count, first, last) => {
    const trainImages = `emnist-${split}-train-images-idx3-ubyte.gz`;
    const names = usualClassNames({ ...MNIST_FILES, trainImages })!;
    expect([names.length, new Set(names).size, names[0], names.at(-1)]).toEqual([count, count, first, last]);
  });

  it('of digits are none', () => {
    const trainImages = 'emnist-digits-train-images-idx3-ubyte';
    expect(usualClassNames({ ...MNIST_FILES, trainImages })).toBeUndefined();
  });
});

describe('transposeImages', () => {
  it('turns columns of images that are not square into rows', () => {
    const images = {
      file: 'x',
      shape: [2, 3, 2],
      data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    };
    const { shape, data } = transposeImages(images);
    expect(shape).toEqual([2, 2, 3]);
    expect([...data]).toEqual([1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12]);
  });
});
