// Files in the Draw view, in real browsers: photos of digits, and networks of this and other programs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { ElementHandle, Page } from 'puppeteer-core';
import { afterAll, describe, expect, it } from 'vitest';
import { SHIPPED_MODELS } from '../../src/app/draw/shipped_models.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { decodeModel, encodeModel } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { quantiseModel } from '../../src/jobs/quantise.ts';
import { draw, openDraw, PATIENCE, problem, SEVEN, text, winner } from './draw_steps.ts';
import { visit } from './page_steps.ts';
import { TESTED_BROWSERS } from './setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-draw-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Gives the page files by a drop on the view or a paste. */
const hand = (page: Page, kind: 'drop' | 'paste', files: { readonly [name: string]: Uint8Array | string }) =>
  page.evaluate(
    (how, given) => {
      const dataTransfer = new DataTransfer();
      for (const [name, base64] of given) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        dataTransfer.items.add(new File([bytes], name, { type: name.endsWith('.png') ? 'image/png' : '' }));
      }
      const init = { bubbles: true, cancelable: true };
      const event = how === 'drop' ? new DragEvent('drop', init) : new ClipboardEvent('paste', init);
      // Firefox's constructor takes no files.
      Object.defineProperty(event, how === 'drop' ? 'dataTransfer' : 'clipboardData', {
        value: dataTransfer,
      });
      document.querySelector('#draw-pad')!.dispatchEvent(event);
    },
    kind,
    Object.entries(files).map(([name, content]) => [name, Buffer.from(content).toString('base64')] as const),
  );

/** A MNIST image as a photo: dark on light paper, enlarged, off the middle. */
function photoOf(pixels: Uint8Array): Buffer {
  const scale = 24;
  const [width, height] = [34 * scale, 40 * scale];
  const data = Buffer.alloc(4 * width * height);
  for (let i = 0; i < width * height; i++) {
    const column = Math.floor((i % width) / scale) - 4;
    const row = Math.floor(i / width / scale) - 2;
    const inside = column >= 0 && column < 28 && row >= 0 && row < 28;
    const ink = inside ? pixels[28 * row + column] : 0;
    data.set([230 - 0.8 * ink, 225 - 0.8 * ink, 200 - 0.7 * ink, 255], 4 * i);
  }
  return Buffer.from(PNG.sync.write({ width, height, data }));
}

describe.each(TESTED_BROWSERS)('the Draw view in %s', (name) => {
  it('reads photos that are chosen, dropped or pasted, and says which it cannot', async () => {
    const { test } = await loadMnistNode();
    const { page } = await openDraw(name);
    const photo = (index: number) => photoOf(test.images.subarray(784 * index, 784 * (index + 1)));
    const choose = async (file: string, content: Buffer | string) => {
      const input = (await page.$('#draw-photo')) as ElementHandle<HTMLInputElement>;
      writeFileSync(join(folder, file), content);
      await input.uploadFile(join(folder, file));
    };
    expect([...test.labels.subarray(0, 4)]).toEqual([7, 2, 1, 0]);
    await choose('two.png', photo(1));
    await winner(page).toBe('2');
    await hand(page, 'drop', { 'digit.png': photo(2) });
    await winner(page).toBe('1');
    await hand(page, 'paste', { 'digit.png': photo(3) });
    await winner(page).toBe('0');

    await choose('digit.heic', 'no image at all');
    await problem(page).toContain('digit.heic cannot be read as an image here');
    await winner(page).toBe('0');
    await choose('blank.png', photoOf(new Uint8Array(784)));
    await problem(page).toContain('the image is blank');
    await winner(page).toBe('?');
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    await problem(page).toBeUndefined();
  });

  it('opens networks of other programs, and says what is wrong with those that are none', async () => {
    const mnist = await loadMnistNode();
    const { test } = mnist;
    const { page } = await openDraw(name);
    const open = async (files: Record<string, string | Uint8Array>) => {
      for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
      const input = (await page.$('#draw-model-files')) as ElementHandle<HTMLInputElement>;
      await input.uploadFile(...Object.keys(files).map((file) => join(folder, file)));
    };
    const facts = expect.poll(() => text(page, '#draw-facts'), PATIENCE);
    const shipped = readFileSync(join(packageRoot(), SHIPPED_MODELS[2].file));
    const model = decodeModel(shipped, 'quick');
    const { network, parameters } = model;
    const input = (await page.$('#draw-photo')) as ElementHandle<HTMLInputElement>;
    writeFileSync(join(folder, 'seven.png'), photoOf(test.images.subarray(0, 784)));
    await input.uploadFile(join(folder, 'seven.png'));
    await winner(page).toBe('7');

    await open({ 'quick.onnx': encodeOnnx(network, parameters) });
    await facts.toMatch(/^784-128-10, relu: ONNX, written by mnist-kernels/);
    await winner(page).toBe('7');
    const chosen = () =>
      page.$eval('#draw-model', (select) => (select as HTMLSelectElement).selectedOptions[0].text);
    expect(await chosen()).toBe('quick.onnx');
    expect(await text(page, '#draw-formats')).toMatch(
      /model\.json and its weights\s+files, all chosen at once/,
    );
    await open({ 'int8.safetensors': encodeModel(await quantiseModel(model, mnist, nodeHost())) });
    await facts.toMatch(/^784-128-10 in int8, trained on MNIST, test accuracy 9[78]/);
    await winner(page).toBe('7');
    // One that answers with the same class whatever it sees.
    const bias1 = Float32Array.from({ length: 10 }, (_, label) => (label === 4 ? 1000 : 0));
    const { 'model.json': json, 'weights.bin': weights } = encodeLayersModel(network, {
      ...parameters,
      bias1,
    });
    await open({ 'model.json': json, 'weights.bin': weights });
    await facts.toMatch(/^784-128-10, relu: layers model of TensorFlow\.js/);
    await winner(page).toBe('4');

    await visit(page, '#/draw');
    await facts.toContain('trained on MNIST');
    await winner(page).toBe('7');
    const paths = ['group1-shard1of3.bin', 'group1-shard2of3.bin', 'group1-shard3of3.bin'];
    const size = Math.ceil(weights.length / 3);
    const shards = paths.map((path, i) => [path, weights.subarray(i * size, (i + 1) * size)] as const);
    const manifest = json.replace('"weights.bin"', JSON.stringify(paths).slice(1, -1));
    await hand(page, 'drop', { ...Object.fromEntries(shards), 'model.json': manifest });
    await facts.toMatch(/^784-128-10, relu: layers model of TensorFlow\.js/);
    await winner(page).toBe('4');
    expect(await chosen()).toBe('model.json and 3 more files');
    await hand(page, 'drop', { [paths[0]]: weights });
    await problem(page).toContain(
      `${paths[0]} could not be loaded: ${paths[0]}: no model that is known here`,
    );

    await open({ 'model.json': json });
    await problem(page).toContain('could not be loaded: model.json: its weights are in weights.bin');
    await open({ 'net.pt': 'PK\u0003\u0004' });
    await problem(page).toContain('net.pt: a ZIP archive, as torch.save');
    await visit(page, '#/draw');
    await facts.toContain('trained on MNIST');
    await hand(page, 'drop', { dropped: encodeOnnx(network, { ...parameters, bias1 }) });
    await facts.toMatch(/^784-128-10, relu: ONNX/);
    await winner(page).toBe('4');
  });
});
