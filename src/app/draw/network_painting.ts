// The parts of the picture of a network, on a canvas whose unit is a pixel of the page.
import { type Block, corner, middle } from './network_layout.ts';
import type { Connection } from './paths.ts';

/** Brightness that the eye takes for the same. */
export const SAME = 1 / 256;
export const MOST_LABEL_WIDTH = 96;
/** Cells smaller than this touch one another. */
const SPACED_CELL = 5;
/** Lower cells have no room for a name. */
const NAMED_CELL = 11;

/** The ground of an image or a layer. */
export function paintFrame(
  context: CanvasRenderingContext2D,
  block: Block,
  fill: string,
  stroke: string,
): void {
  const { x, y, cell, columns, count } = block;
  const [width, height] = [cell * columns, cell * Math.ceil(count / columns)];
  context.fillStyle = fill;
  context.strokeStyle = stroke;
  context.beginPath();
  context.roundRect(x - 2, y - 2, width + 4, height + 4, 4);
  context.fill();
  context.stroke();
}

/** Cells in two colours, opaque at 1 and −1. */
export function paintCells(
  context: CanvasRenderingContext2D,
  block: Block,
  values: Float32Array,
  colours: { readonly plus: string; readonly minus: string },
): void {
  const gap = block.spaced && block.cell >= SPACED_CELL ? 1 : 0;
  for (const [index, value] of values.entries()) {
    if (Math.abs(value) < SAME) continue;
    const [x, y] = corner(block, index);
    context.globalAlpha = Math.min(1, Math.abs(value));
    context.fillStyle = value > 0 ? colours.plus : colours.minus;
    context.fillRect(x, y, block.cell - gap, block.cell - gap);
  }
  context.globalAlpha = 1;
}

/** The stronger, the thicker; each layer by itself. */
export function paintPaths(
  context: CanvasRenderingContext2D,
  blocks: readonly Block[],
  paths: readonly Connection[],
  stroke: string,
): void {
  context.strokeStyle = stroke;
  const strongest: number[] = [];
  for (const { layer, strength } of paths) strongest[layer] = Math.max(strongest[layer] ?? 0, strength);
  for (const { layer, from, to, strength } of paths) {
    const [fromX, fromY] = middle(blocks[layer], from);
    const [toX, toY] = middle(blocks[layer + 1], to);
    const between = (fromX + toX) / 2;
    context.globalAlpha = 0.15 + (0.5 * strength) / strongest[layer];
    context.lineWidth = 0.75 + (1.25 * strength) / strongest[layer];
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.bezierCurveTo(between, fromY, between, toY, toX, toY);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** @param colour of the style sheet */
export function paintAnswers(
  context: CanvasRenderingContext2D,
  block: Block,
  probabilities: Float32Array,
  names: readonly string[],
  predicted: number | undefined,
  colour: (name: string) => string,
): void {
  const margin = block.cell > SPACED_CELL ? 0.1 * block.cell : 0;
  const side = block.cell - 2 * margin;
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  for (const [label, name] of names.entries()) {
    const [x, y] = corner(block, label);
    context.beginPath();
    context.roundRect(x + margin, y + margin, side, side, 0.2 * block.cell);
    context.fillStyle = colour('--well');
    context.fill();
    context.globalAlpha = probabilities[label];
    context.fillStyle = colour('--accent');
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = colour('--edge');
    context.stroke();
    const best = label === predicted;
    if (block.cell < NAMED_CELL && !best) continue;
    context.fillStyle = colour(best ? '--ink' : '--muted');
    context.fillText(name, x + block.cell + 6, y + block.cell / 2 + 1, MOST_LABEL_WIDTH);
  }
}

/** In the middle under each block, and within the picture. */
export function paintCaptions(
  context: CanvasRenderingContext2D,
  blocks: readonly Block[],
  captions: readonly string[],
  y: number,
): void {
  context.textAlign = 'center';
  for (const [index, caption] of captions.entries()) {
    const { x, cell, columns } = blocks[index];
    const half = context.measureText(caption).width / 2;
    context.fillText(caption, Math.max(half, x + (cell * columns) / 2), y);
  }
}

export function paintMark(
  context: CanvasRenderingContext2D,
  block: Block,
  index: number,
  stroke: string,
): void {
  const [x, y] = corner(block, index);
  context.strokeStyle = stroke;
  context.lineWidth = 2;
  context.strokeRect(x - 1, y - 1, block.cell + 1, block.cell + 1);
}
