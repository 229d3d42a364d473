// The model.json of a layers model, as a file.
import type { NamedFile } from '../../src/formats/read_model.ts';

export const jsonFile = (value: unknown): NamedFile => ({
  name: 'folder/model.json',
  bytes: new TextEncoder().encode(JSON.stringify(value, null, 2)),
});
