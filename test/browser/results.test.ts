// The Results view in real browsers: the scores, the cells of the matrix, the mistakes, the first layer, the
// calibration and the files to take away, of runs that were trained here.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { weightsInto } from '../../src/evaluation/first_layer.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import {
  chooseFiles,
  download,
  endWorker,
  goOn,
  onPhone,
  openReady,
  PATIENCE,
  press,
  SHORT,
  stripes,
  text,
  trained,
  value,
  visit,
  waitForText,
} from './page_steps.ts';
import { inOneBrowser, type OpenedPage, TESTED_BROWSERS } from './setup.ts';

let server: StaticServer;
beforeAll(async () => {
  server = await serveStatic(builtPage(packageRoot()));
});
afterAll(() => server?.close());

const examined = (page: Page) => page.waitForSelector('#results-accuracy', PATIENCE);

/** What each button of a list of images says: "Test image 2016, 7 →taken for 2 97.0 %". */
const listed = (page: Page, list: string) =>
  page.$$eval(`${list} .thumbnail`, (buttons) =>
    buttons.map((button) => button.textContent!.trim().replace(/\s+/g, ' ')),
  );

const cells = (page: Page) =>
  page.$$eval('#confusion tbody tr', (rows) =>
    rows.map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent))),
  );

const cellButton = (label: number, predicted: number) =>
  `#confusion tbody tr:nth-child(${label + 1}) td:nth-child(${predicted + 2}) button`;

const percents = (said: string) => (said.match(/[\d.]+(?=\s*%)/g) ?? []).map(Number);

/** The ink of each canvas: the opacity of its pixels. */
const inks = (page: Page, canvases: string) =>
  page.$$eval(canvases, (found) =>
    found.map((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const { data } = (canvas as HTMLCanvasElement).getContext('2d')!.getImageData(0, 0, width, height);
      return [...data].filter((_, i) => i % 4 === 3);
    }),
  );

/** Until the browser keeps so many runs. */
const keeps = (page: Page, runs: number) =>
  page.waitForFunction(
    (wanted) =>
      new Promise<boolean>((resolve) => {
        const opening = indexedDB.open('mnist-kernels-runs');
        opening.onsuccess = () => {
          const counting = opening.result.transaction('runs').objectStore('runs').count();
          counting.onsuccess = () => resolve(counting.result === wanted);
        };
      }),
    { ...PATIENCE, polling: 100 },
    runs,
  );

describe.each(TESTED_BROWSERS)('results in %s', (name) => {
  /** The accuracies of the two runs that are kept, the newest first. */
  const accuracies: number[] = [];

  /** Of the two trainings, and of the tests. */
  let opened: OpenedPage;

  /** The view at an address, as a link shows it. */
  const openResults = async (query = '') => {
    await opened.page.bringToFront();
    await visit(opened.page, `#/results${query}`);
    await examined(opened.page);
    return opened;
  };

  beforeAll(async () => {
    for (const address of ['#network=784-10', `#network=${SHORT.network}&seed=3`]) {
      opened = await goOn(name, `${address}&backend=wasm&epochs=2&trainImages=4000`, server.url);
      const { page } = opened;
      await press(page, '#train');
      accuracies.unshift(await trained(page));
      await keeps(page, accuracies.length);
    }
  });
  it('sums up what the newest run makes of the test images', async () => {
    const { page, errors } = await openResults();
    const [accuracy] = accuracies;
    expect(Number.parseFloat(await text(page, '#results-accuracy'))).toBe(accuracy);
    const [low, high] = percents(await text(page, '#interval'));
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
    const counts = await cells(page);
    expect(counts.length).toBe(10);
    expect(counts.flat().reduce((a, b) => a + b, 0)).toBe(10_000);
    const right = counts.reduce((sum, row, label) => sum + row[label], 0);
    expect((right / 100).toFixed(2)).toBe(accuracy.toFixed(2));
    await waitForText(page, '#results-gallery-title', `${10_000 - right} mistakes`);
    expect(errors).toEqual([]);
  });

  it('shows the images of a cell of the matrix until it is chosen again', async () => {
    const { page, errors } = await openResults();
    const counts = await cells(page);
    const [worst, label, predicted] = counts
      .flatMap((row, is) => row.map((count, taken) => (is === taken ? [0, is, taken] : [count, is, taken])))
      .sort((a, b) => b[0] - a[0])[0];
    const button = cellButton(label, predicted);
    const title = `${worst} images of class ${label} taken for ${predicted}`;
    expect(await page.$eval(button, (cell) => cell.getAttribute('aria-label'))).toBe(title);
    await press(page, button);
    await waitForText(page, '#results-gallery-title', title);
    expect(page.url()).toContain(`cell=${label}-${predicted}`);

    await page.reload();
    await examined(page);
    const shown = await listed(page, '#results-cell-images');
    expect(shown.length).toBe(Math.min(60, worst));
    for (const each of shown) expect(each).toContain(`, ${label} →taken for ${predicted} `);
    await press(page, button);
    await page.waitForSelector('#mistakes', PATIENCE);
    expect(page.url()).not.toContain('cell');
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('walks the matrix by the arrow keys and goes on after sixty images', async () => {
    const { page } = await openResults();
    const counts = await cells(page);
    const next = counts[0].findIndex((count, predicted) => predicted > 0 && count > 0);
    await page.focus(cellButton(0, 0));
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await waitForText(page, '#results-gallery-title', `of class 0 taken for ${next}`);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await waitForText(page, '#results-gallery-title', `${counts[0][0]} images of class 0 recognised`);
    await press(page, '.gallery .more-of-list');
    await page.waitForFunction(
      () => document.querySelectorAll('#results-cell-images canvas').length === 120,
      PATIENCE,
    );
    expect(
      await page.evaluate(() =>
        [...document.querySelectorAll('.thumbnail')].indexOf(document.activeElement!),
      ),
    ).toBe(60);
  });

  inOneBrowser(name)(
    'lists the mistakes by confidence and shows the chosen one with the probabilities of all classes',
    async () => {
      const { page } = await openResults();
      const mistakes = await listed(page, '#mistakes');
      const confidence = mistakes.map((label) => percents(label)[0]);
      expect(mistakes.length).toBe(60);
      expect(confidence).toEqual(confidence.toSorted((a, b) => b - a));
      await page.waitForFunction(() => document.querySelectorAll('#mistakes canvas').length === 60, PATIENCE);
      for (const ink of await inks(page, '#mistakes canvas')) expect(Math.max(...ink)).toBeGreaterThan(128);

      await press(page, '#mistakes li:nth-child(3) button');
      const [, index, label, predicted] = mistakes[2].match(/image (\d+), (\d) →taken for (\d)/)!;
      await waitForText(
        page,
        '#results-image figcaption',
        `image ${index}\\s+is ${label},\\s+taken for ${predicted}`,
      );
      expect(page.url()).toContain(`image=${index}`);
      const bars = await page.$$eval('#results-image .bars li', (rows) =>
        rows.map((row) => row.textContent!),
      );
      const probabilities = bars.map((bar) => percents(bar.replace(/^\s*\d+\s+/, ''))[0]);
      expect(probabilities.length).toBe(10);
      expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 0);
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(Number(predicted));
      expect(probabilities[Number(predicted)]).toBeCloseTo(confidence[2], 0);
      const [[small], [large]] = await Promise.all([
        inks(page, '#mistakes li:nth-child(3) canvas'),
        inks(page, '#results-image canvas'),
      ]);
      expect(large).toEqual(small);
    },
  );

  it('draws the weights of the first layer, and says how well calibrated the network is', async () => {
    const { page } = await openResults();
    const model = decodeModel(await download(page, '#download-model'), 'the model');
    expect((await page.$$('unit-image')).length).toBe(24);
    const unit = Number.parseInt(await text(page, '#results-units li'), 10);
    const weights = weightsInto(model.parameters.kernel0, 32, unit).map(Math.abs);
    const [ink] = await inks(page, 'unit-image canvas');
    const largest = Math.max(...weights);
    for (const [i, weight] of weights.entries()) {
      expect(Math.abs(ink[i] - (255 * weight) / largest)).toBeLessThanOrEqual(1);
    }
    await page.$eval('#results-units ~ .more-of-list', (more) => (more as HTMLElement).click());
    await page.waitForFunction(() => document.querySelectorAll('unit-image').length === 32, PATIENCE);

    const rows = await page.$$eval('#results-bins tbody tr', (bins) =>
      bins.map((bin) =>
        [...bin.querySelectorAll('td')].map((cell) => Number.parseFloat(cell.textContent!.replace(/,/g, ''))),
      ),
    );
    const bins = rows.filter(([count]) => count > 0);
    const sum = (of: (bin: number[]) => number) => bins.reduce((total, bin) => total + of(bin), 0);
    expect(sum(([count]) => count)).toBe(10_000);
    expect(sum(([count, , right]) => (count * right) / 1e4)).toBeCloseTo(accuracies[0], 0);
    const gaps = sum(([count, mean, right]) => (count * Math.abs(right - mean)) / 1e4);
    expect(Math.abs(gaps - percents(await text(page, '#results-ece'))[0])).toBeLessThan(0.11);
  });

  inOneBrowser(name)('compares kept runs, and gets over one that is gone', async () => {
    await visit(opened.page, '#/results?run=never-kept&cell=4-9');
    const { page } = opened;
    await waitForText(page, '#results-gone', 'This browser does not keep the run of this address');
    // An address of an earlier version tells nothing of the training.
    expect(await page.$('#train-here')).toBeNull();
    expect(await page.$('#confusion')).toBeNull();
    const shows = (accuracy: number) =>
      expect.poll(() => text(page, '#results-accuracy'), PATIENCE).toMatch(`${accuracy.toFixed(2)}`);
    const keys = await page.$$eval('#results-run option', (options) => options.map((option) => option.value));
    const runs = keys.filter((key) => key.startsWith('run='));
    await page.select('#results-run', runs[1]);
    await shows(accuracies[1]);
    expect(await page.$('#results-gone')).toBeNull();
    await page.reload();
    await examined(page);
    await shows(accuracies[1]);
    await waitForText(page, '#results-gallery-title', 'of class 4 taken for 9');

    await page.evaluate(
      (id) =>
        new Promise((resolve) => {
          const opening = indexedDB.open('mnist-kernels-models');
          opening.onsuccess = () => {
            const change = opening.result.transaction('models', 'readwrite');
            change.objectStore('models').delete(id);
            change.oncomplete = resolve;
          };
        }),
      runs[1].slice('run='.length),
    );
    await page.select('#results-run', runs[0]);
    await shows(accuracies[0]);
    await page.select('#results-run', runs[1]);
    await waitForText(page, '#results-problem', 'the model of this run is not kept any more');
    await page.select('#results-run', runs[0]);
    await examined(page);
    await shows(accuracies[0]);
  });

  it('gives out a model, a report and JSON of the run that is shown', async () => {
    const { page, errors } = await openResults();
    const model = decodeModel(await download(page, '#download-model'), 'the model');
    expect(model.network.widths).toEqual([784, 32, 10]);
    expect((100 * model.accuracy!).toFixed(2)).toBe(accuracies[0].toFixed(2));
    const report = JSON.parse(Buffer.from(await download(page, '#download-json')).toString());
    expect(report).toMatchObject({ schema: 'mnist-kernels/train@1', network: SHORT.network, seed: 3 });
    expect(Buffer.from(await download(page, '#download-report')).toString()).toContain('<!doctype html>');
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('says so when the report cannot be made, and makes it at the second press', async () => {
    const { page } = await openResults();
    // Before the worker could answer.
    await page.evaluate(() => document.querySelector<HTMLElement>('#download-report')!.click());
    await endWorker(page, 'engine');
    await waitForText(page, '#results-report-problem', 'The report could not be made');
    await page.waitForSelector('#download-report:enabled', PATIENCE);
    await page.waitForSelector('[aria-busy="false"] #download-report', PATIENCE);
    expect(Buffer.from(await download(page, '#download-report')).toString()).toContain('<!doctype html>');
    expect(await page.$('#results-report-problem')).toBeNull();
  });

  it('fits a narrow phone', async () => {
    const { page } = await openResults();
    await onPhone(page, async () => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });
  });

  it('has an address by which another browser trains the same run and shows the same cell', async () => {
    const { page } = await openResults('?cell=4-9&zebra=1');
    await waitForText(page, '.unknown', 'zebra=1$');
    const link = await page.evaluate(() => location.href);
    expect(link).toMatch(/#\/results\?run=[\d-]+&seed=3&.*network=784-32-10.*cell=4-9$/);
    expect(link).not.toMatch(/recipe|optimizer|zebra/);
    const [counts, said] = [await cells(page), await text(page, '#results-gallery-title')];
    // The link of the view goes on to show the newest run.
    expect(await page.$eval('#to-results-view', (to) => to.getAttribute('href'))).not.toContain('run=');

    const elsewhere = await serveStatic(builtPage(packageRoot()));
    const { page: other, errors } = await openReady(name, elsewhere.url);
    await visit(other, new URL(link).hash);
    await waitForText(other, '#results-gone', 'does not keep the run');
    await waitForText(other, '.offer', '784-32-10, recipe custom,\\s+2 × batch 128, .*seed 3');
    await press(other, '#train-here');
    await examined(other);
    expect(await cells(other)).toEqual(counts);
    expect(await text(other, '#results-gallery-title')).toBe(said);
    expect(new URL(await other.evaluate(() => location.href)).hash).toBe(new URL(link).hash);
    await other.reload();
    await examined(other);
    expect(await cells(other)).toEqual(counts);
    expect(errors).toEqual([]);
    await other.close();
    await elsewhere.close();
  });

  it('offers the shipped networks where there is no run, and says what it does not know', async () => {
    const elsewhere = await serveStatic(builtPage(packageRoot()));
    const { page, errors } = await openReady(name, elsewhere.url);
    await visit(page, '#/results');
    await press(page, '#results-of-quick');
    await examined(page);
    expect(Number.parseFloat(await text(page, '#results-accuracy'))).toBeGreaterThan(97.6);
    const counts = await cells(page);
    expect(counts.flat().reduce((a, b) => a + b, 0)).toBe(10_000);
    expect(await value(page, '#results-run')).toBe('model=quick');
    expect(Buffer.from(await download(page, '#download-report')).toString()).toContain('test images of');
    await visit(page, '#/results?model=slow');
    await waitForText(page, '#results-gone', 'The page has no network of this name');
    await visit(page, '#/results?model=quick&cell=4-77');
    await waitForText(page, '.unknown', 'cell=4-77$');
    expect(errors).toEqual([]);
    await page.close();
    await elsewhere.close();
  });

  it('makes a picture to share, to be handed to another program or downloaded with a link', async () => {
    const { page, errors } = await openResults();
    await press(page, '#results-share');
    await page.waitForSelector('#share-download:enabled', PATIENCE);
    const { width, height, data } = PNG.sync.read(Buffer.from(await download(page, '#share-download')));
    expect([width, height]).toEqual([1200, 630]);
    const at = (x: number, y: number) => [...data.subarray(4 * (1200 * y + x), 4 * (1200 * y + x) + 3)];
    const colours = new Set(
      Array.from({ length: 10 }, (_, i) => at(668 + 46.8 * i + 10, 98 + 46.8 * i + 10).join()),
    );
    expect(at(600, 5)).not.toEqual(at(600, 20));
    expect(colours.size).toBeGreaterThan(3);
    await waitForText(page, 'share-panel', 'what it takes to train the same network');
    const copied = await page.evaluate(async () => {
      const copies: string[] = [];
      navigator.clipboard.writeText = async (content) => void copies.push(content);
      document.querySelector<HTMLElement>('#share-link button')!.click();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return copies;
    });
    expect(copied).toEqual([await page.evaluate(() => location.href)]);
    expect(copied[0]).toContain('seed=3');

    // A browser that hands files on.
    await press(page, '#share-close');
    await page.evaluate(() => {
      const shared: ShareData[] = [];
      Object.assign(globalThis, { shared });
      Object.assign(navigator, {
        canShare: ({ files }: ShareData) => files?.length === 1,
        share: async (what: ShareData) => void shared.push(what),
      });
    });
    await press(page, '#results-share');
    await press(page, '#share-send');
    const shared = await page.evaluate(() =>
      (globalThis as unknown as { shared: ShareData[] }).shared.map(({ files, text }) => [
        files![0].name,
        files![0].type,
        text,
      ]),
    );
    expect(shared).toEqual([
      [
        'mnist-kernels-784-32-10-seed3.png',
        'image/png',
        expect.stringContaining(`${accuracies[0].toFixed(2)}\u00a0% of 10,000 test images recognised`),
      ],
    ]);
    await press(page, '#share-close');
    expect(errors).toEqual([]);
  });

  // Its run becomes the newest.
  inOneBrowser(name)('says which data a run needs that was trained on other data', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-results-'));
    const files = Object.entries(stripes()).map(([file, content]) => {
      // Labels from 1, which stay the classes' names.
      if (file.includes('labels')) for (let at = 8; at < content.length; at++) content[at]++;
      writeFileSync(join(folder, file), content);
      return join(folder, file);
    });
    const { page } = await goOn(name, '#backend=wasm&epochs=20&batch=8', server.url);
    await chooseFiles(page, files);
    await waitForText(page, '.dataset-name', '4 × 4, 3 classes');
    await press(page, '#train');
    expect(await trained(page)).toBe(100);
    await press(page, '#to-results');
    await expect.poll(async () => (await cells(page)).length, PATIENCE).toBe(3);
    await waitForText(page, 'results-view', 'Every test image was recognised');
    const named = (selector: string) =>
      page.$$eval(selector, (heads) => heads.map((head) => head.textContent));
    for (const heads of ['#confusion thead th', '#confusion tbody th', '#classes tbody th'])
      expect(await named(heads)).toEqual(['1', '2', '3']);
    expect(await page.$eval('#confusion button', (button) => button.title)).toBe(
      '10 images of class 1 recognised',
    );

    const [own, mnist] = await page.$$eval('#results-run option', (options) =>
      options.map((option) => option.value),
    );
    await page.select('#results-run', mnist);
    await waitForText(page, '#results-problem', 'trained on MNIST \\(28 × 28 pixels, 10 classes\\)');
    await press(page, '#results-problem a');
    await press(page, '#use-mnist');
    await press(page, '#to-results-view');
    await examined(page);
    await page.select('#results-run', own);
    await waitForText(page, '#results-problem', 'the data set that is loaded is MNIST');
    rmSync(folder, { recursive: true });
  });
});
