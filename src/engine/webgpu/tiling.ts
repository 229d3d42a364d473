// The selection table: which variant of a product's kernel runs for which shape on which adapter.
import type { WgslKernelName, WgslSources } from './kernels.ts';

/**
 * `wide`: 16 × 8 sums in the registers of each invocation, no workgroup memory; `large`: tiles of 64 × 64
 * staged in workgroup memory; `small`: tiles of 32 × 32, the sum taken in four parts side by side.
 */
export const TILINGS = ['wide', 'large', 'small'] as const;
export type Tiling = (typeof TILINGS)[number];

interface Variant {
  /** The end of the shader's name: "_wide" is another file. */
  readonly suffix: '' | '_wide';
  /** Named constants that are set. */
  readonly constants: { readonly [name: string]: number };
  /**
   * Columns (units; of dense_backward_input inputs) and rows (of dense_backward_weight inputs) of a
   * workgroup.
   */
  readonly columns: number;
  readonly rows: number;
  /** As `rows`, of dense_backward_weight. */
  readonly inputs: number;
  /** Bytes of workgroup memory. */
  readonly memory: number;
}

/**
 * What products are computed of. `mixed`: of float16, with float32 sums, weights and optimizer; it needs a
 * device with the feature shader-f16.
 */
export const PRECISIONS = ['float32', 'mixed'] as const;
export type Precision = (typeof PRECISIONS)[number];

export const VARIANTS: { readonly [T in Tiling]: Variant } = {
  wide: { suffix: '_wide', constants: {}, columns: 32, rows: 32, inputs: 16, memory: 0 },
  large: { suffix: '', constants: { TILE: 64, SLICES: 1 }, columns: 64, rows: 64, inputs: 64, memory: 8224 },
  small: {
    suffix: '',
    constants: { TILE: 32, SLICES: 4 },
    columns: 32,
    rows: 32,
    inputs: 32,
    memory: 18_432,
  },
};

/** The kernels that have variants. */
export const PRODUCTS = [
  'gather_dense_forward',
  'dense_forward',
  'dense_backward_input',
  'dense_backward_weight',
] as const satisfies readonly WgslKernelName[];
export type Product = (typeof PRODUCTS)[number];

export function isProduct(kernel: WgslKernelName): kernel is Product {
  return (PRODUCTS as readonly string[]).includes(kernel);
}

/** Large tiles need at least so many workgroups to keep a GPU's processors busy. */
const ENOUGH_WORKGROUPS = 64;

/** What the choice depends on beside the shape. */
export interface Capabilities {
  /** The adapter runs on the processor. */
  readonly software: boolean;
  readonly precision: Precision;
  /** maxComputeWorkgroupStorageSize. */
  readonly workgroupMemory: number;
}

/** @param outputs rows and columns of the product, summed over the layers that one dispatch computes */
export function selectTiling(
  outputs: readonly (readonly [number, number])[],
  { software, precision, workgroupMemory }: Capabilities,
): Tiling {
  if (software && precision === 'float32') return 'wide';
  const { rows, columns } = VARIANTS.large;
  const workgroups = outputs.reduce((sum, [r, c]) => sum + Math.ceil(r / rows) * Math.ceil(c / columns), 0);
  return workgroups >= ENOUGH_WORKGROUPS || workgroupMemory < VARIANTS.small.memory ? 'large' : 'small';
}

/** A shader's source with its named constants set. */
export function specialise(source: string, constants: { readonly [name: string]: number }): string {
  return Object.entries(constants).reduce((text, [name, value]) => {
    const declaration = new RegExp(`const ${name}: u32 = \\d+;`);
    if (!declaration.test(text)) throw new Error(`the shader has no constant ${name}`);
    return text.replace(declaration, `const ${name}: u32 = ${value};`);
  }, source);
}

/**
 * On a processor each invocation of a workgroup is a coroutine, and each barrier switches between all of
 * them.
 */
const SOFTWARE_DISTORT = { WORKGROUP: 64 };

/** The source of a kernel's variant. */
export function sourceOf(
  sources: WgslSources,
  kernel: WgslKernelName,
  tiling: Tiling,
  precision: Precision,
): string {
  if (kernel === 'output_layer') return sources[tiling === 'wide' ? 'output_layer_wide' : kernel];
  if (kernel === 'distort' && tiling === 'wide') return specialise(sources.distort, SOFTWARE_DISTORT);
  if (!isProduct(kernel)) return sources[kernel];
  const { suffix, constants } = VARIANTS[tiling];
  const source = specialise(sources[`${kernel}${suffix}`], constants);
  return precision === 'mixed' ? inFloat16(source) : source;
}

/** The shader with float16 in place of the type `scalar`. */
export function inFloat16(source: string): string {
  const alias = 'alias scalar = f32;';
  if (!source.includes(alias)) throw new Error('the shader has no scalar type to swap');
  return `enable f16;\n${source.replace(alias, 'alias scalar = f16;')}`;
}
