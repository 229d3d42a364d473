// One's own data set: what is taken, and what is refused.
import { expect, it } from 'vitest';
import { type DatasetDefinition, defineDataset, InputError } from '../../src/index.ts';

const part = (count: number) => ({ images: new Uint8Array(4 * count), labels: new Uint8Array(count) });
const GOOD: DatasetDefinition = {
  width: 2,
  height: 2,
  classNames: ['a', 'b'],
  train: part(3),
  test: part(1),
};

it('takes views of what was given', () => {
  const dataset = defineDataset(GOOD);
  expect(dataset).toMatchObject({
    width: 2,
    height: 2,
    classes: 2,
    classNames: ['a', 'b'],
    name: 'own data',
  });
  expect(dataset.train.images).toBe(GOOD.train.images);
  expect(dataset.train.count).toBe(3);
  expect(defineDataset({ ...GOOD, name: 'bars' }).name).toBe('bars');
});

it.each<[string, Partial<DatasetDefinition>]>([
  ['width 0: expected a whole number of pixels', { width: 0 }],
  ['1 class names: expected 2 to 256', { classNames: ['a'] }],
  [
    'training images of 12 bytes and 2 labels',
    { train: { images: new Uint8Array(12), labels: new Uint8Array(2) } },
  ],
  ['test images of 0 bytes and 0 labels', { test: part(0) }],
  [
    'test label 2 at index 0: expected 0 to 1',
    { test: { images: new Uint8Array(4), labels: Uint8Array.of(2) } },
  ],
  [
    'training images and labels: expected a Uint8Array each',
    { train: { images: [0] as unknown as Uint8Array, labels: new Uint8Array(1) } },
  ],
])('refuses: %s', (message, change) => {
  const define = () => defineDataset({ ...GOOD, ...change });
  expect(define).toThrow(InputError);
  expect(define).toThrow(message);
});
