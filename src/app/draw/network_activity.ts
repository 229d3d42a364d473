// <network-activity>: a network at work on an image, from left to right: the image, the hidden layers' units
// as squares that light up, and the answers, with the strongest ways between them. The unit under the pointer,
// or the one that the arrow keys move to, tells what it puts out; one of the first layer shows its weights in
// the place of the image.
import { className } from '../../data/dataset.ts';
import * as format from '../parts/format.ts';
import { type Block, cellAt, cellBeside, layOut, type Place } from './network_layout.ts';
import {
  MOST_LABEL_WIDTH,
  paintAnswers,
  paintCaptions,
  paintCells,
  paintFrame,
  paintMark,
  paintPaths,
  SAME,
} from './network_painting.ts';
import type { ModelFacts, Prediction } from './predict_worker.ts';

/** Milliseconds in which a unit comes within a third of its new brightness. */
const EASE = 60;
const CAPTION_HEIGHT = 22;

export class NetworkActivity extends HTMLElement {
  private facts: ModelFacts | undefined;
  private seen: Prediction | undefined;
  /** The brightness of each unit as it is drawn, and as it will be, from −1 to 1; the answers' is the last. */
  private shown: Float32Array[] = [];
  private wanted: Float32Array[] = [];
  private blocks: readonly Block[] = [];
  private cursor: Place | undefined;
  private weights: { readonly unit: number; readonly values: Float32Array } | undefined;
  private frame = 0;
  private drawnAt = 0;
  /** @returns the weights from each pixel to a unit of the first layer */
  weightsOf: (unit: number) => Promise<Float32Array | undefined> = async () => undefined;
  private readonly canvas = document.createElement('canvas');
  private readonly readout = document.createElement('output');
  private readonly resizing = new ResizeObserver(() => this.ask());
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');
  private readonly still = matchMedia('(prefers-reduced-motion: reduce)');

  constructor() {
    super();
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    this.canvas.setAttribute('aria-roledescription', 'picture of a network');
    for (const type of ['pointermove', 'pointerdown'] as const)
      this.canvas.addEventListener(type, ({ offsetX, offsetY }) =>
        this.point(cellAt(this.blocks, offsetX, offsetY)),
      );
    this.canvas.addEventListener('pointerleave', () => this.point(undefined));
    this.canvas.addEventListener('blur', () => this.point(undefined));
    this.canvas.addEventListener('keydown', (event) => this.press(event));
  }

  set model(facts: ModelFacts | undefined) {
    if (facts === this.facts) return;
    this.facts = facts;
    this.shown = (facts?.network.widths.slice(1) ?? []).map((units) => new Float32Array(units));
    this.cursor = undefined;
    this.weights = undefined;
    this.show(undefined);
  }

  set prediction(prediction: Prediction | undefined) {
    if (prediction !== this.seen) this.show(prediction);
  }

  connectedCallback(): void {
    this.replaceChildren(this.canvas, this.readout);
    this.resizing.observe(this.canvas);
    this.scheme.addEventListener('change', this.ask);
    this.ask();
  }

  disconnectedCallback(): void {
    this.resizing.disconnect();
    this.scheme.removeEventListener('change', this.ask);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  private show(prediction: Prediction | undefined): void {
    // The answer of a model that has been replaced meanwhile.
    const fits = prediction?.hidden.every((layer, index) => layer.length === this.shown[index]?.length);
    this.seen = fits ? prediction : undefined;
    this.wanted = this.shown.map((layer, index) => {
      if (!this.seen) return new Float32Array(layer.length);
      const output = this.seen.hidden[index];
      return output ? brightness(output) : Float32Array.from(this.seen.probabilities);
    });
    this.canvas.setAttribute('aria-label', this.summary());
    this.ask();
  }

  private summary(): string {
    const { facts, seen } = this;
    if (!facts) return 'The network';
    const layers = facts.network.widths.slice(1, -1).map((units, index) => {
      const active = seen?.hidden[index].filter((value) => value !== 0).length;
      return seen ? `${active} of ${units} hidden units active` : `${units} hidden units`;
    });
    const answer = seen ? [`answer ${className(facts.dataset.classNames, seen.predicted)}`] : [];
    return ['The network: image', ...layers, ...answer, 'arrow keys move over the units'].join(', ');
  }

  private press(event: KeyboardEvent): void {
    const { key, altKey, ctrlKey, metaKey } = event;
    if (!key.startsWith('Arrow') || altKey || ctrlKey || metaKey) return;
    const next = this.cursor ? cellBeside(this.blocks, this.cursor, key) : { block: 1, index: 0 };
    if (!next) return;
    event.preventDefault();
    this.point(next);
  }

  private point(place: Place | undefined): void {
    const unit = place && place.block > 0 ? place : undefined;
    if (unit?.block === this.cursor?.block && unit?.index === this.cursor?.index) return;
    this.cursor = unit;
    this.weights = undefined;
    this.ask();
    if (unit?.block !== 1) return;
    void this.weightsOf(unit.index).then((values) => {
      if (!values || this.cursor !== unit) return;
      this.weights = { unit: unit.index, values };
      this.ask();
    });
  }

  private readonly ask = (): void => {
    if (this.frame === 0) this.frame = requestAnimationFrame(this.step);
  };

  private readonly step = (now: number): void => {
    this.frame = 0;
    const ease = this.still.matches ? 1 : 1 - Math.exp(-Math.min(now - this.drawnAt, 2 * EASE) / EASE);
    this.drawnAt = now;
    let moving = false;
    for (const [index, layer] of this.shown.entries()) {
      const wanted = this.wanted[index];
      for (let unit = 0; unit < layer.length; unit++) {
        const way = wanted[unit] - layer[unit];
        const there = Math.abs(way) < SAME;
        layer[unit] = there ? wanted[unit] : layer[unit] + ease * way;
        if (!there) moving = true;
      }
    }
    this.draw();
    if (moving) this.ask();
  };

  private draw(): void {
    const { canvas, facts, seen } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    this.readout.value = this.told();
    if (!facts || width === 0) return;
    canvas.width = Math.round(width * devicePixelRatio);
    canvas.height = Math.round(height * devicePixelRatio);
    const context = canvas.getContext('2d')!;
    context.scale(devicePixelRatio, devicePixelRatio);
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const { network, dataset } = facts;
    const names = Array.from({ length: dataset.classes }, (_, label) => className(dataset.classNames, label));
    context.font = `600 13px ${style.fontFamily}`;
    const widest = Math.max(...names.map((name) => context.measureText(name).width));
    const room = { width, height: height - CAPTION_HEIGHT };
    const label = Math.min(MOST_LABEL_WIDTH, widest + 10);
    this.blocks = layOut(room, dataset, network.widths.slice(1), label);

    const { blocks, cursor, weights } = this;
    const [image, ...layers] = blocks;
    for (const block of blocks.slice(0, -1)) paintFrame(context, block, colour('--well'), colour('--line'));
    const signs = { plus: `rgb(${colour('--right')})`, minus: `rgb(${colour('--wrong')})` };
    if (weights) {
      paintCells(context, image, brightness(weights.values), signs);
    } else if (seen) {
      const ink = Float32Array.from(seen.digit.pixels, (level) => level / 255);
      paintCells(context, image, ink, { plus: colour('--ink'), minus: '' });
    }
    for (const [index, layer] of this.shown.slice(0, -1).entries())
      paintCells(context, layers[index], layer, signs);
    if (seen && !weights) paintPaths(context, blocks, seen.paths, signs.plus);
    paintAnswers(context, layers.at(-1)!, this.shown.at(-1)!, names, seen?.predicted, colour);
    context.font = `11px ${style.fontFamily}`;
    context.fillStyle = colour('--muted');
    paintCaptions(context, blocks, this.captions(facts), height - CAPTION_HEIGHT / 3);
    if (cursor) paintMark(context, blocks[cursor.block], cursor.index, colour('--ink'));
  }

  /** What stands under the blocks. */
  private captions({ dataset, network }: ModelFacts): string[] {
    const hidden = network.widths.slice(1, -1).map(format.count);
    const image = `${dataset.width} × ${dataset.height} pixels`;
    return [
      this.weights ? `weights of unit ${this.weights.unit}` : image,
      ...(hidden.length > 2 ? hidden : hidden.map((units) => `${units} units`)),
    ];
  }

  /** What stands under the picture. */
  private told(): string {
    const { cursor, facts, seen } = this;
    if (!facts || !cursor) return 'Each square is a unit: the brighter, the stronger. Point at one.';
    const layers = facts.network.widths.length - 1;
    const weights =
      cursor.block === 1
        ? ' At the left, what it looks for: ink on blue excites it, on orange calms it.'
        : '';
    if (cursor.block === layers) {
      const share = seen ? `: ${format.percent(seen.probabilities[cursor.index], 1)}` : '';
      return `${className(facts.dataset.classNames, cursor.index)}${share}.${weights}`;
    }
    const where = layers > 2 ? ` of hidden layer ${cursor.block}` : '';
    const output = seen ? ` puts out ${seen.hidden[cursor.block - 1][cursor.index].toFixed(2)}` : '';
    return `Unit ${cursor.index}${where}${output}.${weights}`;
  }
}

/** Shares of the number that is farthest from 0. */
function brightness(values: Float32Array): Float32Array {
  const most = values.reduce((far, value) => Math.max(far, Math.abs(value)), 0) || 1;
  return values.map((value) => value / most);
}

customElements.define('network-activity', NetworkActivity);
