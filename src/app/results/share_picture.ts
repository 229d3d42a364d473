// The picture of a result that is shared: 1200 × 630, as other sites show pictures of links, in the page's
// colours.
import { className } from '../../data/dataset.ts';

export const WIDTH = 1200;
export const HEIGHT = 630;

export interface Result {
  /** "97.93 %" */
  readonly accuracy: string;
  /** "of 10,000 test images recognised" */
  readonly judgedBy: string;
  /** Lines below it, the most important first. */
  readonly facts: readonly string[];
  /** Counts [target][predicted]. */
  readonly confusion: readonly (readonly number[])[];
  readonly classNames: readonly string[] | undefined;
  /** Where the page is. */
  readonly address: string;
}

const MARGIN = 64;
/** The matrix: its left and top, and its side. */
const MATRIX = { left: 668, top: 98, side: 468 };
/** More classes than these are drawn without counts and names. */
const NAMED_CLASSES = 12;

/** @param style of an element of the page, for its colours and letters */
export function drawPicture(canvas: HTMLCanvasElement, result: Result, style: CSSStyleDeclaration): void {
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const context = canvas.getContext('2d');
  if (!context) return;
  const brush = new Brush(context, style);
  brush.fill('--ground', () => context.fillRect(0, 0, WIDTH, HEIGHT));
  brush.fill('--accent', () => context.fillRect(0, 0, WIDTH, 10));
  drawWords(brush, result);
  drawMatrix(brush, result);
}

/** A canvas with the colours and letters of the page. */
class Brush {
  constructor(
    readonly context: CanvasRenderingContext2D,
    private readonly style: CSSStyleDeclaration,
  ) {}

  /** Some of the page's colours are the three numbers alone. */
  private colour(name: string): string {
    const value = this.style.getPropertyValue(name).trim();
    return /^[\d ]+$/.test(value) ? `rgb(${value})` : value;
  }

  fill(colour: string, paint: () => void): void {
    this.context.fillStyle = this.colour(colour);
    paint();
  }

  /** A square with round corners over the page's panels. */
  cell(x: number, y: number, size: number, colour: string, alpha: number): void {
    const { context } = this;
    context.beginPath();
    context.roundRect(x, y, size, size, size / 8);
    this.fill('--panel', () => context.fill());
    context.globalAlpha = alpha;
    this.fill(colour, () => context.fill());
    context.globalAlpha = 1;
  }

  /** On one line of at most `room` pixels: too long a line is set in smaller letters. */
  text(
    content: string,
    x: number,
    y: number,
    { size, weight = 400, colour = '--ink', align = 'left', room = WIDTH }: TextStyle,
  ): void {
    const { context, style } = this;
    const font = (pixels: number) => `${weight} ${pixels}px ${style.fontFamily}`;
    context.font = font(size);
    const { width } = context.measureText(content);
    if (width > room) context.font = font(Math.floor((size * room) / width));
    context.textAlign = align;
    this.fill(colour, () => context.fillText(content, x, y));
  }
}

interface TextStyle {
  readonly size: number;
  readonly weight?: number;
  readonly colour?: string;
  readonly align?: CanvasTextAlign;
  readonly room?: number;
}

function drawWords(brush: Brush, { accuracy, judgedBy, facts, address }: Result): void {
  const room = MATRIX.left - 2 * MARGIN + 8;
  brush.text('mnist-kernels', MARGIN, 98, { size: 34, weight: 700 });
  brush.text('A network trained in the browser reads handwriting', MARGIN, 134, {
    size: 21,
    colour: '--muted',
    room,
  });
  brush.text(accuracy, MARGIN - 5, 274, { size: 124, weight: 750, colour: '--accent', room });
  brush.text(judgedBy, MARGIN, 320, { size: 26, room });
  for (const [index, fact] of facts.entries())
    brush.text(fact, MARGIN, 382 + 40 * index, { size: 23, colour: index === 0 ? '--ink' : '--muted', room });
  brush.text(address, MARGIN, HEIGHT - 38, { size: 22, weight: 600, colour: '--accent', room });
}

/** As the page shades it: hits by their share of the row, mistakes by the root of the most frequent one's. */
function drawMatrix(brush: Brush, { confusion, classNames }: Result): void {
  const { left, top, side } = MATRIX;
  const { length } = confusion;
  const step = side / length;
  const gap = length > 40 ? 0 : Math.max(1, step / 16);
  const worst = Math.max(1, ...confusion.flatMap((row, is) => row.filter((_, taken) => taken !== is)));
  const named = length <= NAMED_CLASSES;
  const middle = (index: number) => (index + 0.5) * step;
  for (const [is, row] of confusion.entries()) {
    const support = row.reduce((a, b) => a + b, 0);
    for (const [taken, images] of row.entries()) {
      const right = is === taken;
      const heat = right ? images / Math.max(1, support) : Math.sqrt(images / worst);
      const [x, y] = [left + taken * step, top + is * step];
      const colour = images === 0 ? '--line' : right ? '--right' : '--wrong';
      brush.cell(x + gap, y + gap, step - 2 * gap, colour, images === 0 ? 0.4 : 0.08 + 0.55 * heat);
      if (!named || images === 0) continue;
      brush.text(String(images), x + step / 2, y + step / 2 + 6, {
        size: 17,
        weight: right ? 650 : 400,
        align: 'center',
        room: step - 4,
      });
    }
    if (!named) continue;
    const label = { size: 18, colour: '--muted', room: 60 };
    brush.text(className(classNames, is), left - 12, top + middle(is) + 6, { ...label, align: 'right' });
    brush.text(className(classNames, is), left + middle(is), top - 12, {
      ...label,
      align: 'center',
      room: step,
    });
  }
  brush.text('Row: what it is. Column: what it was taken for.', left + side / 2, top + side + 34, {
    size: 19,
    colour: '--muted',
    align: 'center',
  });
}
