// Small images as PNG data URLs (W3C PNG specification, third edition), in Node and in browsers.
import { zlibSync } from 'fflate';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bytes of a pixel, and the specification's number for such images. */
const GREY = { bytes: 1, type: 0 };
const RGBA = { bytes: 4, type: 6 };
type Kind = typeof GREY;

/**
 * @param pixels uint8 [height, width] row-major, 0 is black
 * @returns a `data:image/png;base64,…` URL
 */
export function greyPngUrl(width: number, height: number, pixels: Uint8Array): string {
  return pngUrl(width, height, pixels, GREY);
}

/** @param pixels uint8 [height, width, 4] row-major: red, green, blue and opacity */
export function colourPngUrl(width: number, height: number, pixels: Uint8ClampedArray): string {
  return pngUrl(width, height, pixels, RGBA);
}

function pngUrl(width: number, height: number, pixels: ArrayLike<number>, { bytes, type }: Kind): string {
  const png = [
    ...SIGNATURE,
    ...chunk('IHDR', header(width, height, type)),
    ...chunk('IDAT', zlibSync(unfiltered(bytes * width, height, pixels), { level: 9 })),
    ...chunk('IEND', new Uint8Array()),
  ];
  return `data:image/png;base64,${btoa(png.map((byte) => String.fromCharCode(byte)).join(''))}`;
}

/** 8 bits a channel, not interlaced. */
function header(width: number, height: number, type: number): Uint8Array {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, 8);
  view.setUint8(9, type);
  return bytes;
}

/** Each row behind a 0, the filter type "none". */
function unfiltered(stride: number, height: number, pixels: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: height * (stride + 1) }, (_, at) => {
    const [y, x] = [Math.floor(at / (stride + 1)), at % (stride + 1)];
    return x === 0 ? 0 : pixels[y * stride + x - 1];
  });
}

/** Length, type, data and the checksum of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

/** The PNG specification's CRC, bit by bit; the images are small. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb8_8320 : 0);
  }
  return ~crc >>> 0;
}
