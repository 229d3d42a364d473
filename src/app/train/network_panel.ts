// <network-panel>: the network as a picture, drawn when something of it has changed.
import { html, render } from 'lit';
import type { Session } from '../model/session.ts';
import { drawNetwork, type Palette, paintAtlas, type Scene } from './network_picture.ts';
import './network_panel.css';

/** Of the weights and activity in the picture. */
const KEY = html`
  <span class="positive">Weights that excite</span> a unit, and <span class="negative">weights that calm</span> it.
  What is framed or filled is active for the chosen image: point at another one above.
`;

class NetworkPanel extends HTMLElement {
  session!: Session;
  private unsubscribe: (() => void) | undefined;
  private readonly canvas = document.createElement('canvas');
  private readonly atlas = document.createElement('canvas');
  private readonly key = document.createElement('p');
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');
  private readonly resizing = new ResizeObserver(() => this.draw());
  private palette: Palette | undefined;

  connectedCallback(): void {
    this.canvas.role = 'img';
    this.key.className = 'note';
    render(KEY, this.key);
    this.replaceChildren(this.canvas, this.key);
    this.unsubscribe = this.session.network.subscribe(this.draw);
    this.resizing.observe(this.canvas);
    this.scheme.addEventListener('change', this.recolour);
  }

  disconnectedCallback(): void {
    this.unsubscribe?.();
    this.resizing.disconnect();
    this.scheme.removeEventListener('change', this.recolour);
  }

  private readonly recolour = (): void => {
    this.palette = undefined;
    this.draw();
  };

  private readonly draw = (): void => {
    const context = this.canvas.getContext('2d');
    const scene = this.scene();
    if (!context || !scene || scene.width === 0) return;
    const { width, height } = scene;
    const dense = Math.min(2, devicePixelRatio);
    const [w, h] = [Math.round(width * dense), Math.round(height * dense)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
    }
    context.setTransform(dense, 0, 0, dense, 0, 0);
    paintAtlas(this.atlas, scene);
    drawNetwork(context, scene, this.atlas);
    this.canvas.ariaLabel = describe(scene);
  };

  private scene(): Scene | undefined {
    const { peek, selected, specimens } = this.session.network.state;
    const specimen = specimens[selected];
    if (!peek || !specimen) return undefined;
    this.palette ??= paletteOf(this);
    const { classNames } = this.session.state.shape;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return { peek, specimen, selected, classNames, palette: this.palette, width, height };
  }
}

function paletteOf(element: HTMLElement): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: colour('--ink'),
    inkRgb: colour('--ink-rgb'),
    muted: colour('--muted'),
    well: colour('--well'),
    line: colour('--line'),
    accent: colour('--accent'),
    positive: colour('--right'),
    negative: colour('--wrong'),
    font: style.fontFamily,
  };
}

/** "The network: the image, 16 of 128 units, 10 of 10 classes, and …" */
function describe({ peek }: Scene): string {
  const layers = peek.layers.map(
    ({ shown, units }, n) => `${shown} of ${units} ${n === peek.layers.length - 1 ? 'classes' : 'units'}`,
  );
  return `The network: the image, ${layers.join(', ')}, and the strongest weights between them`;
}

customElements.define('network-panel', NetworkPanel);
