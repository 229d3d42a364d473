// The steps of the guided path: each computes dense_forward within its bounds.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PATH, PATH_VARIANT } from '../../src/app/kernels/path/path.ts';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { checkKernel } from '../../src/validation/check_kernel.ts';

const FOLDER = 'src/app/kernels/path';
const { name: tiling, shader } = PATH_VARIANT;

/** Every third of them, and the largest. */
const CASES = casesOf('dense_forward').filter((_, index) => index % 3 === 0 || index === 74);

async function failures(text: string, most = CASES.length): Promise<string[]> {
  const engine = await openWebgpu(nodeHost(), { tiling, shaders: { [shader]: text }, guarded: true });
  const failed: string[] = [];
  try {
    for (const each of CASES.slice(0, most)) {
      if (!(await checkKernel(engine, tiling, each)).pass) failed.push(each.shape);
    }
  } finally {
    engine.dispose();
  }
  return failed;
}

describe('the guided path', () => {
  const files = PATH.flatMap(({ file }) => (file ? [file] : []));

  it('has a file for each step but the last', () => {
    expect(readdirSync(FOLDER).filter((name) => name.endsWith('.wgsl'))).toEqual(
      files.map((file) => `${file}.wgsl`),
    );
    expect(PATH.at(-1)!.file).toBeUndefined();
  });

  it.each(files)('%s is within its error bound', async (file) => {
    const text = readFileSync(`${FOLDER}/${file}.wgsl`, 'utf8');
    expect(await failures(text)).toEqual([]);
    expect(await failures(text.replace(/sum(s\[0\])? \+= /, 'sum$1 -= '), 3)).not.toEqual([]);
  });
});
