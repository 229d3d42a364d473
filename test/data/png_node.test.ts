// PNG files as luminance.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPng } from '../../src/data/png_node.ts';
import { InputError } from '../../src/errors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'png-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One row of RGBA pixels. */
function encode(...pixels: number[][]): Uint8Array {
  return PNG.sync.write({ width: pixels.length, height: 1, data: Buffer.from(pixels.flat()) });
}

async function write(bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'image.png');
  await writeFile(file, bytes);
  return file;
}

describe('readPng', () => {
  it('weighs colours by their luminance', async () => {
    const file = await write(
      encode([255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 255, 255]),
    );
    expect(await readPng(file)).toEqual({ width: 4, height: 1, data: Uint8Array.of(54, 182, 18, 255) });
  });

  it('sees transparent pixels on white, or on black if white hides everything', async () => {
    const dark = await write(encode([0, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 51]));
    expect([...(await readPng(dark)).data]).toEqual([0, 255, 204]);
    const light = await write(encode([255, 255, 255, 255], [255, 255, 255, 0], [255, 255, 255, 51]));
    expect([...(await readPng(light)).data]).toEqual([255, 0, 51]);
  });

  it.each<[string, (png: Uint8Array) => Uint8Array, RegExp]>([
    [
      'no PNG',
      () => new TextEncoder().encode('GIF89a, not what was asked for'),
      /image\.png: not a PNG image$/,
    ],
    ['an empty file', () => new Uint8Array(), /image\.png: not a PNG image$/],
    ['a truncated PNG', (png) => png.subarray(0, 40), /image\.png: a damaged PNG image: /],
    ['a damaged PNG', (png) => png.map((byte, i) => (i === 45 ? byte ^ 0xff : byte)), /damaged PNG image: /],
    [
      'absurd sizes',
      (png) => png.map((byte, i) => (i >= 16 && i < 24 ? 0x7f : byte)),
      /image\.png: 2139062143×2139062143 pixels, expected at most/,
    ],
  ])('refuses %s', async (_, damage, message) => {
    const file = await write(damage(new Uint8Array(encode([0, 0, 0, 255], [255, 0, 0, 255]))));
    await expect(readPng(file)).rejects.toThrow(InputError);
    await expect(readPng(file)).rejects.toThrow(message);
  });

  /** @param data the pixels as they are packed */
  function handmade(width: number, height: number, interlace: number, data: Uint8Array): Uint8Array {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 0, 0, 0, interlace], 8);
    return Buffer.concat([
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      ...[['IHDR', header] as const, ['IDAT', data] as const, ['IEND', Buffer.alloc(0)] as const].map(
        ([type, contents]) => {
          const chunk = Buffer.concat([Buffer.from(type), contents]);
          const frame = Buffer.alloc(8 + chunk.length);
          frame.writeUInt32BE(contents.length, 0);
          frame.set(chunk, 4);
          frame.writeUInt32BE(crc32(chunk), 4 + chunk.length);
          return frame;
        },
      ),
    ]);
  }

  it('decodes what its test makes by hand, interlaced and not', async () => {
    for (const interlace of [0, 1]) {
      const file = await write(handmade(1, 1, interlace, deflateSync(Buffer.of(0, 77))));
      expect(await readPng(file)).toEqual({ width: 1, height: 1, data: Uint8Array.of(77) });
    }
  });

  it.each<[string, [number, number, number, Uint8Array], RegExp]>([
    [
      'a thread of 67 million pixels',
      [1, 2 ** 26, 0, deflateSync(Buffer.alloc(9))],
      /expected at most 16384/,
    ],
    ['more than 33 megapixels', [8000, 8000, 0, deflateSync(Buffer.alloc(9))], /expected at most/],
    ['pixels without data', [5000, 5000, 0, deflateSync(Buffer.alloc(9))], /too little data for 5000×5000/],
    ['data without end', [9, 9, 1, deflateSync(Buffer.alloc(2 ** 20))], /too much data for 9×9 pixels/],
  ])('refuses %s before it is decoded', async (_, [width, height, interlace, data], message) => {
    const file = await write(handmade(width, height, interlace, data));
    await expect(readPng(file)).rejects.toThrow(message);
    await expect(readPng(file)).rejects.toThrow(InputError);
  });

  it('names a file that is not there', async () => {
    await expect(readPng(join(folder, 'missing.png'))).rejects.toThrow(/^cannot read .*missing\.png: ENOENT/);
  });
});
