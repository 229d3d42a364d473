// A sweep's grid, from what is typed to the forms that are trained.
import { describe, expect, it } from 'vitest';
import { defaultValues } from '../../src/app/model/form.ts';
import {
  axisOf,
  cellsOf,
  formatAxis,
  isKnownParameter,
  keptGrid,
  parseAxis,
} from '../../src/app/train/sweep.ts';
import { run } from './kept_run.ts';

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

describe('the axes of a sweep', () => {
  it('are in the address as they are typed', () => {
    const axis = { field: 'learningRate', text: '0.004, 0.008' } as const;
    expect(axisOf(formatAxis(axis))).toEqual(axis);
    expect(axisOf('batch')).toEqual({ field: 'batch', text: '' });
    expect(axisOf('zebra 1, 2')).toBeUndefined();
    expect(isKnownParameter('rows', 'batch 32')).toBe(true);
    expect(isKnownParameter('rows', 'zebra 1')).toBe(false);
    expect(isKnownParameter('backend', 'cuda')).toBe(false);
  });

  it('are those of its kept runs, in the order in which they were trained', () => {
    const part = { id: 's', rows: 'learningRate', columns: 'batch' };
    const cell = (created: number, learningRate: string, batch: string) =>
      run({ id: `${created}`, created, sweep: part, values: { ...form, learningRate, batch } });
    const runs = [cell(3, '0.004', '64'), cell(1, '0.008', '64'), cell(2, '0.008', '32')];
    const grid = keptGrid(runs)!;
    expect([grid.rows.values, grid.columns.values]).toEqual([
      ['0.008', '0.004'],
      ['64', '32'],
    ]);
    expect(grid.cells.map((row) => row.map((each) => each?.id))).toEqual([
      ['1', '2'],
      ['3', undefined],
    ]);
    expect(keptGrid([run({ sweep: { ...part, rows: 'zebra' } })])).toBeUndefined();
  });
});
