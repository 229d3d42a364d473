// What the pad holds, and what undoing brings back.
import { describe, expect, it } from 'vitest';
import { DrawingHistory } from '../../src/app/draw/drawing.ts';

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
