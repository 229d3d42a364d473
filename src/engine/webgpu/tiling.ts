// The selection table: which variant of a product's kernel runs for which shape on which adapter.
import type { WgslKernelName, WgslSources } from './kernels.ts';

/**
 * `wide`: 16 × 8 sums in the registers of each invocation, no workgroup memory; `large`: tiles of 64 × 64 staged in
 * workgroup memory; `small`: tiles of 32 × 32, the sum taken in four parts side by side.
 */
export const TILINGS = ['wide', 'large', 'small'] as const;
export type Tiling = (typeof TILINGS)[number];

interface Variant {
  /** Of a product's shader: "_wide" names another file. */
  readonly suffix: '' | '_wide';
  /** Named constants that are set. */
  readonly constants: { readonly [name: string]: number };
  /** Columns (units; of dense_backward_input inputs) and rows (of dense_backward_weight inputs) of a workgroup. */
  readonly columns: number;
  readonly rows: number;
  /** As `rows`, of dense_backward_weight. */
  readonly inputs: number;
}

export const VARIANTS: { readonly [T in Tiling]: Variant } = {
  wide: { suffix: '_wide', constants: {}, columns: 32, rows: 32, inputs: 16 },
  large: { suffix: '', constants: { TILE: 64, SLICES: 1 }, columns: 64, rows: 64, inputs: 64 },
  small: { suffix: '', constants: { TILE: 32, SLICES: 4 }, columns: 32, rows: 32, inputs: 32 },
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

/**
 * @param outputs rows and columns of the product, summed over the layers that one dispatch computes
 * @param software whether the adapter runs on the processor
 */
export function selectTiling(outputs: readonly (readonly [number, number])[], software: boolean): Tiling {
  if (software) return 'wide';
  const { rows, columns } = VARIANTS.large;
  const workgroups = outputs.reduce((sum, [r, c]) => sum + Math.ceil(r / rows) * Math.ceil(c / columns), 0);
  return workgroups >= ENOUGH_WORKGROUPS ? 'large' : 'small';
}

/** A shader's source with its named constants set. */
export function specialise(source: string, constants: { readonly [name: string]: number }): string {
  return Object.entries(constants).reduce((text, [name, value]) => {
    const declaration = new RegExp(`const ${name}: u32 = \\d+;`);
    if (!declaration.test(text)) throw new Error(`the shader has no constant ${name}`);
    return text.replace(declaration, `const ${name}: u32 = ${value};`);
  }, source);
}

/** The source of a kernel's variant. */
export function sourceOf(sources: WgslSources, kernel: WgslKernelName, tiling: Tiling): string {
  if (kernel === 'output_layer') return sources[tiling === 'wide' ? 'output_layer_wide' : kernel];
  if (!isProduct(kernel)) return sources[kernel];
  const { suffix, constants } = VARIANTS[tiling];
  return specialise(sources[`${kernel}${suffix}`], constants);
}
