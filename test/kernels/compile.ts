// AssemblyScript compiled by itself, in about a second: one kernel, or what else a test looks at.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import type { KernelName } from '../../src/network/kernels.ts';

const ENTRY = 'assembly/entry_of_a_test.ts';

/** Texts in place of the files at these paths. */
export interface Texts {
  readonly [path: string]: string;
}

/**
 * The kernel and the barrier, for one thread and without relaxed SIMD.
 * @throws Error with what the compiler says
 */
export function compileKernel(kernel: KernelName, texts: Texts = {}): Promise<WebAssembly.Module> {
  const exports = [kernel, 'barrier'].map((name) => `export { ${name} } from './${name}';\n`);
  return compileEntry(exports.join(''), texts);
}

/**
 * @param entry the text of a file in assembly/ that exports what is wanted
 * @param features of WebAssembly beside SIMD; with threads, the memory is shared and has one page
 * @throws Error with what the compiler says
 */
export async function compileEntry(
  entry: string,
  texts: Texts = {},
  ...features: readonly 'threads'[]
): Promise<WebAssembly.Module> {
  const files: Texts = { [ENTRY]: entry, ...texts };
  let binary: Uint8Array | undefined;
  const options = [
    '--runtime',
    'stub',
    '--importMemory',
    '--enable',
    ['simd', ...features].join(),
    '-O1',
    '--noAssert',
  ];
  if (features.length > 0) options.push('--sharedMemory', '--initialMemory', '1', '--maximumMemory', '1');
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
