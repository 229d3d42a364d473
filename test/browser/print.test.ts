// The page and the report on paper: their colours stay, what one clicks is left out; and both are for everybody.
import type { Page } from 'puppeteer-core';
import { expect, it } from 'vitest';
import { slice } from '../../src/data/dataset.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { evaluate } from '../../src/evaluation/evaluation.ts';
import { renderReport } from '../../src/evaluation/report_html.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import { violations } from './axe.ts';
import { goOn, PATIENCE } from './page_steps.ts';
import { openPage } from './setup.ts';

/** Whether the first such element is drawn at all. */
const shows = (page: Page, selector: string) =>
  page.$eval(selector, (element) => element.getClientRects().length > 0);

const colourAdjust = (page: Page, selector: string) =>
  page.$eval(selector, (element) => getComputedStyle(element).printColorAdjust);

it('prints a benchmark without navigation, form and buttons', async () => {
  const beside = 'wasm-2-cores-chromium';
  const { page, errors } = await goOn('chromium', `#/benchmark?beside=${beside}`);
  await page.waitForSelector(`section[aria-label="${beside}"] rect`, PATIENCE);
  const left = ['.masthead', '#benchmark-form', '#benchmark-run', '.bench-others'];
  const stays = ['.finding', '.bar-chart'];
  for (const selector of [...left, ...stays]) expect(await shows(page, selector), selector).toBe(true);
  expect(await violations(page)).toEqual([]);
  await page.emulateMediaType('print');
  for (const selector of left) expect(await shows(page, selector), selector).toBe(false);
  for (const selector of stays) expect(await shows(page, selector), selector).toBe(true);
  expect(await colourAdjust(page, 'rect.own')).toBe('exact');
  await page.emulateMediaType('screen');
  expect(errors).toEqual([]);
});

it('prints a report in its colours, and nobody is shut out of it, in the light and in the dark', async () => {
  const whole = await loadMnistNode();
  const dataset = { ...whole, test: slice(whole.test, 0, 200) };
  const network = parseNetwork('784-16-10');
  const parameters = initialParameters(network, 'he', 1);
  // Every image is taken for the class of the one before it, with one in ten right by chance.
  const { labels } = dataset.test;
  const logits = Float32Array.from({ length: 2000 }, (_, i) =>
    labels[Math.max(0, Math.floor(i / 10) - 1)] === i % 10 ? 3 : 0,
  );
  const model = { network, parameters, source: 'a test', activation: 'relu' } as const;
  const evaluation = evaluate(logits, dataset.test, 10);
  const { page, errors } = await openPage('chromium', 'about:blank');
  await page.setContent(renderReport({ title: 'A report', dataset, model, evaluation }));
  for (const value of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
    expect(await violations(page), value).toEqual([]);
    for (const width of [360, 1200]) {
      await page.setViewport({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  }
  const drawn = await page.$$eval('.units img', (images) =>
    images.map((image) => (image as HTMLImageElement).naturalWidth),
  );
  expect(drawn).toEqual(Array(16).fill(28));
  await page.emulateMediaType('print');
  expect(await colourAdjust(page, 'td.wrong')).toBe('exact');
  expect(await page.$eval('body', (body) => getComputedStyle(body).backgroundColor)).toBe('rgba(0, 0, 0, 0)');
  await page.close();
  expect(errors).toEqual([]);
});
