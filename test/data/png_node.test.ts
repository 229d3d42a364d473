// PNG files as luminance.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

  it('names a file that is not there', async () => {
    await expect(readPng(join(folder, 'missing.png'))).rejects.toThrow(/^cannot read .*missing\.png: ENOENT/);
  });
});
