#!/usr/bin/env node
// `npm run picture`: makes docs/training.png, README's moving picture, from the built page in Chromium: a
// training of `quick` on WASM at the speed it had, then a digit that is drawn and read. It needs dist/. The
// file is an APNG; it is named .png because that is what sites such as GitHub show as a picture.
// @ts-check
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import UPNG from 'upng-js';
import { load, vite } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const FILE = 'docs/training.png';
const MOST_BYTES = 1.5e6;
const MOST_SECONDS = 10;
/** The page's size; the picture is smaller by the scale. */
const VIEWPORT = { width: 1120, height: 740, deviceScaleFactor: 0.82 };
const COLOURS = 256;

/** Of a stroke, between two of its points. */
const PARTS = 6;

/** Milliseconds. */
const DRAWING_FRAME = 70;
const REST = { before: 900, trained: 1800, drawn: 2000 };

/** Strokes of a five, in sides of the pad. @type {readonly (readonly [x: number, y: number])[][]} */
const FIVE = [
  [
    [0.36, 0.18],
    [0.34, 0.32],
    [0.32, 0.45],
    [0.45, 0.42],
    [0.58, 0.45],
    [0.66, 0.54],
    [0.67, 0.65],
    [0.61, 0.76],
    [0.5, 0.82],
    [0.38, 0.81],
    [0.29, 0.74],
  ],
  [
    [0.36, 0.18],
    [0.5, 0.18],
    [0.66, 0.17],
  ],
];

/** @type {typeof import('../src/cli/browser/launch.ts')} */
const { launchBrowser, closeBrowser } = await load('/src/cli/browser/launch.ts');
/** @type {typeof import('../src/cli/browser/server.ts')} */
const { builtPage, serveStatic } = await load('/src/cli/browser/server.ts');

const server = await serveStatic(builtPage(process.cwd()));
const browser = await launchBrowser('chromium');
const page = (await browser.pages())[0];

/** @type {{ pixels: ArrayBuffer, milliseconds: number }[]} */
const frames = [];
/** Of the frames. */
let size = { width: 0, height: 0 };

try {
  await page.setViewport(VIEWPORT);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  await page.goto(`${server.url}#backend=wasm&threads=1`);
  await page.waitForFunction(() => document.querySelector('#status')?.textContent === 'Ready');
  await keepFrame(REST.before);
  await page.evaluate(() => document.querySelector('#train')?.dispatchEvent(new MouseEvent('click')));
  for (let before = performance.now(); !(await page.$('#accuracy')); ) {
    await keepFrame(0);
    const now = performance.now();
    prolong(now - before);
    before = now;
  }
  await settled();
  await keepFrame(REST.trained);

  await page.click('train-view a[href^="#/draw?"]');
  await page.waitForFunction(() =>
    /trained on/.test(document.querySelector('#draw-facts')?.textContent ?? ''),
  );
  await settled();
  await keepFrame(DRAWING_FRAME);
  const pad = await page.waitForSelector('#draw-pad');
  const box = await pad?.boundingBox();
  if (!box) throw new Error('the page has no pad to draw on');
  for (const stroke of FIVE) {
    for (const [index, [x, y]] of curve(stroke).entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height);
      if (index === 0) await page.mouse.down();
      if (index % PARTS > 0) continue;
      await settled();
      await keepFrame(DRAWING_FRAME);
    }
    await page.mouse.up();
  }
  await settled();
  await keepFrame(REST.drawn);
} finally {
  await closeBrowser(browser);
  await server.close();
  await vite.close();
}

const delays = frames.map(({ milliseconds }) => Math.round(milliseconds));
const seconds = delays.reduce((sum, each) => sum + each, 0) / 1000;
const { width, height } = size;
const picture = Buffer.from(
  UPNG.encode(
    frames.map(({ pixels }) => pixels),
    width,
    height,
    COLOURS,
    delays,
  ),
);
const said = `${frames.length} frames, ${seconds.toFixed(1)} s, ${(picture.length / 1e6).toFixed(2)} MB`;
if (picture.length > MOST_BYTES || seconds > MOST_SECONDS) {
  console.error(`${FILE} is not written: ${said}, at most ${MOST_SECONDS} s and ${MOST_BYTES / 1e6} MB`);
  process.exitCode = 1;
} else {
  writeFileSync(FILE, picture);
  console.log(`${FILE}: ${said}`);
}

/**
 * The Catmull-Rom spline through the points, PARTS of it from each to the next.
 * @param {readonly (readonly [x: number, y: number])[]} points
 */
function curve(points) {
  const at = (/** @type {number} */ index) => points[Math.min(Math.max(index, 0), points.length - 1)];
  return Array.from({ length: PARTS * (points.length - 1) + 1 }, (_, step) => {
    const index = Math.floor(step / PARTS);
    const t = (step % PARTS) / PARTS;
    const between = (/** @type {0 | 1} */ axis) => {
      const [a, b, c, d] = [-1, 0, 1, 2].map((offset) => at(index + offset)[axis]);
      return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    };
    return [between(0), between(1)];
  });
}

/**
 * Keeps what the page shows now as a frame; where that is nothing new, the frame before is shown for longer.
 * @param {number} milliseconds
 */
async function keepFrame(milliseconds) {
  const { buffer } = await page.screenshot({ optimizeForSpeed: true });
  const image = UPNG.decode(/** @type {ArrayBuffer} */ (buffer));
  const [pixels] = UPNG.toRGBA8(image);
  size = { width: image.width, height: image.height };
  const last = frames.at(-1);
  if (!last || !Buffer.from(last.pixels).equals(Buffer.from(pixels)))
    frames.push({ pixels, milliseconds: 0 });
  prolong(milliseconds);
}

/** @param {number} milliseconds */
function prolong(milliseconds) {
  const last = frames.at(-1);
  if (last) last.milliseconds += milliseconds;
}

/** Until what was done is drawn. */
async function settled() {
  await sleep(60);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}
