// Files on the command line that are broken: of a data set, or models; each is refused by its name, in one line.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeIdxFolder } from './idx_folder.ts';
import { refusal, runWell } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-broken-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const WASM = ['--backend', 'wasm', '--threads', '1'];

describe('a folder of data with a broken file', () => {
  it.each<[string, string, (file: Buffer) => Uint8Array, RegExp]>([
    [
      'short',
      'train-images-idx3-ubyte',
      (file) => file.subarray(0, -1),
      /too short: 6015 bytes, expected 6016/,
    ],
    ['long', 't10k-labels-idx1-ubyte', (file) => Buffer.concat([file, file]), /too long/],
    ['of another type', 'train-labels-idx1-ubyte', (file) => file.fill(0x0d, 2, 3), /32-bit floats/],
    ['no IDX file', 'train-labels-idx1-ubyte', () => Buffer.from('<!doctype html>'), /not an IDX file/],
    ['a label too many', 't10k-labels-idx1-ubyte', (file) => file.fill(9, 8, 9), /label 9 at index 0/],
  ])('is refused by its name: %s', async (what, name, damage, message) => {
    const data = writeIdxFolder(at(`broken ${what}`));
    writeFileSync(join(data, name), damage(readFileSync(join(data, name))));
    const line = await refusal('train', ...WASM, '--layers', '20-3', '--data', data);
    expect(line).toContain(name);
    expect(line).toMatch(message);
  });

  it('is refused if the gzip file ends early', async () => {
    const data = writeIdxFolder(at('truncated'), { gzip: true });
    const file = join(data, 'train-images-idx3-ubyte.gz');
    writeFileSync(file, readFileSync(file).subarray(0, -20));
    expect(await refusal('train', ...WASM, '--layers', '20-3', '--data', data)).toMatch(
      /train-images-idx3-ubyte\.gz: the gzip data is damaged or ends early/,
    );
  });

  it('is refused if a file is missing', async () => {
    const data = writeIdxFolder(at('incomplete'));
    rmSync(join(data, 't10k-labels-idx1-ubyte'));
    expect(await refusal('train', ...WASM, '--layers', '20-3', '--data', data)).toMatch(
      /incomplete: no test labels \(t10k-labels-idx1-ubyte/,
    );
  });
});

describe('a corrupt model', () => {
  let model: Buffer;
  beforeAll(async () => {
    const data = writeIdxFolder(at('data'));
    const options = ['--layers', '20-8-3', '--epochs', '1', '--data', data, '--out', at('model')];
    await runWell('train', ...WASM, ...options);
    model = readFileSync(at('model'));
    mkdirSync(at('models'));
  });

  it.each<[string, () => Uint8Array]>([
    ['truncated', () => model.subarray(0, -5)],
    ['empty', () => Buffer.alloc(0)],
    ['with a header that is no JSON', () => Buffer.from(model).fill('x', 8, 20)],
    ['with a header longer than the file', () => Buffer.from(model).fill(0xff, 0, 6)],
    ['with a weight that is no number', () => Buffer.from(model).fill(0xff, model.length - 4)],
    ['of another kind', () => Buffer.from('PK\u0003\u0004 a zip archive, say')],
  ])('is refused by its name: %s', async (what, damage) => {
    const file = at(`models/${what}`);
    writeFileSync(file, damage());
    expect(await refusal('evaluate', ...WASM, '--model', file, '--data', at('data'))).toContain(`${file}: `);
  });

  it('is refused for data of another shape', async () => {
    expect(await refusal('evaluate', ...WASM, '--model', at('model'))).toMatch(/MNIST has 28×28 pixels/);
  });

  it('is told from an image that is none', async () => {
    writeFileSync(at('image.png'), 'no image');
    expect(await refusal('predict', '--model', at('model'), at('image.png'))).toBe(
      `${at('image.png')}: not a PNG image`,
    );
  });
});
