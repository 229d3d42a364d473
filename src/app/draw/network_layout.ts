// Where the parts of a network stand in its picture, from left to right: the image, each hidden layer as a
// grid of units, and the answers below each other.
import type { Size } from '../../data/digit.ts';

/** Cells in rows, all of the same size. */
export interface Block {
  readonly x: number;
  readonly y: number;
  /** Side of a cell. */
  readonly cell: number;
  readonly columns: number;
  readonly count: number;
  /** With gaps between the cells, as an image has none. */
  readonly spaced: boolean;
}

export interface Place {
  /** 0 is the image. */
  readonly block: number;
  readonly index: number;
}

/** Room for the frame of a block, in pixels. */
const FRAME = 3;
/** Cells of a layer are no larger than this, in pixels. */
const LARGEST_CELL = 16;
const LARGEST_ANSWER = 28;
/** The widest that a hidden layer may be, as a share of the picture's height. */
const WIDEST = 0.5;

/**
 * @param picture in pixels
 * @param image in its own pixels
 * @param widths units of each hidden layer, and the classes
 * @param label width that is kept free beside the answers for what they are called
 */
export function layOut(picture: Size, image: Size, widths: readonly number[], label: number): Block[] {
  const [width, height] = [picture.width - 2 * FRAME, picture.height - 2 * FRAME];
  const hidden = widths.slice(0, -1);
  const classes = widths.at(-1)!;
  const gap = Math.max(12, 0.05 * width);
  const answer = Math.min(LARGEST_ANSWER, height / classes);
  // Whole, or thin gaps would show between the pixels.
  const pixel = Math.max(
    1,
    Math.round(Math.min((0.26 * width) / image.width, (0.6 * height) / image.height)),
  );
  const free = width - pixel * image.width - answer - label - gap * widths.length;
  const layer = Math.min(free / hidden.length, WIDEST * height);
  const sizes = [
    { cell: pixel, columns: image.width, count: image.width * image.height, spaced: false },
    ...hidden.map((count) => ({ ...grid(count, layer, height), count, spaced: true })),
    { cell: answer, columns: 1, count: classes, spaced: true },
  ];
  const taken = sizes.reduce((sum, { cell, columns }) => sum + cell * columns, label);
  const between = (width - taken) / widths.length;
  let x = FRAME;
  return sizes.map((size) => {
    const { cell, columns, count } = size;
    const y = Math.round(FRAME + (height - cell * Math.ceil(count / columns)) / 2);
    const block = { ...size, x: Math.round(x), y };
    x += cell * columns + between;
    return block;
  });
}

/** The largest cells of which so many fit. */
function grid(
  count: number,
  width: number,
  height: number,
): { readonly cell: number; readonly columns: number } {
  const fewest = Math.max(1, Math.ceil(Math.sqrt((count * width) / height)));
  const sizes = [Math.max(1, fewest - 1), fewest].map((columns) => ({
    columns,
    cell: Math.min(width / columns, height / Math.ceil(count / columns), LARGEST_CELL),
  }));
  return sizes[0].cell > sizes[1].cell ? sizes[0] : sizes[1];
}

/** The left upper corner of a cell. */
export function corner({ x, y, cell, columns }: Block, index: number): readonly [x: number, y: number] {
  return [x + cell * (index % columns), y + cell * Math.floor(index / columns)];
}

export function middle(block: Block, index: number): readonly [x: number, y: number] {
  const [x, y] = corner(block, index);
  return [x + block.cell / 2, y + block.cell / 2];
}

/** The cell at a point. */
export function cellAt(blocks: readonly Block[], x: number, y: number): Place | undefined {
  for (const [block, { x: left, y: top, cell, columns, count }] of blocks.entries()) {
    const column = Math.floor((x - left) / cell);
    const row = Math.floor((y - top) / cell);
    const index = row * columns + column;
    if (column >= 0 && column < columns && row >= 0 && index < count) return { block, index };
  }
  return undefined;
}

const STEPS: { readonly [key: string]: readonly [x: number, y: number] } = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/**
 * The cell beside another in the direction of an arrow key; across the gap between blocks, the nearest one.
 * @returns the same where there is none, undefined for another key
 */
export function cellBeside(blocks: readonly Block[], place: Place, key: string): Place | undefined {
  const step = STEPS[key];
  if (!step) return undefined;
  const block = blocks[place.block];
  const [x, y] = middle(block, place.index);
  const beside = cellAt([block], x + step[0] * block.cell, y + step[1] * block.cell);
  if (beside) return { ...beside, block: place.block };
  const next = place.block + step[0];
  // The image is no layer: its pixels are not pointed at.
  if (step[0] === 0 || next < 1 || next >= blocks.length) return place;
  return { block: next, index: nearest(blocks[next], x, y) };
}

function nearest(block: Block, x: number, y: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  for (let index = 0; index < block.count; index++) {
    const [left, top] = middle(block, index);
    const distance = (left - x) ** 2 + (top - y) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
