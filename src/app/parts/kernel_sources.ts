// The sources of kernels as they are in the repository; each loads when it is shown.
import type { KernelName } from '../../network/kernels.ts';

const FILES = import.meta.glob<string>(['../../../shaders/*.wgsl', '../../../assembly/*.ts'], {
  query: '?raw',
  import: 'default',
});

/** The instructions of the WASM builds with relaxed SIMD, as text. */
const INSTRUCTIONS = import.meta.glob<string>('../../../build/{relaxed,int8_relaxed}.wat', {
  query: '?raw',
  import: 'default',
});

/** @param path "shaders/sgd.wgsl", "assembly/tile.ts" */
export async function sourceOf(path: string): Promise<string> {
  const load = FILES[`../../../${path}`];
  if (!load) throw new Error(`there is no ${path}`);
  return load();
}

/** Files in which AssemblyScript kernels share their innermost loops. */
const SHARED: { readonly [K in KernelName]?: readonly string[] } = {
  dense_forward: ['tile', 'activation'],
  dense_backward_weight: ['tile'],
  dense_backward_input: ['tile', 'activation'],
  softmax_cross_entropy: ['exponential'],
  sgd: ['update'],
  adamw: ['update'],
  distort: ['random'],
  dense_forward_int8: ['int8'],
  dense_output_int8: ['dense_forward_int8', 'int8'],
};

/** The AssemblyScript of a kernel: its own file first. */
export function assemblyFiles(kernel: KernelName): string[] {
  return [kernel, ...(SHARED[kernel] ?? [])].map((name) => `assembly/${name}.ts`);
}

/** What the AssemblyScript compiler made of a kernel's files: its own functions first. */
export async function instructionsOf(kernel: KernelName): Promise<string> {
  const build = kernel.endsWith('int8') ? 'int8_relaxed' : 'relaxed';
  const text = await INSTRUCTIONS[`../../../build/${build}.wat`]();
  const functions = text.split(/\n(?= \(func )/).filter((each) => each.startsWith(' (func $assembly/'));
  const files = assemblyFiles(kernel).map((path) => path.replace(/\.ts$/, ''));
  return files
    .flatMap((file) => functions.filter((each) => each.startsWith(` (func $${file}/`)))
    .map((each) => each.replace(/^ /gm, '').replace(/\n\)\s*$/, '\n)'))
    .join('\n\n');
}
