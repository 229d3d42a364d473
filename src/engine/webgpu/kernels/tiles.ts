// The tilings of products: what a workgroup and each of its invocations compute of the output.
import type { Variant } from './kernel.ts';

/**
 * `registers`: 16 × 8 sums in the registers of each invocation and no workgroup memory, for processors. The
 * others are named by the tile of a workgroup and stage the operands in workgroup memory: `128x128` and
 * `64x64` with 8 × 8 sums an invocation, `32x32` with 4 × 4, each taken in four parts side by side (split-K
 * within a workgroup). `split`: tiles of 16 × 16 straight from the buffers, each sum in sixteen parts.
 */
export const TILINGS = ['registers', '128x128', '64x64', '32x32', 'split'] as const;
export type Tiling = (typeof TILINGS)[number];

export interface Tile extends Variant {
  readonly name: Tiling;
  /** Of a workgroup. */
  readonly columns: number;
  readonly rows: number;
  /** Has float16 in place of the type `scalar`. */
  readonly mixed: boolean;
}

/** The variants of a product whose shaders begin with its name. */
export function tilesOf(kernel: string, { registerRows = 32, split = false } = {}): readonly Tile[] {
  const eights = { shader: `${kernel}_8x8`, mixed: true };
  const tiles: Tile[] = [
    {
      name: 'registers',
      shader: `${kernel}_registers`,
      columns: 32,
      rows: registerRows,
      mixed: false,
    },
    { name: '128x128', ...eights, constants: { COLUMNS: 16, ROWS: 16 }, columns: 128, rows: 128 },
    { name: '64x64', ...eights, constants: { COLUMNS: 8, ROWS: 8 }, columns: 64, rows: 64 },
    { name: '32x32', shader: kernel, columns: 32, rows: 32, mixed: true },
  ];
  if (split) tiles.push({ name: 'split', shader: `${kernel}_split`, columns: 16, rows: 16, mixed: true });
  return tiles;
}
