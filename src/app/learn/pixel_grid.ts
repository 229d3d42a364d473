// <pixel-grid>: 28 × 28 numbers as squares that one can point at, or move over with the arrow keys: pixels as
// ink, or signed numbers in two colours. Under it stands what the square under the cursor holds. Fires `pick`
// with its index.

export interface Picture {
  /** [side, side] row-major. */
  readonly values: ArrayLike<number>;
  readonly colours: 'ink' | 'signed';
  /** Write the values into squares that have room for them. */
  readonly numbers?: boolean;
  /** Stays marked, whatever the cursor does. */
  readonly chosen?: number;
  readonly describe: (index: number) => string;
}

/** Squares smaller than this, in CSS pixels, hold no number. */
const ROOM_FOR_NUMBER = 16;

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
    this.replaceChildren(this.canvas, this.readout);
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
    const { shown, canvas, side } = this;
    const width = canvas.clientWidth;
    if (!shown || width === 0) return;
    if (this.cursor !== undefined) this.readout.value = shown.describe(this.cursor);
    canvas.width = canvas.height = Math.round(width * devicePixelRatio);
    const context = canvas.getContext('2d')!;
    const square = canvas.width / side;
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const signs = [`rgb(${colour('--wrong')})`, `rgb(${colour('--right')})`];
    const strongest = shown.colours === 'ink' ? 255 : Math.abs(shown.values[largest(shown.values)]) || 1;
    // On whole device pixels, or thin gaps would show.
    const edge = (position: number) => Math.round(position * square);
    const box = (index: number) => {
      const [x, y] = [index % side, Math.floor(index / side)];
      return [edge(x), edge(y), edge(x + 1) - edge(x), edge(y + 1) - edge(y)] as const;
    };
    for (let i = 0; i < shown.values.length; i++) {
      const strength = Math.abs(shown.values[i]) / strongest;
      if (!(strength > 0)) continue;
      context.globalAlpha = strength;
      context.fillStyle = shown.colours === 'ink' ? colour('--ink') : signs[Number(shown.values[i] > 0)];
      context.fillRect(...box(i));
    }
    context.globalAlpha = 1;
    if (shown.numbers && width / side >= ROOM_FOR_NUMBER) {
      context.font = `${0.46 * square}px ${style.fontFamily}`;
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      for (let i = 0; i < shown.values.length; i++) {
        const value = shown.values[i];
        context.fillStyle = colour(value > 127 ? '--panel' : value > 0 ? '--ink' : '--muted');
        context.globalAlpha = value > 0 ? 1 : 0.55;
        const [x, y, w, h] = box(i);
        context.fillText(String(value), x + w / 2, y + h / 2);
      }
      context.globalAlpha = 1;
    }
    const mark = (index: number, stroke: string, line: number) => {
      const [x, y, w, h] = box(index);
      context.strokeStyle = stroke;
      context.lineWidth = line * devicePixelRatio;
      context.strokeRect(x, y, w, h);
    };
    if (this.cursor !== undefined) mark(this.cursor, colour('--muted'), 1.5);
    if (shown.chosen !== undefined) mark(shown.chosen, colour('--ink'), 2);
  };
}

/** Index of the number farthest from 0. */
function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  return best;
}

customElements.define('pixel-grid', PixelGrid);
