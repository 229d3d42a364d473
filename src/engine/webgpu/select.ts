// Which variant of a kernel runs: by the shape of a product, and by what the device is.
import { KERNEL_NAMES, type KernelName } from '../../network/kernels.ts';
import type { WebgpuOptions } from './engine.ts';
import {
  isProduct,
  WGSL_PRODUCTS,
  type WgslCall,
  type WgslKernelName,
  type WgslProduct,
  wgslKernel,
} from './kernels/index.ts';
import type { Variant } from './kernels/kernel.ts';
import type { Tile, Tiling } from './kernels/tiles.ts';
import type { Precision } from './shaders.ts';

/** What the choice depends on beside the call. */
export interface Capabilities {
  /** The adapter runs on the processor. */
  readonly software: boolean;
  readonly precision: Precision;
}

/**
 * So many workgroups keep a GPU's processors busy: of `128x128`, whose workgroups have four times the
 * invocations of the others', and of the others with 8 × 8 and 4 × 4 sums an invocation (bench/NOTES.md).
 */
const ENOUGH_WORKGROUPS = [
  ['128x128', 128],
  ['64x64', 256],
  ['32x32', 64],
] as const satisfies readonly (readonly [Tiling, number])[];

/** Those that a kernel has in the precision; none if it is no product. */
export function tilingsOf(kernel: WgslKernelName, precision: Precision = 'float32'): readonly Tiling[] {
  if (!isProduct(kernel)) return [];
  return tiles(kernel)
    .filter(({ mixed }) => mixed || precision === 'float32')
    .map(({ name }) => name);
}

/** The variants that run a file of shaders/, each with the kernel of the table that it is of. */
export function variantsOfShader(shader: string): { kernel: KernelName; variant: Variant }[] {
  return KERNEL_NAMES.flatMap((kernel) =>
    wgslKernel(kernel)
      .variants.filter((variant) => variant.shader === shader)
      .map((variant) => ({ kernel, variant })),
  );
}

/** The options of an engine that runs a variant of a kernel by itself, as its text stands. */
export function optionsOf(
  kernel: KernelName,
  { name }: Variant,
): Pick<WebgpuOptions, 'tiling' | 'software' | 'packedProducts'> {
  const tiling = isProduct(kernel) ? (name as Tiling) : undefined;
  return { tiling, software: tiling === undefined || tiling === 'registers', packedProducts: false };
}

/**
 * @param tiling wanted of all products; those that lack it take 32x32
 * @param rows of the batch
 */
export function selectVariant(
  call: WgslCall,
  rows: number,
  capabilities: Capabilities,
  tiling?: Tiling,
): Variant {
  const { kernel } = call;
  if (isProduct(kernel)) return tileOf(kernel, tiling ?? fittingTiling(call, rows, capabilities));
  const { variants } = wgslKernel(kernel);
  // The last is a processor's, where there are two.
  return variants[capabilities.software ? variants.length - 1 : 0];
}

function tiles(product: WgslProduct): readonly Tile[] {
  return WGSL_PRODUCTS[product].variants;
}

function tileOf(product: WgslProduct, tiling: Tiling): Tile {
  const named = (name: Tiling) => tiles(product).find((tile) => tile.name === name);
  return named(tiling) ?? named('32x32')!;
}

function fittingTiling(call: WgslCall, rows: number, { software, precision }: Capabilities): Tiling {
  if (software && precision === 'float32') return 'registers';
  const product = call.kernel as WgslProduct;
  const workgroups = (tiling: Tiling) => {
    const [x, y] = WGSL_PRODUCTS[product].grid(call, tileOf(product, tiling))(rows);
    return x * y;
  };
  const [enough] = ENOUGH_WORKGROUPS.find(([tiling, least]) => workgroups(tiling) >= least) ?? ['split'];
  return enough;
}
