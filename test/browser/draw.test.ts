// The Draw view in real browsers: digits drawn by pointer, photographed, read by shipped and by kept
// networks.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { ElementHandle, Page } from 'puppeteer-core';
import { afterAll, describe, expect, it } from 'vitest';
import { SHIPPED_MODELS } from '../../src/app/draw/shipped_models.ts';
import { builtPage, serveStatic } from '../../src/cli/browser/server.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { decodeModel, encodeModel } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { quantiseModel } from '../../src/jobs/quantise.ts';
import { idx } from '../cli/idx_folder.ts';
import { endWorker, goOn, onPhone, press, visit } from './page_steps.ts';
import { inOneBrowser, openPage, sharedSite, TESTED_BROWSERS } from './setup.ts';

/** Shorter than a test's own, so that what failed can be told. */
const PATIENCE = { timeout: 30_000, interval: 20 };

type Corner = readonly [x: number, y: number];

/** In sides of the pad. */
const SEVEN: readonly Corner[] = [
  [0.27, 0.22],
  [0.74, 0.22],
  [0.6, 0.5],
  [0.44, 0.82],
];

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-draw-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The view once its network is loaded, with an empty pad. */
async function openDraw(name: (typeof TESTED_BROWSERS)[number], fragment = '#/draw') {
  const opened = await goOn(name, fragment);
  await loaded(opened.page);
  if ((await text(opened.page, '#draw-winner')) !== '?') {
    await press(opened.page, '#draw-clear');
    await winner(opened.page).toBe('?');
  }
  return opened;
}

const loaded = (page: Page) => expect.poll(() => text(page, '#draw-facts'), PATIENCE).toContain('trained on');

const text = (page: Page, selector: string): Promise<string | undefined> =>
  page.evaluate((at) => document.querySelector(at)?.textContent?.trim(), selector);

const winner = (page: Page) => expect.poll(() => text(page, '#draw-winner'), PATIENCE);

const problem = (page: Page) => expect.poll(() => text(page, '#draw-problem'), PATIENCE);

/** Presses the mouse at the first corner and moves over the others; the button stays down. */
async function startStroke(page: Page, corners: readonly Corner[]): Promise<void> {
  const box = (await (await page.waitForSelector('#draw-pad'))!.boundingBox())!;
  const at = ([x, y]: Corner): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(corners[0]));
  await page.mouse.down();
  for (const corner of corners.slice(1)) await page.mouse.move(...at(corner), { steps: 6 });
}

async function draw(page: Page, corners: readonly Corner[]): Promise<void> {
  await startStroke(page, corners);
  await page.mouse.up();
}

/** Pixels of the pad's canvas that are inked, as a share of all. */
const inked = (page: Page): Promise<number> =>
  page.$eval('#draw-pad canvas', (element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((byte, i) => i % 4 === 3 && byte > 0).length / (data.length / 4);
  });

/** Gives the page a file by a drop on the view or a paste. */
const hand = (page: Page, kind: 'drop' | 'paste', file: string, content: Uint8Array) =>
  page.evaluate(
    (how, name, base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], name, { type: name.endsWith('.png') ? 'image/png' : '' }));
      const init = { bubbles: true, cancelable: true };
      const event = how === 'drop' ? new DragEvent('drop', init) : new ClipboardEvent('paste', init);
      // Firefox's constructor takes no files.
      Object.defineProperty(event, how === 'drop' ? 'dataTransfer' : 'clipboardData', {
        value: dataTransfer,
      });
      document.querySelector('#draw-pad')!.dispatchEvent(event);
    },
    kind,
    file,
    Buffer.from(content).toString('base64'),
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
  it('reads a seven while it is drawn, and again what undoing brings back', async () => {
    const { page, errors } = await openDraw(name);
    await winner(page).toBe('?');
    await startStroke(page, SEVEN);
    await winner(page).toBe('7');
    await page.mouse.up();
    const shares = await page.$$eval('#draw-probabilities td:last-child', (cells) =>
      cells.map((cell) => Number.parseFloat(cell.textContent ?? '')),
    );
    expect(shares).toHaveLength(10);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(100, 0);
    expect(shares.indexOf(Math.max(...shares))).toBe(7);
    await expect.poll(() => text(page, 'draw-view [role="status"]'), PATIENCE).toMatch(/^Read as 7, [\d.]+/);

    await press(page, '#draw-clear');
    await winner(page).toBe('?');
    expect(await inked(page)).toBe(0);
    await press(page, '#draw-undo');
    await winner(page).toBe('7');
    await page.keyboard.down('Control');
    await page.keyboard.press('z');
    await page.keyboard.up('Control');
    await winner(page).toBe('?');
    await expect
      .poll(() => page.$eval('#draw-undo', (undo) => (undo as HTMLButtonElement).disabled))
      .toBe(true);
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    await page.keyboard.press('Delete');
    await winner(page).toBe('?');
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('shows the network the digit as MNIST has it', async () => {
    const { page } = await openDraw(name);
    // Small and in a corner: neither may matter.
    await draw(
      page,
      SEVEN.map(([x, y]) => [0.45 * x, 0.45 * y] as const),
    );
    await winner(page).not.toBe('?');
    const { box, centre } = await page.$eval('#draw-seen canvas', (element) => {
      const canvas = element as HTMLCanvasElement;
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      const ink = [...data].filter((_, i) => i % 4 === 3);
      const inked = [...ink.keys()].filter((i) => ink[i] > 0);
      const extent = (of: (i: number) => number) =>
        Math.max(...inked.map(of)) - Math.min(...inked.map(of)) + 1;
      const mass = ink.reduce((a, b) => a + b, 0);
      const mean = (of: (i: number) => number) =>
        ink.reduce((sum, level, i) => sum + level * of(i), 0) / mass;
      const [column, row] = [(i: number) => i % width, (i: number) => Math.floor(i / width)];
      return { box: [extent(column), extent(row)], centre: [mean(column), mean(row)] };
    });
    expect(Math.max(...box)).toBe(20);
    for (const mean of centre) expect(Math.abs(mean - 13.5)).toBeLessThan(1.5);
  });

  it('takes the pen for what it is: wider under pressure, and no palm beside it', async () => {
    const { page } = await openDraw(name, '#/draw?model=quick');
    const stroke = (pressure: number) =>
      page.$eval(
        '#draw-pad',
        async (pad, pressed) => {
          const { left, top, width, height } = pad.getBoundingClientRect();
          const fire = (type: string, pointerId: number, pointerType: string, x: number, y: number) =>
            pad.dispatchEvent(
              new PointerEvent(type, {
                pointerId,
                pointerType,
                pressure: pressed,
                clientX: left + x * width,
                clientY: top + y * height,
                bubbles: true,
              }),
            );
          fire('pointerdown', 5, 'touch', 0.9, 0.9);
          fire('pointermove', 5, 'touch', 0.7, 0.9);
          fire('pointerdown', 6, 'pen', 0.2, 0.5);
          fire('pointermove', 5, 'touch', 0.5, 0.9);
          fire('pointermove', 6, 'pen', 0.8, 0.5);
          fire('pointerup', 6, 'pen', 0.8, 0.5);
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        },
        pressure,
      );
    await stroke(1);
    const strong = await inked(page);
    await press(page, '#draw-clear');
    await winner(page).toBe('?');
    await stroke(0.1);
    const weak = await inked(page);
    // A line of 0.6 sides by a pen of 0.08 · 1.5, or 0.08 · 0.6, with round ends.
    expect(strong).toBeCloseTo(0.6 * 0.12 + Math.PI * 0.06 ** 2, 2);
    expect(weak).toBeCloseTo(0.6 * 0.048 + Math.PI * 0.024 ** 2, 2);
    await onPhone(page, async () => {
      const width = () => page.$eval('#draw-pad canvas', (canvas) => canvas.clientWidth);
      await expect.poll(width, PATIENCE).toBeLessThan(340);
      await expect.poll(() => inked(page), PATIENCE).toBeGreaterThan(0.5 * weak);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });
  });

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
    await hand(page, 'drop', 'digit.png', photo(2));
    await winner(page).toBe('1');
    await hand(page, 'paste', 'digit.png', photo(3));
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
    await press(page, '#draw-test-image');
    await expect
      .poll(() => page.$eval('#draw-pad canvas', (canvas) => canvas.getAttribute('aria-label')), PATIENCE)
      .toMatch(/^Test image \d+$/);
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
    expect(
      await page.$eval('#draw-model', (select) => (select as HTMLSelectElement).selectedOptions[0].text),
    ).toBe('quick.onnx');
    await open({ 'int8.safetensors': encodeModel(await quantiseModel(model, mnist, nodeHost())) });
    await facts.toMatch(/^784-128-10 in int8, trained on MNIST, test accuracy 97.9/);
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

    await open({ 'model.json': json });
    await problem(page).toContain('could not be loaded: model.json: its weights are in weights.bin');
    await open({ 'net.pt': 'PK\u0003\u0004' });
    await problem(page).toContain('net.pt: a ZIP archive, as torch.save');
    await visit(page, '#/draw');
    await facts.toContain('trained on MNIST');
    await hand(page, 'drop', 'dropped', encodeOnnx(network, { ...parameters, bias1 }));
    await facts.toMatch(/^784-128-10, relu: ONNX/);
    await winner(page).toBe('4');
  });

  it('goes on with a new worker when the old one dies', async () => {
    const { page } = await openDraw(name);
    await endWorker(page, 'predict');
    await problem(page).toMatch(/worker .* stopped: it ended unexpectedly/);
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    await problem(page).toBeUndefined();
  });

  inOneBrowser(name)('reads with a kept run of another size while the next one trains', async () => {
    const { page, errors } = await openPage(
      name,
      `${await sharedSite()}#backend=wasm&epochs=30&batch=9&schedule=constant`,
    );
    await expect.poll(() => text(page, '#status'), PATIENCE).toBe('Ready');
    // Class 0 is a line across, class 1 one down, class 2 a block; 12×12 pixels.
    const side = 12;
    const lit = (label: number, x: number, y: number, middle: number) =>
      [
        y === middle && x >= 2 && x < 11,
        x === middle && y >= 2 && y < 11,
        x >= 2 && y >= 2 && x < 11 && y < 11,
      ][label];
    const images = (count: number) =>
      Uint8Array.from({ length: count * side * side }, (_, i) => {
        const sample = Math.floor(i / side / side);
        return lit(sample % 3, i % side, Math.floor(i / side) % side, 5 + (Math.floor(sample / 3) % 3))
          ? 255
          : 0;
      });
    const labels = (count: number) => Uint8Array.from({ length: count }, (_, i) => i % 3);
    const files = [
      ['train-images-idx3-ubyte', idx([90, side, side], images(90))],
      ['train-labels-idx1-ubyte', idx([90], labels(90))],
      ['t10k-images-idx3-ubyte', idx([30, side, side], images(30))],
      ['t10k-labels-idx1-ubyte', idx([30], labels(30))],
    ] as const;
    for (const [file, bytes] of files) writeFileSync(join(folder, file), bytes);
    const input = (await page.$('#files')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...files.map(([file]) => join(folder, file)));
    await expect.poll(() => text(page, '.dataset-name'), PATIENCE).toContain('12 × 12, 3 classes');
    await press(page, '#train');
    await expect.poll(() => text(page, '#accuracy'), PATIENCE).toMatch(/^100/);

    await page.$eval('#epochs', (field) => (field as HTMLInputElement).select());
    await page.keyboard.type('50000');
    await press(page, '#train');
    await expect.poll(() => text(page, '#live-epoch'), PATIENCE).toContain('/ 50000');
    await press(page, 'a[href^="#/draw?run="]');
    await expect
      .poll(() => text(page, '#draw-facts'), PATIENCE)
      .toMatch(/^144-128-3, trained on chosen files/);
    await draw(page, [
      [0.5, 0.2],
      [0.5, 0.8],
    ]);
    await winner(page).toBe('1');
    expect(await page.$$('#draw-probabilities tr')).toHaveLength(3);
    expect(await page.$eval('#draw-seen canvas', (canvas) => (canvas as HTMLCanvasElement).width)).toBe(12);
    await press(page, '#draw-clear');
    await draw(page, [
      [0.2, 0.5],
      [0.8, 0.5],
    ]);
    await winner(page).toBe('0');
    expect(await text(page, '#live-epoch')).toContain('/ 50000');
    expect(await page.$eval('.live', (live) => (live as HTMLElement).dataset.phase)).toBe('training');

    await page.select('#draw-model', 'model=quick');
    await expect.poll(() => text(page, '#draw-facts'), PATIENCE).toMatch(/^784-128-10/);
    expect(new URL(page.url()).hash).toBe('#/draw?model=quick');
    expect(errors).toEqual([]);
    await page.close();
  });

  inOneBrowser(name)('loads its network at the second try', async () => {
    const file = SHIPPED_MODELS[0].file;
    let refused = false;
    const failing = await serveStatic(builtPage(packageRoot()), {
      routes: {
        [`GET /${file}`]: (_, response) => {
          if (refused) response.end(readFileSync(join(packageRoot(), file)));
          else response.writeHead(503).end();
          refused = true;
        },
      },
    });
    const { page } = await openPage(name, `${failing.url}#/draw`);
    await problem(page).toContain('the server answered 503');
    await draw(page, SEVEN);
    await press(page, '#draw-retry');
    await winner(page).toBe('7');
    await problem(page).toBeUndefined();
    await page.close();
    await failing.close();
  });

  inOneBrowser(name)('says that a run is not kept here, and reads with what there is', async () => {
    const { page } = await openDraw(name);
    await visit(page, '#/draw?run=elsewhere');
    await problem(page).toContain('keeps no such run');
    await draw(page, SEVEN);
    await winner(page).toBe('7');
  });
});
