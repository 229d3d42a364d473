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

/** Element (i, j) of a matrix to its place among floats. */
type Place = (i: number, j: number) => number;

function places(packing: Packing, [rows, columns]: readonly number[]): Place[] {
  const inPanels =
    (height: number): Place =>
    (i, j) =>
      Math.floor(j / PANEL) * height * PANEL + i * PANEL + (j % PANEL);
  const inBlocks =
    (begin: number, width = columns): Place =>
    (i, j) =>
      begin + Math.floor(i / BLOCK) * blockStride(width) + j * BLOCK + (i % BLOCK);
  const word = (j: number) => Math.floor(j / 4);
  switch (packing) {
    case 'panels':
      return [inPanels(rows)];
    case 'blocks':
      return [inBlocks(0)];
    case 'gradient':
      return [inPanels(roundUp(rows, BLOCK)), inBlocks(panelFloats(rows, columns))];
    case 'byte panels': {
      const place = inPanels(words(columns));
      return [(unit, input) => 4 * place(word(input), unit) + (input % 4)];
    }
    case 'byte blocks': {
      const place = inBlocks(0, words(columns));
      return [(row, column) => 4 * place(row, word(column)) + (column % 4)];
    }
    default:
      return [];
  }
}

/** @param memory the buffer's bytes as elements of its type */
export function pack(packing: Packing, spec: BufferSpec, data: TypedArray, memory: TypedArray): void {
  if (packing === 'plain' || packing === 'vector') {
    memory.set(data);
    return;
  }
  const columns = spec.shape[1];
  for (const place of places(packing, spec.shape)) {
    for (let index = 0; index < data.length; index++) {
      memory[place(Math.floor(index / columns), index % columns)] = data[index];
    }
  }
}

/** @returns a copy in the plan's logical layout */
export function unpack(packing: Packing, spec: BufferSpec, memory: TypedArray): TypedArray {
  const size = sizeOf(spec);
  if (packing === 'plain' || packing === 'vector') return memory.slice(0, size);
  const columns = spec.shape[1];
  const [place] = places(packing, spec.shape);
  const values = typedArray(spec.type, size);
  for (let index = 0; index < size; index++)
    values[index] = memory[place(Math.floor(index / columns), index % columns)];
  return values;
}
