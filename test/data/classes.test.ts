// Which classes labels stand for, and what is said of labels that do not stand for any.
import { describe, expect, it } from 'vitest';
import { classesOf } from '../../src/data/classes.ts';

const labels = (file: string, ...data: number[]) => ({
  file,
  shape: [data.length],
  data: Uint8Array.from(data),
});
const train = (...data: number[]) => labels('train-y', ...data);
const test = (...data: number[]) => labels('test-y', ...data);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('classesOf', () => {
  it('counts labels from 0 and leaves them without names', () => {
    expect(classesOf(train(0, 2, 1, 2), test(1))).toEqual({ classes: 3, first: 0 });
  });

  it('takes a range from 1, and keeps its numbers as names', () => {
    const classNames = ['1', '2', '3'];
    expect(classesOf(train(2, 3), test(1))).toEqual({ classes: 3, first: 1, classNames });
  });

  it('takes the usual names if there is one for each class', () => {
    const usual = ['a', 'b', 'c'];
    expect(classesOf(train(1, 2, 3), test(), { usual }).classNames).toBe(usual);
    expect(classesOf(train(0, 1, 2), test(), { usual }).classNames).toBe(usual);
    expect(classesOf(train(1, 2), test(), { usual }).classNames).toEqual(['1', '2']);
    expect(classesOf(train(0, 1), test(), { usual })).toEqual({ classes: 2, first: 0 });
  });

  it('prefers the names that were given', () => {
    const given = ['x', 'y', 'z'];
    expect(classesOf(train(...range(1, 3)), test(), { given, usual: ['a', 'b', 'c'] })).toEqual({
      classes: 3,
      first: 1,
      classNames: given,
    });
  });

  it('believes names of classes without images', () => {
    const given = ['none', 'x', 'y', 'z'];
    expect(classesOf(train(1, 3), test(), { given })).toEqual({ classes: 4, first: 0, classNames: given });
    expect(classesOf(train(0, 3), test(), { given }).classes).toBe(4);
  });

  it.each<[string, number[], number[], string]>([
    [
      'with a gap',
      [0, 1, 3],
      [0],
      'train-y: no label 2, nor in test-y: expected every label from 0 to 3; number the classes from 0 ' +
        'without gaps, or name all of them, also those without images (--class-names)',
    ],
    [
      'with a gap in a range from 1',
      [1, 3],
      [3],
      'no label 2, nor in test-y: expected every label from 1 to 3',
    ],
    ['that begin at 2', [2, 3], [2], 'no label 0, nor in test-y: expected every label from 0 to 3'],
    ['beyond those of training', [1, 2], [2, 3], 'test-y: label 3 at index 1, expected 1 to 2 as in train-y'],
  ])('refuses labels %s', (_, trained, tested, message) => {
    expect(() => classesOf(train(...trained), test(...tested))).toThrow(message);
  });

  it('refuses another number of names than of classes', () => {
    expect(() => classesOf(train(0, 1, 2), test(), { given: ['a', 'b'] })).toThrow(
      'class names: 2 given, expected 3, one for each label from 0 to 2',
    );
  });
});
