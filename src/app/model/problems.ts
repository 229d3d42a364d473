// Everything that is wrong with the form, so that each wrong field can be marked.
import { fitNetwork } from '../../network/spec.ts';
import { checkForm, type DatasetShape, defaultValues, type Field, type FormValues } from './form.ts';

/** What is said of the first wrong field, with all of them. */
export interface FormProblem {
  readonly field: Field;
  readonly fields: readonly Field[];
  readonly message: string;
}

/** @returns undefined of a form that may be trained with */
export function problemOf(values: FormValues, shape: DatasetShape): FormProblem | undefined {
  const checked = checkForm(values, shape);
  if (!('problem' in checked)) return undefined;
  const { field, message } = checked.problem;
  const fields = wrongFields(values, shape);
  const others = fields.length - 1;
  const more =
    others === 0 ? '' : ` ${others === 1 ? 'Another field is' : `${others} more fields are`} wrong too.`;
  return { field, fields, message: more ? `${message}.${more}` : message };
}

/** A wrong field is put right, until the rest holds: a check ends at the first one. */
function wrongFields(values: FormValues, shape: DatasetShape): Field[] {
  const defaults = defaultValues(values.recipe);
  const right = { ...defaults, network: fitNetwork(defaults.network, shape) };
  const fields: Field[] = [];
  for (let rest = values; ; ) {
    const checked = checkForm(rest, shape);
    if (!('problem' in checked)) return fields;
    const { field } = checked.problem;
    if (fields.includes(field)) return fields;
    fields.push(field);
    rest = { ...rest, [field]: right[field] };
  }
}
