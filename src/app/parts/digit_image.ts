// <digit-image>: a grey image on a canvas, its pixels as the opacity of the ink.

/** uint8 [height, width] row-major, 0 is the background. */
export interface Digit {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface LabelledDigit extends Digit {
  readonly label: number;
}

export class DigitImage extends HTMLElement {
  private drawn: Digit | undefined;

  /** Undefined while it is on its way. */
  set digit(digit: Digit | undefined) {
    if (digit === this.drawn) return;
    this.drawn = digit;
    if (!digit) {
      this.replaceChildren();
      return;
    }
    const canvas = document.createElement('canvas');
    canvas.width = digit.width;
    canvas.height = digit.height;
    const image = new ImageData(digit.width, digit.height);
    for (let i = 0; i < digit.pixels.length; i++) image.data[4 * i + 3] = digit.pixels[i];
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    this.replaceChildren(canvas);
  }
}

customElements.define('digit-image', DigitImage);
