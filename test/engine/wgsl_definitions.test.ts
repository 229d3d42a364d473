// WGSL has no imports and each shader is valid alone, so shaders repeat what they share: it must be the same
// in all of them.
import { expect, it } from 'vitest';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shaders.ts';

/** What each kernel has in a form of its own under the same name. */
const OWN = [
  'Constants',
  'main',
  'WORKGROUP',
  'SLICES',
  'DEEP',
  'ROWS',
  'COLUMNS',
  'WIDTH',
  'HEIGHT',
  'DEPTH',
  'INVOCATIONS',
  'PARTS',
  'INPUTS',
  'Sums',
  'inputs',
  'units',
  'weights',
  'pixels',
  'columns',
  'add',
  'take',
  'takeKernel',
  'takeBias',
  'finish',
  'store',
  'drop',
  'flush',
];

/** A struct or function, up to the brace at the beginning of a line, or a one-line declaration. */
const DEFINITION = /^(?:struct (\w+) \{.*?^\}|fn (\w+)\(.*?^\}|(?:const|override|alias) (\w+)[^\n]*;)/gms;

it('gives a name one definition in all shaders', () => {
  const first = new Map<string, { readonly file: string; readonly text: string }>();
  let repeated = 0;
  for (const [file, source] of Object.entries(WGSL_SOURCES)) {
    for (const [text, ...names] of source.matchAll(DEFINITION)) {
      const name = names.find((each) => each !== undefined)!;
      if (OWN.includes(name)) continue;
      const known = first.get(name);
      if (known) {
        repeated++;
        expect(text, `${name} in ${file}.wgsl, and in ${known.file}.wgsl`).toBe(known.text);
      } else first.set(name, { file, text });
    }
  }
  // Step alone is in nearly all of them.
  expect(repeated).toBeGreaterThan(50);
});
