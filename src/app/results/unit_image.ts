// <unit-image>: the weights into a unit as a picture, positive ones in one colour and negative ones in
// another.
import { weightPixels } from '../../evaluation/first_layer.ts';

/** float32 [height, width] row-major. */
export interface UnitWeights {
  readonly weights: Float32Array;
  readonly width: number;
  readonly height: number;
}

export class UnitImage extends HTMLElement {
  private shown: UnitWeights | undefined;
  private readonly canvas = document.createElement('canvas');
  private readonly scheme = matchMedia('(prefers-color-scheme: dark)');

  set unit(unit: UnitWeights) {
    this.shown = unit;
    if (this.isConnected) this.draw();
  }

  connectedCallback(): void {
    this.replaceChildren(this.canvas);
    this.scheme.addEventListener('change', this.draw);
    this.draw();
  }

  disconnectedCallback(): void {
    this.scheme.removeEventListener('change', this.draw);
  }

  private readonly draw = (): void => {
    if (!this.shown) return;
    const { weights, width, height } = this.shown;
    const style = getComputedStyle(this);
    const colour = (name: string) => style.getPropertyValue(name).trim().split(/\s+/).map(Number);
    const [positive, negative] = [colour('--positive'), colour('--negative')];
    const image = new ImageData(weightPixels(weights, positive, negative), width, height);
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.getContext('2d')?.putImageData(image, 0, 0);
  };
}

customElements.define('unit-image', UnitImage);
