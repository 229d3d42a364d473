// Every wrong field of the form is found at once.
import { describe, expect, it } from 'vitest';
import { defaultValues } from '../../src/app/model/form.ts';
import { problemOf } from '../../src/app/model/problems.ts';
import { MNIST } from '../../src/data/dataset.ts';

describe('what is wrong with the form', () => {
  it('is nothing at first', () => {
    expect(problemOf(defaultValues(), MNIST)).toBeUndefined();
  });

  it('is said of the first field, and all wrong ones are named', () => {
    const values = { ...defaultValues(), network: '784-0-10', learningRate: 'abc', seed: '-1' };
    const problem = problemOf(values, MNIST);
    expect(problem?.field).toBe('network');
    expect(problem?.fields).toEqual(['network', 'learningRate', 'seed']);
    expect(problem?.message).toMatch(/784-0-10.*2 more fields are wrong too\.$/);
    expect(problemOf({ ...values, seed: '1' }, MNIST)?.message).toMatch(/Another field is wrong too\.$/);
    const one = problemOf({ ...defaultValues(), learningRate: 'abc' }, MNIST);
    expect(one).toEqual({
      field: 'learningRate',
      fields: ['learningRate'],
      message: 'learning rate "abc": expected a number',
    });
  });

  it('is found in each field, also of a network for other data', () => {
    const small = { name: 'stripes', width: 4, height: 4, classes: 3, train: 150, test: 30 };
    const values = { ...defaultValues(), network: '784-128-10', trainImages: '151', dropout: '1' };
    expect(problemOf(values, small)?.fields).toEqual(['network', 'trainImages', 'dropout']);
  });
});
