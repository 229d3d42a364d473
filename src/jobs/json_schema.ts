// `npm run schema` writes bench/schema.json: the schemas of this project's JSON as JSON Schema, which tools in
// any language can check a file against.
import { toJsonSchema } from '@valibot/to-json-schema';
import { SCHEMAS } from './schemas.ts';

/** @returns the text of the file */
export function renderJsonSchema(): string {
  const definitions = Object.entries(SCHEMAS).map(([name, schema]) => {
    const { $schema: _, ...definition } = toJsonSchema(schema, { target: 'draft-07', typeMode: 'input' });
    return [name, definition] as const;
  });
  const whole = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'mnist-kernels',
    description:
      'What mnist-kernels writes as JSON; the field "schema" says which it is. Fields may be added, none is taken away.',
    oneOf: definitions.map(([name]) => ({ $ref: `#/definitions/${name}` })),
    definitions: Object.fromEntries(definitions),
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}
