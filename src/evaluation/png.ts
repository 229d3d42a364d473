// Small grey images as PNG data URLs (W3C PNG specification, third edition), in Node and in browsers.
import { zlibSync } from 'fflate';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * @param pixels uint8 [height, width] row-major, 0 is black
 * @returns a `data:image/png;base64,…` URL
 */
export function greyPngUrl(width: number, height: number, pixels: Uint8Array): string {
  const png = [
    ...SIGNATURE,
    ...chunk('IHDR', header(width, height)),
    ...chunk('IDAT', zlibSync(unfiltered(width, height, pixels), { level: 9 })),
    ...chunk('IEND', new Uint8Array()),
  ];
  return `data:image/png;base64,${btoa(png.map((byte) => String.fromCharCode(byte)).join(''))}`;
}

/** 8-bit greyscale, not interlaced. */
function header(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(13);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  view.setUint8(8, 8);
  return bytes;
}

/** Each row behind a 0, the filter type "none". */
function unfiltered(width: number, height: number, pixels: Uint8Array): Uint8Array {
  const rows = new Uint8Array(height * (width + 1));
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  return rows;
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
