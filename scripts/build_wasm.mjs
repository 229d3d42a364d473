// Compiles the four builds of asconfig.json to build/.
// @ts-check
import { readFile } from 'node:fs/promises';
import asc from 'assemblyscript/asc';

const { targets } = JSON.parse(await readFile('asconfig.json', 'utf8'));
for (const target of Object.keys(targets)) {
  const { error, stderr } = await asc.main(['--target', target]);
  if (error) {
    console.error(stderr.toString().trim());
    process.exit(1);
  }
}
