// Compiles the four builds of asconfig.json to build/, each once more for int8 networks.
// @ts-check
import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const { targets } = JSON.parse(await readFile('asconfig.json', 'utf8'));
for (const target of Object.keys(targets)) {
  const int8 = ['--outFile', `build/int8_${target}.wasm`];
  for (const given of [['assembly/index.ts'], ['assembly/index_int8.ts', ...int8]]) {
    const { error, stderr } = await asc.main([...given, '--target', target]);
    if (error) {
      console.error(stderr.toString().trim());
      process.exit(1);
    }
  }
}
