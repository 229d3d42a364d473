// Compiles the four builds of asconfig.json to build/, each in three modules (all plans', distortions', int8 networks'),
// and gzips them: so they travel inside of scripts.
// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

const { targets } = JSON.parse(await readFile('asconfig.json', 'utf8'));
for (const [target, { outFile }] of Object.entries(targets)) {
  for (const [entry, file] of [
    ['assembly/index.ts', outFile],
    ['assembly/index_distort.ts', `build/distort_${target}.wasm`],
    ['assembly/index_int8.ts', `build/int8_${target}.wasm`],
  ]) {
    // What the page shows as the kernels' instructions.
    const text = target === 'relaxed' ? ['--textFile', file.replace('.wasm', '.wat')] : [];
    const { error, stderr } = await asc.main([entry, '--outFile', file, '--target', target, ...text]);
    if (error) {
      console.error(stderr.toString().trim());
      process.exit(1);
    }
    await writeFile(`${file}.gz`, gzipSync(await readFile(file), { level: 9 }));
  }
}
