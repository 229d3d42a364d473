#!/usr/bin/env node
// What the page's own drawing costs a training: trainings in turns, with Train in sight and with the page
// behind another tab, by the images a second over the whole training; and then the frames a second of one more,
// as counting them makes the page draw. It needs dist/:
//   npm run -s build && node scripts/page_cost.mjs [--pairs 8] [--browser chromium] [--fragment backend=wasm]
// @ts-check
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, quantile } from 'simple-statistics';
import { load, vite } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '8' },
    browser: { type: 'string', default: 'chromium' },
    fragment: { type: 'string', default: 'backend=wasm&epochs=12' },
  },
});

const { launchBrowser } = await load('/src/cli/browser/launch.ts');
const { serveStatic, builtPage } = await load('/src/cli/browser/server.ts');
const server = await serveStatic(builtPage(process.cwd()));
const browser = await launchBrowser(values.browser);
const page = await browser.newPage();
const cover = await browser.newPage();
await page.bringToFront();
await page.goto(`${server.url}#${values.fragment}`);
await page.waitForFunction(() => document.querySelector('#status')?.textContent === 'Ready');

/**
 * Trains once.
 * @param {boolean} inSight
 * @param {boolean} counts frames
 * @returns {Promise<{ speed: number, frames: number[] }>} images a second, and milliseconds between frames
 */
async function train(inSight, counts = false) {
  await page.bringToFront();
  const trained = page.evaluate(async (/** @type {boolean} */ counts) => {
    /** @type {number[]} */
    const times = [];
    const view = /** @type {any} */ (document.querySelector('train-view'));
    const before = view.session.state.run;
    let counting = counts;
    /** @param {number} time */
    const count = (time) => {
      if (view.session.state.phase === 'training') times.push(time);
      if (counting) requestAnimationFrame(count);
    };
    if (counts) requestAnimationFrame(count);
    /** @type {HTMLElement} */ (document.querySelector('#train')).click();
    while (view.session.state.run === before) await new Promise((resolve) => setTimeout(resolve, 100));
    counting = false;
    const { report } = view.session.state.run;
    const images = report.dataset.train * report.epochs.length;
    return {
      speed: images / report.seconds,
      frames: times.slice(1).map((time, i) => time - times[i]),
    };
  }, counts);
  if (!inSight) await cover.bringToFront();
  const hidden = await page.evaluate(() => document.hidden);
  if (hidden === inSight) throw new Error(`the page is ${hidden ? '' : 'not '}hidden`);
  return trained;
}

await train(true);
const ratios = [];
for (let pair = 0; pair < Number(values.pairs); pair++) {
  const [first, second] = pair % 2 === 0 ? [true, false] : [false, true];
  const results = { [String(first)]: await train(first), [String(second)]: await train(second) };
  const [seen, unseen] = [results.true, results.false];
  ratios.push(unseen.speed / seen.speed);
  const speeds = [seen, unseen].map(({ speed }) => speed.toFixed(0));
  console.log(`in sight ${speeds[0]} images/s, hidden ${speeds[1]}: ${percent(ratios.at(-1))} slower`);
}
console.log(`in sight ${percent(median(ratios))} slower (median of ${ratios.length} pairs)`);
const { frames } = await train(true, true);
const slow = quantile(frames, 0.95);
console.log(`${(1000 / mean(frames)).toFixed(0)} frames a second, 95 % of them within ${slow.toFixed(0)} ms`);

/** @param {number | undefined} ratio */
function percent(ratio = Number.NaN) {
  return `${(100 * (ratio - 1)).toFixed(1)} %`;
}

/** @param {readonly number[]} numbers */
function mean(numbers) {
  return numbers.reduce((a, b) => a + b) / numbers.length;
}

await browser.close();
await server.close();
await vite.close();
