// <draw-pad>: a square to draw a digit on with mouse, finger or pen. It fires `drawing` in the frame in which
// what it shows has changed.
import type { GreyImage } from '../../data/digit.ts';
import {
  DrawingHistory,
  fitted,
  isDot,
  type Picture,
  type Point,
  paintStrokes,
  type Stroke,
} from './drawing.ts';

/**
 * Pixels a side that the network's image is made from: fine enough for smooth edges, coarse enough for every
 * frame.
 */
const READ_SIDE = 224;

const INVITATION = 'Draw a digit here';

export class DrawPad extends HTMLElement {
  private readonly history = new DrawingHistory();
  private readonly canvas = document.createElement('canvas');
  private readonly invitation = document.createElement('p');
  private readonly reading = document.createElement('canvas');
  private readonly resizing = new ResizeObserver(() => this.resize());
  private readonly colours = matchMedia('(prefers-color-scheme: dark)');
  /** The stroke that is being drawn. */
  private active: { readonly pointer: number; readonly type: string; readonly stroke: Stroke } | undefined;
  private frame = 0;

  constructor() {
    super();
    this.reading.width = READ_SIDE;
    this.reading.height = READ_SIDE;
    this.addEventListener('pointerdown', (event) => this.begin(event));
    this.addEventListener('pointermove', (event) => this.extend(event));
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture'] as const)
      this.addEventListener(end, (event) => this.end(event));
    this.addEventListener('contextmenu', (event) => event.preventDefault());
  }

  connectedCallback(): void {
    this.canvas.setAttribute('role', 'img');
    // The canvas says it to who does not see it.
    this.invitation.ariaHidden = 'true';
    this.invitation.textContent = INVITATION;
    this.replaceChildren(this.canvas, this.invitation);
    this.resizing.observe(this);
    this.colours.addEventListener('change', this.paint);
  }

  disconnectedCallback(): void {
    this.resizing.disconnect();
    this.colours.removeEventListener('change', this.paint);
  }

  get empty(): boolean {
    return this.history.empty;
  }

  get canUndo(): boolean {
    return this.history.canUndo;
  }

  /** A stroke is being drawn. */
  get busy(): boolean {
    return this.active !== undefined;
  }

  /** Nothing is drawn yet but a dot. */
  get dot(): boolean {
    return isDot(this.history.drawing);
  }

  get picture(): Picture | undefined {
    return this.history.drawing.picture;
  }

  undo(): void {
    this.active = undefined;
    this.history.undo();
    this.changed();
  }

  clear(): void {
    this.active = undefined;
    this.history.clear();
    this.changed();
  }

  /** Shows a picture in the place of the drawing, until the next stroke. */
  show(picture: Picture): void {
    this.active = undefined;
    this.history.show(picture);
    this.changed();
  }

  /** The picture, or the strokes in white on black, as large as any; undefined while there is but a dot. */
  read(): GreyImage | undefined {
    const { strokes, picture } = this.history.drawing;
    if (picture || this.empty || this.dot) return picture?.image;
    const context = this.reading.getContext('2d', { willReadFrequently: true })!;
    context.fillStyle = 'black';
    context.fillRect(0, 0, READ_SIDE, READ_SIDE);
    context.fillStyle = context.strokeStyle = 'white';
    paintStrokes(context, fitted(strokes), READ_SIDE);
    const { data } = context.getImageData(0, 0, READ_SIDE, READ_SIDE);
    const grey = new Uint8Array(READ_SIDE * READ_SIDE);
    for (let i = 0; i < grey.length; i++) grey[i] = data[4 * i];
    return { width: READ_SIDE, height: READ_SIDE, data: grey };
  }

  private begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    if (this.active) {
      // A palm that came before the pen is no stroke.
      if (event.pointerType !== 'pen' || this.active.type !== 'touch') return;
      this.history.undo();
    }
    event.preventDefault();
    try {
      this.setPointerCapture(event.pointerId);
    } catch {
      // The pointer is gone already, or a script's.
    }
    const stroke = this.history.begin(this.pointOf(event));
    this.active = { pointer: event.pointerId, type: event.pointerType, stroke };
    this.changed();
  }

  private extend(event: PointerEvent): void {
    if (event.pointerId !== this.active?.pointer) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const events = coalesced.length > 0 ? coalesced : [event];
    this.active.stroke.push(...events.map((each) => this.pointOf(each)));
    this.changed();
  }

  private end(event: PointerEvent): void {
    if (event.pointerId !== this.active?.pointer) return;
    this.active = undefined;
    this.changed();
  }

  private pointOf({ clientX, clientY, pointerType, pressure }: PointerEvent): Point {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const told = pointerType === 'pen' && pressure > 0;
    return {
      x: (clientX - left) / width,
      y: (clientY - top) / height,
      pressure: told ? pressure : 0.5,
    };
  }

  private changed(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.paint();
      this.dispatchEvent(new Event('drawing'));
    });
  }

  private resize(): void {
    const side = Math.round(this.clientWidth * devicePixelRatio);
    if (side === 0 || side === this.canvas.width) return;
    this.canvas.width = side;
    this.canvas.height = side;
    this.paint();
  }

  private readonly paint = (): void => {
    const { canvas } = this;
    const context = canvas.getContext('2d')!;
    const { strokes, picture } = this.history.drawing;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (picture) {
      paintPicture(context, picture.image);
    } else {
      context.fillStyle = context.strokeStyle = getComputedStyle(this).color;
      paintStrokes(context, strokes, canvas.width);
    }
    this.invitation.hidden = !this.empty;
    canvas.setAttribute(
      'aria-label',
      picture?.title ?? (this.empty ? `Drawing pad, empty: ${INVITATION}` : 'Your drawing'),
    );
  };
}

/** As large as it fits, in the middle. */
function paintPicture(context: CanvasRenderingContext2D, { width, height, data }: GreyImage): void {
  const source = document.createElement('canvas');
  source.width = width;
  source.height = height;
  const pixels = new ImageData(width, height);
  for (const [i, level] of data.entries()) pixels.data.set([level, level, level, 255], 4 * i);
  source.getContext('2d')!.putImageData(pixels, 0, 0);
  const side = context.canvas.width;
  const scale = side / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  context.imageSmoothingEnabled = scale < 4;
  context.drawImage(source, (side - w) / 2, (side - h) / 2, w, h);
}

customElements.define('draw-pad', DrawPad);
