// One AssemblyScript kernel compiled by itself, in about a second.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import type { KernelName } from '../../src/network/kernels.ts';

const ENTRY = 'assembly/entry_of_one_kernel.ts';

/**
 * The kernel and the barrier, for one thread and without relaxed SIMD.
 * @param texts in place of the files at these paths
 * @throws Error with what the compiler says
 */
export async function compileKernel(
  kernel: KernelName,
  texts: { readonly [path: string]: string } = {},
): Promise<WebAssembly.Module> {
  const exports = [kernel, 'barrier'].map((name) => `export { ${name} } from './${name}';\n`);
  const files: { readonly [path: string]: string } = { [ENTRY]: exports.join(''), ...texts };
  let binary: Uint8Array | undefined;
  const options = ['--runtime', 'stub', '--importMemory', '--enable', 'simd', '-O1', '--noAssert'];
  const { error, stderr } = await asc.main([ENTRY, '--outFile', 'kernel.wasm', ...options], {
    readFile: (name) => files[name] ?? read(name),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') binary = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(stderr.toString());
  return WebAssembly.compile(binary as Uint8Array<ArrayBuffer>);
}

/** A file's text, or null as the compiler wants it. */
function read(name: string): string | null {
  try {
    return readFileSync(name, 'utf8');
  } catch {
    return null;
  }
}
