#!/usr/bin/env node
// `npm run icons`: makes the pictures that stand for the page elsewhere (src/app/public/): its icons, from
// icon.svg, and the one beside a link to it. Both are drawn by Chromium.
// @ts-check
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, vite } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const FOLDER = 'src/app/public';
/** Pixels. A maskable icon is cut to a shape by the system: what it shows keeps to the middle. */
const ICONS = [
  { file: 'icon-192.png', size: 192, margin: 0 },
  { file: 'icon-512.png', size: 512, margin: 0 },
  { file: 'icon-maskable-512.png', size: 512, margin: 64 },
  { file: 'icon-apple-180.png', size: 180, margin: 0 },
];
const BLUE = '#2457c5';
/** What Open Graph recommends. */
const LINK = { file: 'link.png', width: 1200, height: 630, digits: 12, rows: 6 };

/** @type {typeof import('../src/cli/browser/launch.ts')} */
const { launchBrowser, closeBrowser } = await load('/src/cli/browser/launch.ts');
/** @type {typeof import('../src/data/mnist_node.ts')} */
const { loadMnistNode } = await load('/src/data/mnist_node.ts');

const icon = readFileSync('src/app/icon.svg', 'utf8');
const { test } = await loadMnistNode();
const browser = await launchBrowser('chromium');
mkdirSync(FOLDER, { recursive: true });
try {
  for (const { file, size, margin } of ICONS) {
    const whole = margin > 0 || file.includes('apple');
    const css = `svg { width: ${size - 2 * margin}px; margin: ${margin}px; display: block }`;
    await draw(file, size, size, icon, whole ? `${css} body { background: ${BLUE} }` : css);
  }
  const { file, width, height } = LINK;
  await draw(file, width, height, linkBody(), linkCss());
} finally {
  await closeBrowser(browser);
  await vite.close();
}

/**
 * @param {string} file
 * @param {number} width
 * @param {number} height
 * @param {string} body
 * @param {string} css
 */
async function draw(file, width, height, body, css) {
  const page = await browser.newPage();
  await page.setViewport({ width, height });
  await page.setContent(`<style>* { margin: 0 } ${css}</style>${body}`);
  await page.evaluate(paintDigits);
  writeFileSync(`${FOLDER}/${file}`, await page.screenshot({ omitBackground: true }));
  await page.close();
  console.log(`${FOLDER}/${file}`);
}

/** In the page: each canvas gets the digit that its data holds. */
function paintDigits() {
  for (const canvas of document.querySelectorAll('canvas')) {
    const pixels = atob(canvas.dataset.pixels ?? '');
    const image = new ImageData(28, 28);
    for (let i = 0; i < 28 * 28; i++) {
      image.data.set([255, 255, 255, pixels.charCodeAt(i)], 4 * i);
    }
    canvas.getContext('2d')?.putImageData(image, 0, 0);
  }
}

function linkBody() {
  const { digits, rows } = LINK;
  const canvases = Array.from({ length: digits * rows }, (_, n) => {
    const pixels = Buffer.from(test.images.subarray(784 * n, 784 * (n + 1))).toString('base64');
    return `<canvas width="28" height="28" data-pixels="${pixels}"></canvas>`;
  });
  return `
    <div class="digits">${canvases.join('')}</div>
    <main>
      <p class="name">${icon} mnist-kernels</p>
      <h1>Teach a network to read handwriting, in your browser, in seconds</h1>
      <p>Hand-written WebGPU and WebAssembly kernels</p>
    </main>`;
}

function linkCss() {
  return `
    body { width: ${LINK.width}px; height: ${LINK.height}px; background: ${BLUE}; color: #fff; position: relative;
      overflow: hidden; font-family: system-ui, "Noto Sans", "Liberation Sans", sans-serif }
    .digits { position: absolute; inset: 0; display: grid; grid-template-columns: repeat(${LINK.digits}, 1fr);
      opacity: .16 }
    canvas { width: 100%; image-rendering: auto }
    main { position: absolute; inset: 0; padding: 80px; display: flex; flex-direction: column;
      justify-content: center; gap: 28px }
    .name { display: flex; align-items: center; gap: 18px; font-size: 34px; font-weight: 600 }
    .name svg { width: 56px; height: 56px; border-radius: 12px; box-shadow: 0 0 0 2px rgb(255 255 255 / 60%) }
    h1 { font-size: 76px; line-height: 1.1; font-weight: 700; letter-spacing: -.02em; text-wrap: balance }
    main p:last-child { font-size: 32px; opacity: .9 }`;
}
