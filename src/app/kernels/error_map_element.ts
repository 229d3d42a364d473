// <error-map>: the elements of an operand as squares, by how much of its bound each one's error takes. Those that are
// exact stay blank, those within grow darker, those beyond have another colour, the darker the further off. One can
// point at them, or move over them with the arrow keys; the worst is marked.
import type { ErrorMap } from '../../validation/error_map.ts';
import { roughly } from '../parts/format.ts';

const MOVES: { readonly [key: string]: readonly [number, number] } = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Of a canvas: no browser has less, and no screen is that wide. */
const MAX_SIDE = 4096;

/** The least height of a row in CSS pixels, so that a single one can be seen. */
const LEAST = 14;

/** An operand of one dimension is broken into rows of so many. */
const WRAPPED = 128;

export class ErrorMapElement extends HTMLElement {
  private map: ErrorMap | undefined;
  private cursor: number | undefined;
  private readonly canvas = document.createElement('canvas');
  private readonly mark = document.createElement('span');
  private readonly readout = document.createElement('output');
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');

  constructor() {
    super();
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.addEventListener('pointermove', (event) => this.point(event));
    this.canvas.addEventListener('pointerdown', (event) => this.point(event));
    this.canvas.addEventListener('pointerleave', () => this.moveTo(this.worst));
    this.canvas.addEventListener('keydown', (event) => this.press(event));
  }

  set errors(map: ErrorMap) {
    if (map === this.map) return;
    this.map = map;
    this.cursor = undefined;
    this.draw();
  }

  connectedCallback(): void {
    this.mark.className = 'mark';
    const frame = document.createElement('div');
    frame.className = 'frame';
    frame.append(this.canvas, this.mark);
    this.replaceChildren(frame, this.readout);
    this.scheme.addEventListener('change', this.draw);
    this.draw();
  }

  disconnectedCallback(): void {
    this.scheme.removeEventListener('change', this.draw);
  }

  private get columns(): number {
    const { rows, columns } = this.map!;
    return rows === 1 ? Math.min(columns, WRAPPED) : columns;
  }

  private get rows(): number {
    return Math.ceil(this.map!.shares.length / this.columns);
  }

  private get worst(): number {
    const { indices } = this.map!.worst;
    return indices.length > 1 ? indices[0] * this.map!.columns + indices[1] : indices[0];
  }

  private readonly draw = (): void => {
    const { map, canvas } = this;
    if (!map || !this.isConnected) return;
    const { rows, columns } = this;
    canvas.width = Math.min(columns, MAX_SIDE);
    canvas.height = Math.min(rows, MAX_SIDE);
    canvas.style.aspectRatio = `${columns} / ${Math.max(rows, (columns * LEAST) / 480)}`;
    const wrong = map.wrong === 0 ? 'all within their bounds' : `${map.wrong} beyond their bound`;
    canvas.setAttribute(
      'aria-label',
      `Errors of ${map.operand}: ${map.shares.length} elements, ${wrong}. The arrow keys read them.`,
    );
    this.paint(canvas, columns);
    this.moveTo(this.cursor ?? this.worst);
  };

  private paint(canvas: HTMLCanvasElement, columns: number): void {
    const { shares } = this.map!;
    const { width, height } = canvas;
    const image = new ImageData(width, height);
    const style = getComputedStyle(this);
    const within = rgb(style.getPropertyValue('--right'));
    const beyond = rgb(style.getPropertyValue('--map-wrong'));
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < Math.min(width, columns); column++) {
        const share = shares[row * columns + column];
        // Behind the last element of a row that is broken there is nothing.
        if (share === undefined) continue;
        const [colour, strength] =
          share > 1 ? [beyond, beyondStrength(share)] : [within, 0.06 + 0.6 * share ** 0.5];
        image.data.set([...colour, share === 0 ? 0 : 255 * strength], 4 * (row * width + column));
      }
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
  }

  private point({ offsetX, offsetY }: PointerEvent): void {
    const { clientWidth, clientHeight } = this.canvas;
    const at = (offset: number, extent: number, count: number) =>
      Math.max(0, Math.min(count - 1, Math.floor((offset / extent) * count)));
    this.moveTo(at(offsetY, clientHeight, this.rows) * this.columns + at(offsetX, clientWidth, this.columns));
  }

  private press(event: KeyboardEvent): void {
    const move = MOVES[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const { columns, rows } = this;
    const at = this.cursor ?? this.worst;
    const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
    const row = within(Math.floor(at / columns) + move[1], rows);
    this.moveTo(row * columns + within((at % columns) + move[0], columns));
  }

  private moveTo(index: number): void {
    const { shares, operand, rows, columns: extent } = this.map!;
    const at = Math.min(index, shares.length - 1);
    this.cursor = at;
    const place = rows === 1 ? `${at}` : `${Math.floor(at / extent)}, ${at % extent}`;
    this.readout.value = `${operand}[${place}]: ${shareText(shares[at])}`;
    const { columns } = this;
    this.mark.style.left = `${(100 * ((at % columns) + 0.5)) / columns}%`;
    this.mark.style.top = `${(100 * (Math.floor(at / columns) + 0.5)) / this.rows}%`;
  }
}

/** From just beyond to a thousand times as much, and everything further. */
const beyondStrength = (share: number) => 0.55 + 0.45 * Math.min(1, Math.log10(share) / 3);

const rgb = (triple: string): [number, number, number] =>
  triple.trim().split(/\s+/).map(Number) as [number, number, number];

/** "exact", "12 % of its bound", "340 times its bound" */
export function shareText(share: number): string {
  if (share === 0) return 'exact';
  if (share === Infinity) return 'wrong, where nothing may be off';
  if (share > 1) return `${share < 1e6 ? roughly(share, 3) : share.toExponential(1)} times its bound`;
  return `${roughly(100 * share, 2)} % of its bound`;
}

customElements.define('error-map', ErrorMapElement);
