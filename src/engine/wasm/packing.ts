// How buffers lie in WASM memory, the same as in assembly/layout.ts, and back to the plan's logical layout.
import { type BufferSpec, bytesOf, sizeOf, type TypedArray, typedArray } from '../../network/plan.ts';

/**
 * `plain`: as the plan has it, padded to vectors; `vector`: [n] padded to a panel; `panels`: [inputs, units]
 * as panels of 8 units; `blocks`: [rows, n] as blocks of 6 rows; `gradient`: [rows, n] as panels, and then as
 * blocks. `byte panels`: [units, inputs], four inputs to a word, whose words lie as panels; `byte blocks`: [rows, n],
 * whose words of four columns lie as blocks.
 */
export type Packing = 'plain' | 'vector' | 'panels' | 'blocks' | 'gradient' | 'byte panels' | 'byte blocks';

/** Rows of a block and units of a panel. */
export const BLOCK = 6;
const PANEL = 8;

const CACHE_LINE = 64;

/** A strip of six inputs may be read past the last input of the last block. */
const BLOCK_SLACK_BYTES = BLOCK * BLOCK * 4;

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Floats from one block of `columns` columns to the next: an odd number of cache lines. */
function blockStride(columns: number): number {
  const lines = roundUp(roundUp(columns, PANEL) * BLOCK * 4, CACHE_LINE) / CACHE_LINE;
  return ((lines | 1) * CACHE_LINE) / 4;
}

/** Bytes that a buffer takes. */
export function packedBytes(packing: Packing, spec: BufferSpec): number {
  const [rows, columns] = spec.shape;
  switch (packing) {
    case 'plain':
      return roundUp(bytesOf(spec), 16);
    case 'vector':
      return 4 * roundUp(rows, PANEL);
    case 'panels':
      return 4 * rows * roundUp(columns, PANEL);
    case 'blocks':
      return 4 * Math.ceil(rows / BLOCK) * blockStride(columns) + BLOCK_SLACK_BYTES;
    case 'gradient':
      return 4 * panelFloats(rows, columns) + packedBytes('blocks', spec);
    case 'byte panels':
      return 4 * words(columns) * roundUp(rows, PANEL);
    case 'byte blocks':
      return 4 * Math.ceil(rows / BLOCK) * blockStride(words(columns));
  }
}

/** Words of so many bytes. */
function words(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/** Floats of a gradient's panels. */
function panelFloats(rows: number, columns: number): number {
  return roundUp(rows, BLOCK) * roundUp(columns, PANEL);
}

/** Where a matrix lies among elements of its type: (i, j) at `rows[i] + columns[j]`. */
interface Placement {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

function placements(packing: Packing, [rows, columns]: readonly number[]): Placement[] {
  switch (packing) {
    case 'panels':
      return [inPanels(rows, columns, rows)];
    case 'blocks':
      return [inBlocks(rows, columns, 0)];
    case 'gradient': {
      const panels = inPanels(rows, columns, roundUp(rows, BLOCK));
      return [panels, inBlocks(rows, columns, panelFloats(rows, columns))];
    }
    case 'byte panels': {
      const placed = inPanels(words(columns), rows, words(columns));
      return [{ rows: bytesOfWords(placed.columns, 1), columns: bytesOfWords(placed.rows, 4, columns) }];
    }
    case 'byte blocks': {
      const placed = inBlocks(rows, words(columns), 0);
      return [{ rows: bytesOfWords(placed.rows, 1), columns: bytesOfWords(placed.columns, 4, columns) }];
    }
    default:
      return [];
  }
}

/** @param height rows that a panel has room for */
function inPanels(rows: number, columns: number, height: number): Placement {
  return {
    rows: offsets(rows, (i) => i * PANEL),
    columns: offsets(columns, (j) => Math.floor(j / PANEL) * height * PANEL + (j % PANEL)),
  };
}

/** @param begin the place of the first block */
function inBlocks(rows: number, columns: number, begin: number): Placement {
  const stride = blockStride(columns);
  return {
    rows: offsets(rows, (i) => begin + Math.floor(i / BLOCK) * stride + (i % BLOCK)),
    columns: offsets(columns, (j) => j * BLOCK),
  };
}

function offsets(count: number, at: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => at(index));
}

/** The places of the first `each` bytes of every word, `count` in all. */
function bytesOfWords(places: readonly number[], each: number, count = places.length): number[] {
  return offsets(count, (index) => 4 * places[Math.floor(index / each)] + (index % each));
}

/** @param memory the buffer's bytes as elements of its type */
export function pack(packing: Packing, spec: BufferSpec, data: TypedArray, memory: TypedArray): void {
  if (packing === 'plain' || packing === 'vector') {
    memory.set(data);
    return;
  }
  const width = spec.shape[1];
  for (const { rows, columns } of placements(packing, spec.shape)) {
    // Tables of places, since this runs once before a first step, when no compiler has seen it yet.
    for (let i = 0; i * width < data.length; i++) {
      const first = i * width;
      const count = Math.min(width, data.length - first);
      const row = rows[i];
      for (let j = 0; j < count; j++) memory[row + columns[j]] = data[first + j];
    }
  }
}

/** @returns a copy in the plan's logical layout */
export function unpack(packing: Packing, spec: BufferSpec, memory: TypedArray): TypedArray {
  const size = sizeOf(spec);
  if (packing === 'plain' || packing === 'vector') return memory.slice(0, size);
  const [{ rows, columns }] = placements(packing, spec.shape);
  const values = typedArray(spec.type, size);
  let index = 0;
  for (const row of rows) for (const column of columns) values[index++] = memory[row + column];
  return values;
}
