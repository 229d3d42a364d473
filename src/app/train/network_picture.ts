// Draws a network as columns: the image, the units of each layer, the classes. The first units are drawn as
// what they look for; lines are weights, filled circles are activity.
import { className } from '../../data/dataset.ts';
import type { LayerPeek, Peek, Specimen } from '../model/peek.ts';

export interface Palette {
  readonly ink: string;
  /** "26 30 37", as the next two. */
  readonly inkRgb: string;
  readonly muted: string;
  readonly well: string;
  readonly line: string;
  readonly accent: string;
  readonly positive: string;
  readonly negative: string;
  readonly font: string;
}

export interface Scene {
  readonly peek: Peek;
  readonly specimen: Specimen;
  readonly selected: number;
  readonly classNames: readonly string[] | undefined;
  readonly palette: Palette;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The units of a layer, each a square or circle about its place. */
interface Column {
  readonly places: readonly Place[];
  /** Half its width or its radius. */
  readonly half: number;
  readonly isImage: boolean;
}

/** Lines between two layers; the others are weaker. */
const MAX_LINES = 90;
/** Lines of one opacity are drawn at once. */
const OPACITIES = [0.12, 0.3, 0.55, 0.85];
const HEADING = 20;
const LABELS = 92;
/** More units than this stand in two columns, if they are images. */
const ONE_COLUMN = 10;

export function drawNetwork(context: CanvasRenderingContext2D, scene: Scene, atlas: HTMLCanvasElement): void {
  const { peek, width, height } = scene;
  context.clearRect(0, 0, width, height);
  const input = imageColumn(scene);
  const columns = peek.layers.map((layer, index) => columnOf(layer, index, scene, input));
  context.imageSmoothingEnabled = false;
  drawImage(context, scene, atlas, peek.layers[0].shown, input.places[0], input.half);
  linesFromImage(context, scene, input, columns[0]);
  for (let n = 1; n < columns.length; n++) lines(context, scene, n, columns[n - 1], columns[n]);
  for (const [n, column] of columns.entries()) {
    if (column.isImage) images(context, scene, column, atlas);
    else circles(context, scene, n, column);
  }
  labels(context, scene, columns.at(-1)!);
  headings(context, scene, input, columns);
}

/** The weight images of the first layer side by side, as transparent colour, and behind them the image. */
export function paintAtlas(atlas: HTMLCanvasElement, { peek, specimen, palette }: Scene): void {
  const { width, height, pixels } = specimen;
  const { shown, weights } = peek.layers[0];
  const size = width * height;
  const image = new ImageData(width * (shown + 1), height);
  const rgb = (text: string) => text.split(' ').map(Number);
  const [positive, negative, ink] = [rgb(palette.positive), rgb(palette.negative), rgb(palette.inkRgb)];
  const put = (slot: number, pixel: number, colour: readonly number[], opacity: number) => {
    const at = 4 * (Math.floor(pixel / width) * image.width + slot * width + (pixel % width));
    for (let channel = 0; channel < 3; channel++) image.data[at + channel] = colour[channel];
    image.data[at + 3] = opacity;
  };
  for (let i = 0; i < weights.length; i++)
    put(Math.floor(i / size), i % size, weights[i] > 0 ? positive : negative, 2 * Math.abs(weights[i]));
  for (let i = 0; i < size; i++) put(shown, i, ink, pixels[i]);
  atlas.width = image.width;
  atlas.height = height;
  atlas.getContext('2d')?.putImageData(image, 0, 0);
}

function imageColumn({ width, height }: Scene): Column {
  const half = Math.min(52, width / 12);
  return { places: [{ x: half, y: (height - HEADING) / 2 }], half, isImage: true };
}

function columnOf(
  { shown }: LayerPeek,
  index: number,
  { peek, width, height }: Scene,
  input: Column,
): Column {
  const count = peek.layers.length;
  const [left, right] = [2 * input.half + width * 0.1, width - LABELS];
  const room = height - HEADING;
  const isImage = index === 0;
  const perColumn = isImage && shown > ONE_COLUMN ? Math.ceil(shown / 2) : shown;
  const pitch = Math.min(room / perColumn, 44);
  const half = isImage ? pitch / 2 - 2 : Math.min(9, pitch / 2 - 1);
  const firstX = left + half;
  const x = count === 1 ? (firstX + right) / 2 : firstX + ((right - firstX) * index) / (count - 1);
  const top = (room - pitch * perColumn) / 2 + pitch / 2;
  const places = Array.from({ length: shown }, (_, n) => ({
    x: x + Math.floor(n / perColumn) * pitch,
    y: top + (n % perColumn) * pitch,
  }));
  return { places, half, isImage };
}

/** One image of the atlas on a ground of its own. */
function drawImage(
  context: CanvasRenderingContext2D,
  { palette, specimen: { width, height } }: Scene,
  atlas: HTMLCanvasElement,
  slot: number,
  { x, y }: Place,
  half: number,
): void {
  context.fillStyle = palette.well;
  context.fillRect(x - half, y - half, 2 * half, 2 * half);
  const scale = (2 * half) / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  context.drawImage(atlas, slot * width, 0, width, height, x - w / 2, y - h / 2, w, h);
}

/** As strong as the unit is active: a line for each of its hundreds of weights would be a grey wedge. */
function linesFromImage(
  context: CanvasRenderingContext2D,
  scene: Scene,
  input: Column,
  column: Column,
): void {
  const from = { x: input.places[0].x + input.half, y: input.places[0].y };
  context.strokeStyle = scene.palette.muted;
  context.lineWidth = 1;
  for (const [unit, place] of column.places.entries()) {
    context.globalAlpha = 0.08 + 0.5 * activity(scene, 0, unit);
    context.beginPath();
    curve(context, from, { x: place.x - column.half, y: place.y });
    context.stroke();
  }
  context.globalAlpha = 1;
}

function lines(
  context: CanvasRenderingContext2D,
  { peek, palette }: Scene,
  n: number,
  before: Column,
  after: Column,
) {
  const { weights, shown } = peek.layers[n];
  const strongest = Array.from(weights, (weight, i) => ({ weight, i, size: Math.abs(weight) }))
    .sort((a, b) => b.size - a.size)
    .slice(0, MAX_LINES);
  const largest = strongest[0]?.size || 1;
  context.lineWidth = 1.4;
  for (const [level, opacity] of OPACITIES.entries()) {
    for (const colour of [palette.positive, palette.negative]) {
      context.strokeStyle = `rgb(${colour} / ${opacity})`;
      context.beginPath();
      for (const { weight, i, size } of strongest) {
        if (weight > 0 !== (colour === palette.positive)) continue;
        if (Math.min(OPACITIES.length - 1, Math.floor((OPACITIES.length * size) / largest)) !== level)
          continue;
        const [from, to] = [before.places[Math.floor(i / shown)], after.places[i % shown]];
        curve(context, { x: from.x + before.half, y: from.y }, { x: to.x - after.half, y: to.y });
      }
      context.stroke();
    }
  }
}

function curve(context: CanvasRenderingContext2D, from: Place, to: Place): void {
  const middle = (from.x + to.x) / 2;
  context.moveTo(from.x, from.y);
  context.bezierCurveTo(middle, from.y, middle, to.y, to.x, to.y);
}

function images(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { places, half }: Column,
  atlas: HTMLCanvasElement,
) {
  const { palette } = scene;
  for (const [unit, place] of places.entries()) {
    drawImage(context, scene, atlas, unit, place, half);
    const active = activity(scene, 0, unit);
    const shows = active > 0.02;
    context.lineWidth = 1 + 1.5 * active;
    context.strokeStyle = shows ? palette.accent : palette.line;
    context.globalAlpha = shows ? 0.25 + 0.75 * active : 1;
    context.strokeRect(place.x - half, place.y - half, 2 * half, 2 * half);
    context.globalAlpha = 1;
  }
}

function circles(context: CanvasRenderingContext2D, scene: Scene, n: number, { places, half }: Column): void {
  const { palette } = scene;
  for (const [unit, { x, y }] of places.entries()) {
    context.beginPath();
    context.arc(x, y, half, 0, 2 * Math.PI);
    context.fillStyle = palette.well;
    context.fill();
    context.globalAlpha = activity(scene, n, unit);
    context.fillStyle = palette.accent;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1;
    context.strokeStyle = palette.muted;
    context.stroke();
  }
}

/** The classes' names, that of the answer in bold. */
function labels(context: CanvasRenderingContext2D, scene: Scene, { places, half }: Column): void {
  const { peek, selected, classNames, palette } = scene;
  const classes = peek.layers.at(-1)!.units;
  const probabilities = peek.probabilities.subarray(selected * classes, (selected + 1) * classes);
  const likeliest = probabilities.reduce((best, value, i) => (value > probabilities[best] ? i : best), 0);
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const [label, { x, y }] of places.entries()) {
    const isAnswer = label === likeliest;
    context.font = `${isAnswer ? 700 : 400} 13px ${palette.font}`;
    context.fillStyle = isAnswer ? palette.ink : palette.muted;
    const share = `${(100 * probabilities[label]).toFixed(0)} %`;
    context.fillText(className(classNames, label).slice(0, 9), x + half + 8, y + 1, LABELS / 2);
    if (probabilities[label] >= 0.01) context.fillText(share, x + half + 8 + LABELS / 3, y + 1, LABELS / 2);
  }
}

function headings(
  context: CanvasRenderingContext2D,
  scene: Scene,
  input: Column,
  columns: readonly Column[],
): void {
  const { peek, palette, height, specimen, width } = scene;
  context.font = `400 11px ${palette.font}`;
  context.fillStyle = palette.muted;
  context.textBaseline = 'alphabetic';
  context.textAlign = 'center';
  // Many layers are too close to each other for words.
  const room = width / (columns.length + 1);
  context.fillText(`${specimen.width} × ${specimen.height}`, input.places[0].x, height - 5);
  for (const [n, { places }] of columns.entries()) {
    const { units, shown } = peek.layers[n];
    const what = n === columns.length - 1 ? 'classes' : 'units';
    const title =
      room < 70 ? String(units) : shown < units ? `${shown} of ${units} ${what}` : `${units} ${what}`;
    const middle = (places[0].x + places.at(-1)!.x) / 2;
    context.fillText(title, middle, height - 5);
  }
}

/** In [0, 1], by the layer's most active unit that is shown; a root, so that little is still seen. */
function activity({ peek, selected }: Scene, n: number, unit: number): number {
  const { activity: all, shown } = peek.layers[n];
  const own = all.subarray(selected * shown, (selected + 1) * shown);
  const most = own.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  return most > 0 ? Math.sqrt(Math.abs(own[unit]) / most) : 0;
}
