// WGSL has no imports and each shader is valid alone, so shaders repeat what they share: it must be the same
// in all of them.
import { expect, it } from 'vitest';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';

/** What each kernel has in a form of its own under the same name. */
const OWN = [
  'Constants',
  'Sums',
  'WORKGROUP',
  'COLUMNS',
  'ROWS',
  'SLICES',
  'INVOCATIONS',
  'WIDTH',
  'HEIGHT',
  'DEPTH',
  'DEEP',
  'INPUTS',
];

/** A struct or function, up to the brace at the beginning of a line, or a one-line declaration. */
const DEFINITION =
  /^(?:struct (\w+) \{.*?^\}|fn (\w+\([^{]*)\{.*?^\}|(?:const|override|alias) (\w+)[^\n]*;)/gms;

/** Functions are known by their signatures: those of one name may be of scalars here and of quads there. */
const isOwn = (name: string) => OWN.includes(name) || name.startsWith('main(');

it('gives a name one definition in all shaders', () => {
  const first = new Map<string, { readonly file: string; readonly text: string }>();
  let repeated = 0;
  for (const [file, source] of Object.entries(WGSL_SOURCES)) {
    for (const [text, ...names] of source.matchAll(DEFINITION)) {
      const name = names.find((each) => each !== undefined)!;
      if (isOwn(name)) continue;
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
