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
  /** What it shows, for those who do not see it. */
  readonly title: string;
  readonly image: GreyImage;
}

export interface Drawing {
  readonly strokes: readonly Stroke[];
  readonly picture?: Picture;
}

const EMPTY: Drawing = { strokes: [] };

/** In sides of the pad: digits half to two thirds as high get about the ink of MNIST's, 102 of 784 pixels. */
const PEN_WIDTH = 0.08;

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
