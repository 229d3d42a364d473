// What the pad holds, and what undoing brings back.
import { describe, expect, it } from 'vitest';
import { DrawingHistory, fitted, isDot, type Stroke } from '../../src/app/draw/drawing.ts';

const POINT = { x: 0.5, y: 0.5, pressure: 0.5 };
const PICTURE = { title: 'a photo', image: { width: 1, height: 1, data: new Uint8Array(1) } };

describe('a drawing', () => {
  it('gains a stroke at a time and loses the last one first', () => {
    const history = new DrawingHistory();
    history.begin(POINT);
    history.begin(POINT).push({ ...POINT, x: 0.7 });
    expect(history.drawing.strokes.map(({ length }) => length)).toEqual([1, 2]);
    history.undo();
    expect(history.drawing.strokes.map(({ length }) => length)).toEqual([1]);
    history.undo();
    expect(history.empty).toBe(true);
    expect(history.canUndo).toBe(false);
  });

  it('comes back after it was cleared', () => {
    const history = new DrawingHistory();
    history.begin(POINT);
    history.clear();
    expect(history.empty).toBe(true);
    history.undo();
    expect(history.drawing.strokes).toHaveLength(1);
  });

  it('is not made longer by clearing what is clear', () => {
    const history = new DrawingHistory();
    history.clear();
    expect(history.canUndo).toBe(false);
  });

  it('gives way to a picture, and a picture to the next stroke', () => {
    const history = new DrawingHistory();
    history.begin(POINT);
    history.show(PICTURE);
    expect(history.drawing).toEqual({ strokes: [], picture: PICTURE });
    history.begin(POINT);
    expect(history.drawing.picture).toBeUndefined();
    expect(history.drawing.strokes).toHaveLength(1);
    history.undo();
    expect(history.drawing.picture).toBe(PICTURE);
  });
});

/** A seven and its bar, `size` sides of the pad high, with its upper left corner at a place. */
function seven(size: number, left: number, top: number): Stroke[] {
  const at = (x: number, y: number) => ({ x: left + size * x, y: top + size * y, pressure: 0.5 });
  return [
    [at(0, 0), at(0.7, 0), at(0.25, 1)],
    [at(0.2, 0.5), at(0.6, 0.5)],
  ];
}

describe('strokes', () => {
  it.each([0.05, 0.1, 0.3, 0.95])('of a drawing %f sides high are as those of any other', (size) => {
    const [large, small] = [fitted(seven(0.6, 0.2, 0.2)), fitted(seven(size, 0.03, 0.02))];
    for (const [s, stroke] of small.entries())
      for (const [p, { x, y, pressure }] of stroke.entries()) {
        expect(x).toBeCloseTo(large[s][p].x, 9);
        expect(y).toBeCloseTo(large[s][p].y, 9);
        expect(pressure).toBe(0.5);
      }
  });

  it('are put in the middle, wide ones as large as high ones', () => {
    const [[from, to]] = fitted([
      [
        { x: 0.1, y: 0.1, pressure: 1 },
        { x: 0.2, y: 0.1, pressure: 1 },
      ],
    ]);
    expect(from.x).toBeCloseTo(0.2, 9);
    expect(to.x).toBeCloseTo(0.8, 9);
    expect(from.y).toBeCloseTo(0.5, 9);
  });

  it('are a dot where the pen hardly moved, and none where there are two dots apart', () => {
    const dot: Stroke = [POINT, { ...POINT, x: 0.51 }];
    expect(isDot({ strokes: [dot] })).toBe(true);
    expect(() => fitted([dot])).toThrow('a dot');
    expect(isDot({ strokes: [dot, [{ ...POINT, y: 0.6 }]] })).toBe(false);
    expect(isDot({ strokes: seven(0.05, 0.5, 0.5) })).toBe(false);
    expect(isDot({ strokes: [] })).toBe(false);
    expect(isDot({ strokes: [], picture: PICTURE })).toBe(false);
  });
});
