// A sweep: every pair of values of two hyperparameters, trained one after the other.
import { InputError } from '../../errors.ts';
import { checkForm, type DatasetShape, type Field, type FormValues } from '../model/form.ts';

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

/** Trainings of one sweep; more is a matter for the command line. */
export const MAX_CELLS = 36;

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
