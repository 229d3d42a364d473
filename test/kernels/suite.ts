// What every kernel's test does: hold the kernel against the oracle on every engine that Node has, and plant errors in
// copies of its sources to see that the comparison notices them. (Browsers do the former in test/browser.)
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import asc from 'assemblyscript/asc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeHost } from '../../src/cli/host_node.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { type OpenOptions, open } from '../../src/engine/open.ts';
import { WASM_BUILDS } from '../../src/engine/wasm/builds.ts';
import { WasmEngine } from '../../src/engine/wasm/engine.ts';
import { openWebgpu } from '../../src/engine/webgpu/engine.ts';
import { WGSL_SOURCES, type WgslSources } from '../../src/engine/webgpu/kernels.ts';
import { TILINGS, type Tiling } from '../../src/engine/webgpu/tiling.ts';
import type { KernelName } from '../../src/network/kernels.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { checkKernel } from '../../src/validation/check_kernel.ts';

// Node 20 has these instructions behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

/** An error to plant: the first occurrence of `from` becomes `to`. */
export interface Mutation {
  readonly what: string;
  readonly from: string;
  readonly to: string;
}

export interface Mutations {
  /** In the kernel's own file, and in its `_wide` variant. */
  readonly wgsl: readonly Mutation[];
  readonly wide?: readonly Mutation[];
  readonly assembly: readonly (Mutation & { /** If not the kernel's own. */ readonly file?: string })[];
}

/** Three threads do not divide most shapes evenly. */
const ENGINES: readonly { name: string; options: OpenOptions }[] = [
  ...TILINGS.map((tiling) => ({
    name: `webgpu ${tiling}`,
    options: { backend: 'webgpu', tiling } as const,
  })),
  ...WASM_BUILDS.map((build) => ({
    name: `wasm ${build}`,
    options: { backend: 'wasm', build, threads: build.endsWith('threads') ? 3 : 1 } as const,
  })),
];

export function describeKernel(kernel: KernelName, mutations: Mutations): void {
  describe(kernel, () => {
    for (const { name, options } of ENGINES) {
      describe(name, () => {
        let engine: Engine;
        beforeAll(async () => {
          ({ engine } = await open(nodeHost(), options));
        });
        afterAll(() => engine.dispose());

        it('is within its error bound on every shape', async () => {
          const failed = [];
          for (const kernelCase of casesOf(kernel)) {
            const result = await checkKernel(engine, name, kernelCase);
            if (!result.pass) failed.push(result);
          }
          expect(failed).toEqual([]);
        });
      });
    }

    it.each(mutations.wgsl)('WGSL: $what is noticed', async ({ from, to }) => {
      expect(await isNoticedIn(kernel, 'small', from, to)).toBe(true);
    });

    it.each(mutations.wide ?? [])('WGSL, wide: $what is noticed', async ({ from, to }) => {
      expect(await isNoticedIn(`${kernel}_wide` as keyof WgslSources, 'wide', from, to)).toBe(true);
    });

    function isNoticedIn(file: keyof WgslSources, tiling: Tiling, from: string, to: string) {
      const mutant = { ...WGSL_SOURCES, [file]: plant(WGSL_SOURCES[file], from, to) };
      return openWebgpu(nodeHost(), { tiling }, mutant).then((engine) => isNoticed(kernel, engine));
    }

    it.each(mutations.assembly)('AssemblyScript: $what is noticed', async ({ file = kernel, from, to }) => {
      const path = `assembly/${file}.ts`;
      const module = await compile(kernel, path, plant(readFileSync(path, 'utf8'), from, to));
      expect(await isNoticed(kernel, new WasmEngine(nodeHost(), 'simd', module, 1))).toBe(true);
    });
  });
}

function plant(source: string, from: string, to: string): string {
  expect(source).toContain(from);
  return source.replace(from, to);
}

async function isNoticed(kernel: KernelName, engine: Engine): Promise<boolean> {
  try {
    for (const kernelCase of casesOf(kernel)) {
      if (!(await checkKernel(engine, 'mutant', kernelCase)).pass) return true;
    }
    return false;
  } finally {
    engine.dispose();
  }
}

/** Compiles one kernel and the barrier, with `text` in place of the file at `path`. */
async function compile(kernel: KernelName, path: string, text: string): Promise<WebAssembly.Module> {
  const entry = `export { ${kernel} } from './${kernel}';\nexport { barrier } from './barrier';\n`;
  const files: Record<string, string> = { 'assembly/mutant.ts': entry, [path]: text };
  let binary: Uint8Array | undefined;
  const options = ['--runtime', 'stub', '--importMemory', '--enable', 'simd', '--optimize', '--noAssert'];
  const { error, stderr } = await asc.main(['assembly/mutant.ts', '--outFile', 'mutant.wasm', ...options], {
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
