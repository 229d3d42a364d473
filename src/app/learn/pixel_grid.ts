// <pixel-grid>: 28 × 28 numbers as squares that one can point at, or move over with the arrow keys: pixels as
// ink, or signed numbers in two colours. Under it stands what the square under the cursor holds; where squares
// have no room for their numbers, those around the cursor are shown enlarged. Fires `pick` with its index.

export interface Picture {
  /** [side, side] row-major. */
  readonly values: ArrayLike<number>;
  readonly colours: 'ink' | 'signed';
  /** Write the values into the squares. */
  readonly numbers?: boolean;
  /** Stays marked, whatever the cursor does. */
  readonly chosen?: number;
  readonly describe: (index: number) => string;
}

/** Squares smaller than this, in CSS pixels, hold no number. */
const ROOM_FOR_NUMBER = 16;

/** What the lens shows, in squares. */
const LENS = { columns: 11, rows: 7 };

/** Squares from a column and a row on. */
interface Part {
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
}

const MOVES: { readonly [key: string]: readonly [number, number] } = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export class PixelGrid extends HTMLElement {
  private shown: Picture | undefined;
  private cursor: number | undefined;
  private readonly canvas = document.createElement('canvas');
  private readonly lens = document.createElement('canvas');
  private readonly readout = document.createElement('output');
  private readonly resizing = new ResizeObserver(() => this.draw());
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    super();
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.addEventListener('pointermove', (event) => this.point(event));
    this.canvas.addEventListener('pointerdown', (event) => this.point(event));
    this.canvas.addEventListener('click', () => this.pick());
    this.canvas.addEventListener('keydown', (event) => this.press(event));
    this.canvas.addEventListener('focus', () => this.draw());
    this.canvas.addEventListener('blur', () => this.draw());
  }

  /** What screen readers call it. */
  set label(label: string) {
    this.canvas.setAttribute('aria-label', label);
  }

  set picture(picture: Picture) {
    const moved = picture.chosen !== this.shown?.chosen;
    this.shown = picture;
    if (this.cursor === undefined || moved)
      this.cursor = picture.chosen ?? this.cursor ?? largest(picture.values);
    this.draw();
  }

  connectedCallback(): void {
    this.lens.className = 'lens';
    this.lens.ariaHidden = 'true';
    this.replaceChildren(this.canvas, this.lens, this.readout);
    this.resizing.observe(this.canvas);
    this.scheme.addEventListener('change', this.draw);
  }

  disconnectedCallback(): void {
    this.resizing.disconnect();
    this.scheme.removeEventListener('change', this.draw);
  }

  private get side(): number {
    return Math.round(Math.sqrt(this.shown?.values.length ?? 1));
  }

  private point({ offsetX, offsetY }: PointerEvent): void {
    const { side } = this;
    const at = (offset: number) =>
      Math.max(0, Math.min(side - 1, Math.floor((offset / this.canvas.clientWidth) * side)));
    this.moveTo(at(offsetY) * side + at(offsetX));
  }

  private press(event: KeyboardEvent): void {
    const move = MOVES[event.key];
    if (event.key === 'Enter' || event.key === ' ') this.pick();
    else if (move) {
      const { side } = this;
      const within = (value: number) => Math.max(0, Math.min(side - 1, value));
      const cursor = this.cursor ?? 0;
      this.moveTo(within(Math.floor(cursor / side) + move[1]) * side + within((cursor % side) + move[0]));
    } else return;
    event.preventDefault();
  }

  private pick(): void {
    if (this.cursor !== undefined) this.dispatchEvent(new CustomEvent('pick', { detail: this.cursor }));
  }

  private moveTo(index: number): void {
    if (index === this.cursor) return;
    this.cursor = index;
    this.draw();
  }

  private readonly draw = (): void => {
    const { shown, canvas, lens, side, cursor } = this;
    const width = canvas.clientWidth;
    if (!shown || width === 0) return;
    if (cursor !== undefined) this.readout.value = shown.describe(cursor);
    const whole = { left: 0, top: 0, columns: side, rows: side };
    const room = width / side >= ROOM_FOR_NUMBER;
    lens.hidden = !shown.numbers || room || cursor === undefined;
    if (lens.hidden) {
      this.paint(canvas, whole, { numbers: (shown.numbers ?? false) && room });
      return;
    }
    const lensed = around(cursor!, side);
    this.paint(canvas, whole, { numbers: false, lensed });
    this.paint(lens, lensed, { numbers: true });
  };

  private paint(
    canvas: HTMLCanvasElement,
    { left, top, columns, rows }: Part,
    { numbers, lensed }: { readonly numbers: boolean; readonly lensed?: Part },
  ): void {
    const { values, colours, chosen } = this.shown!;
    const { side, cursor } = this;
    canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
    const square = canvas.width / columns;
    canvas.height = Math.round(square * rows);
    const context = canvas.getContext('2d')!;
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const signs = [`rgb(${colour('--wrong')})`, `rgb(${colour('--right')})`];
    const strongest = colours === 'ink' ? 255 : Math.abs(values[largest(values)]) || 1;
    // On whole device pixels, or thin gaps would show.
    const edge = (position: number) => Math.round(position * square);
    const box = (part: Part) => {
      const [x, y] = [edge(part.left - left), edge(part.top - top)];
      return [x, y, edge(part.left - left + part.columns) - x, edge(part.top - top + part.rows) - y] as const;
    };
    const boxOf = (index: number) =>
      box({ left: index % side, top: Math.floor(index / side), columns: 1, rows: 1 });
    const indices = Array.from(
      { length: columns * rows },
      (_, i) => (top + Math.floor(i / columns)) * side + left + (i % columns),
    );
    for (const i of indices) {
      const strength = Math.abs(values[i]) / strongest;
      if (!(strength > 0)) continue;
      context.globalAlpha = strength;
      context.fillStyle = colours === 'ink' ? colour('--ink') : signs[Number(values[i] > 0)];
      context.fillRect(...boxOf(i));
    }
    if (numbers) {
      context.font = `${Math.min(0.46 * square, 14 * devicePixelRatio)}px ${style.fontFamily}`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      for (const i of indices) {
        const value = values[i];
        context.fillStyle = colour(value > 127 ? '--panel' : value > 0 ? '--ink' : '--muted');
        context.globalAlpha = value > 0 ? 1 : 0.55;
        const [x, y, w, h] = boxOf(i);
        context.fillText(String(value), x + w / 2, y + h / 2);
      }
    }
    context.globalAlpha = 1;
    const mark = (frame: readonly [number, number, number, number], stroke: string, line: number) => {
      context.strokeStyle = stroke;
      context.lineWidth = line * devicePixelRatio;
      context.strokeRect(...frame);
    };
    if (lensed) mark(box(lensed), colour('--accent'), 2);
    if (cursor !== undefined) mark(boxOf(cursor), colour(colours === 'ink' ? '--accent' : '--muted'), 1.5);
    if (chosen !== undefined) mark(boxOf(chosen), colour('--ink'), 2);
  }
}

/** What the lens shows of a picture: the cursor in the middle, or nearer to an edge. */
function around(cursor: number, side: number): Part {
  const columns = Math.min(LENS.columns, side);
  const rows = Math.min(LENS.rows, side);
  const from = (middle: number, count: number) =>
    Math.max(0, Math.min(side - count, middle - Math.floor(count / 2)));
  return { left: from(cursor % side, columns), top: from(Math.floor(cursor / side), rows), columns, rows };
}

/** Index of the number farthest from 0. */
function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  return best;
}

customElements.define('pixel-grid', PixelGrid);
