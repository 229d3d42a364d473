// A sweep: every pair of values of two hyperparameters, trained one after the other.
import { InputError } from '../../errors.ts';
import { checkForm, type DatasetShape, type Field, type FormValues, isKnown } from '../model/form.ts';
import type { KeptRun } from '../storage/kept_runs.ts';

/** What a sweep may go over. */
export const SWEPT = {
  learningRate: 'Learning rate',
  batch: 'Batch',
  epochs: 'Epochs',
  network: 'Network',
  dropout: 'Dropout',
  labelSmoothing: 'Label smoothing',
  weightDecay: 'Weight decay',
  seed: 'Seed',
} as const satisfies { readonly [F in Field]?: string };

export type SweptField = keyof typeof SWEPT;

/** One of the two hyperparameters. */
export interface Axis {
  readonly field: SweptField;
  /** As they are typed in the form. */
  readonly values: readonly string[];
}

/** An axis as it is typed. */
export interface AxisText {
  readonly field: SweptField;
  readonly text: string;
}

/** The trainings of a sweep by their places; those still to come are undefined. */
export interface Grid {
  readonly rows: Axis;
  readonly columns: Axis;
  /** [row][column] */
  readonly cells: readonly (readonly (KeptRun | undefined)[])[];
}

/** Trainings of one sweep; more is a matter for the command line. */
export const MAX_CELLS = 36;

/** Reads {@link formatAxis}'s: a field of the form, then what was typed. */
export function axisOf(formatted: string): AxisText | undefined {
  const [name, text = ''] = formatted.split(/ (.*)/s);
  return Object.hasOwn(SWEPT, name) ? { field: name as SweptField, text } : undefined;
}

export function formatAxis({ field, text }: AxisText): string {
  return `${field} ${text}`;
}

/** Whether the Train view understands such a parameter of its address. */
export function isKnownParameter(name: string, value: string): boolean {
  const isAxis = (name === 'rows' || name === 'columns') && value !== '';
  return isAxis ? axisOf(value) !== undefined : isKnown(name, value);
}

/**
 * @param text values between commas
 * @throws InputError if there are none
 */
export function parseAxis(field: SweptField, text: string): Axis {
  const values = [...new Set(text.split(',').map((value) => value.trim()))].filter((value) => value !== '');
  if (values.length === 0)
    throw new InputError(`${SWEPT[field]}: expected values with commas between them, as in 0.004, 0.008`);
  return { field, values };
}

/**
 * The forms of all pairs, row by row: one row for each value of the first axis.
 * @throws InputError if the axes are of one field, too many, or a form is wrong
 */
export function cellsOf(form: FormValues, rows: Axis, columns: Axis, shape: DatasetShape): FormValues[][] {
  if (rows.field === columns.field)
    throw new InputError(`${SWEPT[rows.field]} twice: expected two hyperparameters`);
  const count = rows.values.length * columns.values.length;
  if (count > MAX_CELLS) throw new InputError(`${count} trainings: expected at most ${MAX_CELLS}`);
  return rows.values.map((row) =>
    columns.values.map((column) => {
      const values = { ...form, [rows.field]: row, [columns.field]: column };
      const checked = checkForm(values, shape);
      if ('problem' in checked) throw new InputError(checked.problem.message);
      return values;
    }),
  );
}

/** Where each run belongs, the newest of those that would share a place. */
export function gridOf(rows: Axis, columns: Axis, runs: readonly KeptRun[]): Grid {
  const at = (row: string, column: string) =>
    runs.find(({ values }) => values[rows.field] === row && values[columns.field] === column);
  return { rows, columns, cells: rows.values.map((row) => columns.values.map((column) => at(row, column))) };
}

/** The grid of a sweep as far as its runs are kept; undefined of one over fields that are unknown here. */
export function keptGrid(runs: readonly KeptRun[]): Grid | undefined {
  const [{ sweep }] = runs;
  const [rows, columns] = [axisOf(sweep?.rows ?? ''), axisOf(sweep?.columns ?? '')];
  if (!rows || !columns) return undefined;
  const inOrder = runs.toSorted((a, b) => a.created - b.created);
  const axis = (field: SweptField): Axis => ({
    field,
    values: [...new Set(inOrder.map(({ values }) => values[field]))],
  });
  return gridOf(axis(rows.field), axis(columns.field), runs);
}
