// From the declarations that `tsc -p tsconfig.types.json` leaves in build/types to those of the library: one
// file, which names no type of a dependency.
// @ts-check
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';

const bundle = await rolldown({
  input: 'build/types/src/library/node.d.ts',
  plugins: [dts({ dtsInput: true })],
});
await bundle.write({ file: 'dist/library/index.d.ts' });
