// Each product of the WebGPU engine in each of its tilings for GPUs, as a GPU's compiler sees it.
import type { Compiled, CompiledKernel } from '../../src/bench/compiled.ts';
import { WGSL_PRODUCTS, type WgslProduct } from '../../src/engine/webgpu/kernels/index.ts';
import type { Tile } from '../../src/engine/webgpu/kernels/tiles.ts';
import { WGSL_SOURCES } from '../../src/engine/webgpu/shader_sources.ts';
import { specialise } from '../../src/engine/webgpu/shaders.ts';
import { accountOf } from './account.ts';
import { compileToSpirv, type Source } from './dawn.ts';
import { compileFor, FAMILIES } from './radv.ts';

interface Candidate extends Source {
  readonly kernel: string;
  /** Empty for a peer's. */
  readonly tiling: string;
}

/** With AdamW behind the weight gradient, the longest of its last lines. */
const OVERRIDES: { readonly [P in WgslProduct]?: { readonly [override: string]: number } } = {
  dense_backward_weight: { OPTIMIZER: 2 },
};

/** In float32 alone: Dawn compiles float16 on adapters that have it, and no processor's has. */
function ownProducts(): Candidate[] {
  return (Object.keys(WGSL_PRODUCTS) as WgslProduct[]).flatMap((kernel) =>
    (WGSL_PRODUCTS[kernel].variants as readonly Tile[])
      // For processors.
      .filter(({ name }) => name !== 'registers')
      .map(({ name, shader, constants = {} }) => ({
        kernel,
        tiling: name,
        wgsl: specialise(WGSL_SOURCES[shader], constants),
        overrides: OVERRIDES[kernel],
      })),
  );
}

/** Products of other libraries, by their names, are compiled in the same way. */
export async function compileAll(
  others: readonly (Source & { readonly kernel: string })[] = [],
): Promise<Compiled> {
  const all: Candidate[] = [...ownProducts(), ...others.map((other) => ({ tiling: '', ...other }))];
  const spirv = await compileToSpirv(all);
  const kernels = FAMILIES.flatMap((family) =>
    compileFor(family, spirv).map((code, index): CompiledKernel => {
      const { kernel, tiling } = all[index];
      return { kernel, tiling, family, ...accountOf(code) };
    }),
  );
  return { schema: 'mnist-kernels/compiled@1', kernels };
}
