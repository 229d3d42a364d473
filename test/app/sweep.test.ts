// A sweep's grid, from what is typed to the forms that are trained.
import { describe, expect, it } from 'vitest';
import { defaultValues } from '../../src/app/model/form.ts';
import { cellsOf, parseAxis } from '../../src/app/train/sweep.ts';

const shape = { name: 'MNIST', width: 28, height: 28, classes: 10, train: 60_000, test: 10_000 };
const form = { ...defaultValues(), seed: '7' };

describe('a sweep', () => {
  it('has a form for each pair of values, the rest as it was', () => {
    const rows = parseAxis('learningRate', ' 0.004, 0.008,0.004, ');
    const columns = parseAxis('batch', '32,64,128');
    expect(rows.values).toEqual(['0.004', '0.008']);
    const cells = cellsOf(form, rows, columns, shape);
    expect(cells.map((row) => row.map(({ learningRate, batch }) => [learningRate, batch]))).toEqual([
      [
        ['0.004', '32'],
        ['0.004', '64'],
        ['0.004', '128'],
      ],
      [
        ['0.008', '32'],
        ['0.008', '64'],
        ['0.008', '128'],
      ],
    ]);
    expect(cells.flat().every(({ seed, network }) => seed === '7' && network === form.network)).toBe(true);
  });

  it.each([
    ['learningRate', '', 'epochs', '1', 'Learning rate: expected values with commas'],
    ['batch', '32', 'batch', '64', 'Batch twice: expected two hyperparameters'],
    ['batch', '32, many', 'epochs', '1', 'batch "many": expected a number'],
    ['batch', '1,2,3,4,5,6,7', 'epochs', '1,2,3,4,5,6', '42 trainings: expected at most 36'],
    ['network', '784-10-9', 'epochs', '1', 'MNIST has 28×28 pixels and 10 classes'],
  ] as const)('refuses %s %s by %s %s', (row, rowText, column, columnText, message) => {
    expect(() => cellsOf(form, parseAxis(row, rowText), parseAxis(column, columnText), shape)).toThrow(
      message,
    );
  });
});
