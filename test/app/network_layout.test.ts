// The picture of a network: every unit has a place of its own, within the picture, that a pointer finds and the
// arrow keys reach.
import { describe, expect, it } from 'vitest';
import { cellAt, cellBeside, corner, layOut, middle, type Place } from '../../src/app/draw/network_layout.ts';

const IMAGE = { width: 28, height: 28 };
const NETWORKS: readonly (readonly number[])[] = [
  [10],
  [4, 10],
  [128, 10],
  [512, 512, 10],
  [2000, 1500, 1000, 500, 10],
  [256, 47],
];
const PICTURES = [
  { width: 440, height: 480 },
  { width: 320, height: 240 },
  { width: 900, height: 260 },
];
const CASES = NETWORKS.flatMap((widths) => PICTURES.map((picture) => ({ widths, picture })));

describe.each(CASES)('the picture of $widths at $picture.width × $picture.height', ({ widths, picture }) => {
  const blocks = layOut(picture, IMAGE, widths, 30);

  it('has every part in order and within it', () => {
    expect(blocks.map(({ count }) => count)).toEqual([784, ...widths]);
    let right = 0;
    for (const { x, y, cell, columns, count } of blocks) {
      expect(x).toBeGreaterThan(right);
      right = x + cell * columns;
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y + cell * Math.ceil(count / columns)).toBeLessThanOrEqual(picture.height);
    }
    expect(right).toBeLessThanOrEqual(picture.width - 30);
  });

  it('finds each unit at its place, and none between the layers', () => {
    for (const [index, block] of blocks.entries()) {
      for (const unit of [0, 1, Math.floor(block.count / 2), block.count - 1]) {
        expect(cellAt(blocks, ...middle(block, unit))).toEqual({ block: index, index: unit });
      }
      expect(cellAt(blocks, block.x - 2, middle(block, 0)[1])).toBeUndefined();
    }
    expect(cellAt(blocks, 0, 0)).toBeUndefined();
  });

  it('is walked through by arrow keys from the first layer to the answers and back', () => {
    let place: Place = { block: 1, index: 0 };
    const walk = (key: string) => {
      for (let steps = 0; steps < 3000; steps++) {
        const next = cellBeside(blocks, place, key)!;
        if (next.block === place.block && next.index === place.index) return;
        place = next;
      }
    };
    walk('ArrowRight');
    expect(place.block).toBe(blocks.length - 1);
    walk('ArrowDown');
    expect(place.index).toBe(widths.at(-1)! - 1);
    walk('ArrowUp');
    expect(place.index).toBe(0);
    walk('ArrowLeft');
    expect(place.block).toBe(1);
    expect(corner(blocks[1], place.index)[0]).toBeCloseTo(blocks[1].x, 6);
    expect(cellBeside(blocks, place, 'Enter')).toBeUndefined();
  });
});
