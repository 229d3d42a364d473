// What every kernel's test does: hold the kernel against the oracle on every engine that Node has, and plant
// errors in copies of its sources to see that the comparison notices them. (Browsers do the former in
// test/browser.)
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { open } from '../../src/engine/open.ts';
import { WASM_BUILDS } from '../../src/engine/wasm/builds.ts';
import { WasmEngine } from '../../src/engine/wasm/engine.ts';
import { tilingsOf } from '../../src/engine/webgpu/select.ts';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';
import { inPackedProducts } from '../../src/engine/webgpu/shaders.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { KernelName } from '../../src/network/kernels.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { checkKernel, type KernelResult } from '../../src/validation/check_kernel.ts';
import { PLANTED, plantedInShaders } from '../../src/validation/planted/planted.ts';
import { PlantableEngines } from '../engine/planted.ts';
import { compileKernel } from './compile.ts';

// Node 20 has these instructions behind a flag.
setFlagsFromString('--experimental-wasm-relaxed-simd');

export function describeKernel(kernel: KernelName): void {
  describe(kernel, () => {
    const webgpu = new PlantableEngines();
    afterAll(() => webgpu.dispose());
    const isProduct = tilingsOf(kernel).length > 0;
    const tilings = isProduct ? tilingsOf(kernel) : (['registers'] as const);
    it.each(tilings)('webgpu %s is within its error bound on every shape', async (tiling) => {
      expect(await failuresOf(kernel, await webgpu.engine(tiling))).toEqual([]);
    });

    if (WGSL_SOURCES[kernel] !== inPackedProducts(WGSL_SOURCES[kernel])) {
      it('webgpu with products of four bytes is exact on every shape', async () => {
        const { engine } = await open(nodeHost(), { backend: 'webgpu', packedProducts: true });
        try {
          expect(await failuresOf(kernel, engine)).toEqual([]);
        } finally {
          engine.dispose();
        }
      });
    }

    it.each(WASM_BUILDS)('wasm %s is within its error bound on every shape', async (build) => {
      // Three threads do not divide most shapes evenly.
      const threads = build.endsWith('threads') ? 3 : 1;
      const { engine } = await open(nodeHost(), { backend: 'wasm', build, threads });
      try {
        expect(await failuresOf(kernel, engine)).toEqual([]);
      } finally {
        engine.dispose();
      }
    });

    for (const { shader, tiling, errors } of plantedInShaders(kernel)) {
      it.each(errors)(`${shader}.wgsl: $what is noticed`, async ({ from, to }) => {
        const error = { file: shader, tiling, from, to };
        expect(await webgpu.withError(error, (engine) => isNoticed(kernel, engine))).toBe(true);
      });
    }

    it.each(PLANTED[kernel].assembly)(
      'AssemblyScript: $what is noticed',
      async ({ file = kernel, from, to }) => {
        const path = `assembly/${file}.ts`;
        const source = readFileSync(path, 'utf8');
        expect(source).toContain(from);
        const module = await compileKernel(kernel, { [path]: source.replace(from, to) });
        const engine = new WasmEngine(nodeHost(), 'simd', module, 1);
        try {
          expect(await isNoticed(kernel, engine)).toBe(true);
        } finally {
          engine.dispose();
        }
      },
    );
  });
}

async function failuresOf(kernel: KernelName, engine: Engine): Promise<KernelResult[]> {
  const results = [];
  for (const kernelCase of casesOf(kernel))
    results.push(await checkKernel(engine, kernelCase.kernel, kernelCase));
  return results.filter(({ pass }) => !pass);
}

/** Whether any shape fails. */
async function isNoticed(kernel: KernelName, engine: Engine): Promise<boolean> {
  for (const kernelCase of casesOf(kernel)) {
    if (!(await checkKernel(engine, 'mutant', kernelCase)).pass) return true;
  }
  return false;
}
