// Compiles the four builds of asconfig.json to build/, and gzips them: so they travel inside of scripts.
// @ts-check
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

const { targets } = JSON.parse(await readFile('asconfig.json', 'utf8'));
for (const [target, { outFile }] of Object.entries(targets)) {
  const { error, stderr } = await asc.main(['--target', target]);
  if (error) {
    console.error(stderr.toString().trim());
    process.exit(1);
  }
  await writeFile(`${outFile}.gz`, gzipSync(await readFile(outFile), { level: 9 }));
}
