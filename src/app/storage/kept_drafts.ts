// Texts of shaders that somebody is changing, kept across reloads in IndexedDB.
import * as v from 'valibot';
import { Shelf, VERSION, versionSchema } from './shelf.ts';

const shelf = new Shelf(
  'mnist-kernels-drafts',
  'shaders',
  v.object({ version: versionSchema, text: v.string() }),
);

/** @param shader a file of shaders/, without `.wgsl` @throws Error if the browser keeps nothing for this page */
export async function keptDraft(shader: string): Promise<string | undefined> {
  return (await shelf.get(shader))?.text;
}

/** @throws Error if there is no room */
export function keepDraft(shader: string, text: string): Promise<void> {
  return shelf.put(shader, { version: VERSION, text });
}

/** @throws Error if the browser keeps nothing for this page */
export function forgetDraft(shader: string): Promise<void> {
  return shelf.delete(shader);
}
