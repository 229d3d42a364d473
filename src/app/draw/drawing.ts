// A drawing: strokes as vectors, or a picture, with what was there before so that it can be undone.
import type { GreyImage } from '../../data/digit.ts';

export interface Point {
  /** From the left and from the top, in sides of the pad. */
  readonly x: number;
  readonly y: number;
  /** From 0 to 1; 0.5 where the device tells none. */
  readonly pressure: number;
}

/** Points in the order they were drawn; one is a dot. */
export type Stroke = Point[];

export interface Picture {
  /** What it shows. */
  readonly title: string;
  /** The class that it is known to show. */
  readonly label?: number;
  readonly image: GreyImage;
}

export interface Drawing {
  readonly strokes: readonly Stroke[];
  readonly picture?: Picture;
}

const EMPTY: Drawing = { strokes: [] };

/** In sides of the pad: digits half to two thirds as high get about the ink of MNIST's, 102 of 784 pixels. */
const PEN_WIDTH = 0.08;

/** The size that the pen's width is made for, in sides of the pad. */
const FITTED_SIDE = 0.6;

/** A drawing no larger than this, in sides of the pad, is where the pen touched it, and no digit. */
const DOT_SIDE = PEN_WIDTH / 4;

export class DrawingHistory {
  /** The last is what is seen; each stroke, picture or clearing adds one. */
  private readonly drawings: Drawing[] = [EMPTY];

  get drawing(): Drawing {
    return this.drawings.at(-1)!;
  }

  get empty(): boolean {
    return this.drawing === EMPTY;
  }

  get canUndo(): boolean {
    return this.drawings.length > 1;
  }

  /** @returns the new stroke, to be drawn on; a picture gives way to it */
  begin(point: Point): Stroke {
    const stroke = [point];
    this.drawings.push({ strokes: [...this.drawing.strokes, stroke] });
    return stroke;
  }

  show(picture: Picture): void {
    this.drawings.push({ strokes: [], picture });
  }

  clear(): void {
    if (!this.empty) this.drawings.push(EMPTY);
  }

  undo(): void {
    if (this.canUndo) this.drawings.pop();
  }
}

/** Nothing but a dot. */
export function isDot({ strokes, picture }: Drawing): boolean {
  return !picture && strokes.length > 0 && extentOf(strokes).side <= DOT_SIDE;
}

/**
 * The strokes in the middle of the pad and as large as the pen is made for: a digit has the same ink however
 * large it was drawn, as MNIST's have. A picture of a tiny digit would be enlarged with the pen's width, and
 * its holes would stay filled.
 * @throws Error if they are but a dot
 */
export function fitted(strokes: readonly Stroke[]): Stroke[] {
  const { x, y, side } = extentOf(strokes);
  if (side <= DOT_SIDE) throw new Error('a dot has no size to be fitted');
  const scale = FITTED_SIDE / side;
  const place = (value: number, middle: number) => 0.5 + scale * (value - middle);
  return strokes.map((stroke) =>
    stroke.map((point) => ({ ...point, x: place(point.x, x), y: place(point.y, y) })),
  );
}

/** The middle of the points, and the longer side of the rectangle around them. */
function extentOf(strokes: readonly Stroke[]): {
  readonly x: number;
  readonly y: number;
  readonly side: number;
} {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of strokes.flat()) {
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  return { x: (left + right) / 2, y: (top + bottom) / 2, side: Math.max(right - left, bottom - top) };
}

/** Draws strokes in the context's fill and stroke style, smoothed, on a square of `side` pixels. */
export function paintStrokes(
  context: CanvasRenderingContext2D,
  strokes: readonly Stroke[],
  side: number,
): void {
  context.save();
  context.scale(side, side);
  context.lineCap = 'round';
  for (const stroke of strokes) paintStroke(context, stroke);
  context.restore();
}

/** Curves from the middle between two points to the next, with the point itself as the control point. */
function paintStroke(context: CanvasRenderingContext2D, stroke: Stroke): void {
  const [first] = stroke;
  context.beginPath();
  context.arc(first.x, first.y, penWidth(first) / 2, 0, 2 * Math.PI);
  context.fill();
  let from = first;
  for (const [i, point] of stroke.entries()) {
    const next = stroke[i + 1];
    const to = next ? middle(point, next) : point;
    context.lineWidth = penWidth(point);
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.quadraticCurveTo(point.x, point.y, to.x, to.y);
    context.stroke();
    from = to;
  }
}

const penWidth = ({ pressure }: Point) => PEN_WIDTH * (0.5 + pressure);

const middle = (a: Point, b: Point): Point => ({
  x: (a.x + b.x) / 2,
  y: (a.y + b.y) / 2,
  pressure: (a.pressure + b.pressure) / 2,
});
