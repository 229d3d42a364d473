// The tutorial in real browsers, as a reader walks it: nine steps, from the raw pixels to a trained network.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { describe, expect, it } from 'vitest';
import { builtPage, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { endWorker, goOn, onPhone, press, text as textOf, visit } from './page_steps.ts';
import { inOneBrowser, openPage, TESTED_BROWSERS } from './setup.ts';

const PATIENCE = { timeout: 30_000 };

const text = async (page: Page, selector: string): Promise<string> =>
  (await textOf(page, selector)).replace(/\s+/g, ' ');

/** Once the text is as wanted. */
const untilText = (page: Page, selector: string, pattern: RegExp): Promise<void> =>
  expect.poll(() => text(page, selector).catch(() => ''), PATIENCE).toMatch(pattern);

/** The number in a text with a real minus sign. */
const numberIn = async (page: Page, selector: string): Promise<number> =>
  Number.parseFloat((await text(page, selector)).replaceAll('−', '-'));

const parameter = (page: Page, name: string): Promise<string | null> =>
  page.evaluate((asked) => new URLSearchParams(location.hash.split('?')[1]).get(asked), name);

async function turnTo(page: Page, number: number): Promise<void> {
  await press(page, '#learn-next');
  await untilText(page, '#learn-title', new RegExp(`^${number}\\. `));
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('learn-title');
  expect(
    await page.$$eval('.learn-progress [aria-current="step"]', (links) =>
      links.map((link) => link.textContent?.trim()[0]),
    ),
  ).toEqual([String(number)]);
}

/** Opens a kernel's panel: its files as they are in the repository, and a shape. */
async function seeSources(page: Page, kernel: string, shape: string): Promise<void> {
  const panel = `#learn-source-${kernel}`;
  await press(page, `${panel} summary`);
  await expect.poll(() => text(page, `${panel} table`), PATIENCE).toContain(shape);
  for (const [index, file] of [`shaders/${kernel}.wgsl`, `assembly/${kernel}.ts`].entries()) {
    await press(page, `${panel} .learn-files button:nth-child(${index + 1})`);
    await expect
      .poll(() => page.$eval(`${panel} pre`, (element) => element.textContent), PATIENCE)
      .toBe(readFileSync(join(packageRoot(), file), 'utf8'));
  }
}

describe.each(TESTED_BROWSERS)('the tutorial in %s', (name) => {
  it('leads from the raw pixels to a trained network', async () => {
    const { page, errors } = await goOn(name, '#/learn');

    await untilText(page, '#learn-label', /^\d$/);
    await page.focus('#learn-pixels canvas');
    const before = await text(page, '#learn-pixels output');
    await page.keyboard.press('ArrowRight');
    const [, pixel, x] = /: (\d+) of 255\. .* = (\d\.\d+)/.exec(await text(page, '#learn-pixels output'))!;
    expect(await text(page, '#learn-pixels output')).not.toBe(before);
    expect(Number(x)).toBeCloseTo(Number(pixel) / 255, 4);
    await press(page, '#learn-next-batch');
    await untilText(page, '#learn-batch', /^Batch 2 of 938$/);
    expect(await parameter(page, 'batch')).toBe('1');
    expect((await page.$$('.learn-digits digit-image canvas')).length).toBe(64);
    await seeSources(page, 'gather_batch', '[60,000, 784]');

    await turnTo(page, 2);
    await untilText(page, '#learn-parameters', /^25,450$/);
    await page.focus('#learn-hidden');
    await page.keyboard.press('ArrowRight');
    await untilText(page, '#learn-parameters', /^28,630$/);

    await turnTo(page, 3);
    await expect.poll(() => page.$$eval('#learn-logits li', (bars) => bars.length), PATIENCE).toBe(10);
    const computed = await page.$$eval('.learn-sum tr', (rows) =>
      rows.slice(-2).map((row) => row.lastElementChild!.textContent),
    );
    expect(computed[0]).toBe(computed[1]);
    await seeSources(page, 'dense_forward', '[784, 36]');

    await turnTo(page, 4);
    await untilText(page, '#learn-loss', /\d/);
    expect(Math.abs((await numberIn(page, '#learn-loss')) - Math.log(10))).toBeLessThan(0.4);
    expect(await numberIn(page, '#learn-correct')).toBeLessThan(24);
    await seeSources(page, 'softmax_cross_entropy', '[64, 10]');

    await turnTo(page, 5);
    const check = async () => {
      await untilText(page, '#learn-slope', /\d/);
      const gradient = await numberIn(page, '#learn-kernel-gradient');
      expect(Math.abs((await numberIn(page, '#learn-slope')) - gradient)).toBeLessThan(1e-5);
      return gradient;
    };
    // The default is the steepest weight.
    expect(Math.abs(await check())).toBeGreaterThan(1e-3);
    await page.focus('#learn-gradient canvas');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect.poll(() => parameter(page, 'pixel'), PATIENCE).toMatch(/^\d+$/);
    await check();
    await seeSources(page, 'dense_backward_weight', '[784, 36]');
    await seeSources(page, 'dense_backward_input', '[36, 10]');

    await turnTo(page, 6);
    await page.waitForSelector('#learn-rates', PATIENCE);
    const rates = () => page.$$eval('#learn-rates li', (all) => all.map((each) => each.textContent?.trim()));
    // The reader's is one of the examples at first.
    expect(await rates()).toEqual(['0.001: too small', '0.1: good (yours)', '10: too large']);
    expect(await page.$$('#learn-rates polyline')).toHaveLength(3);
    await page.focus('#learn-rate');
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(rates, PATIENCE)
      .toEqual(['0.001: too small', '0.05: good (yours)', '0.1: good', '10: too large']);
    await page.keyboard.press('ArrowRight');
    await expect.poll(rates, PATIENCE).toHaveLength(3);
    await press(page, '#learn-step');
    await untilText(page, '#learn-taken', /^1$/);
    await untilText(page, '#learn-before', /\d/);
    expect(await numberIn(page, '#learn-after')).toBeLessThan(await numberIn(page, '#learn-before'));
    const [, byHand, byKernel] = / = (.+); the kernel sgd made it (.+)$/.exec(
      await text(page, '#learn-weight'),
    )!;
    expect(byKernel).toBe(byHand);
    await press(page, '#learn-reset');
    await untilText(page, '#learn-taken', /^0$/);
    await seeSources(page, 'sgd', '[28,224]');
    await seeSources(page, 'adamw', 'moment2Kernel0');

    await turnTo(page, 7);
    await press(page, '#learn-train');
    await untilText(page, '#learn-trained', /recognised/);
    const accuracy = await text(page, '#learn-trained strong');
    expect(Number.parseFloat(accuracy)).toBeGreaterThanOrEqual(97.6);

    await turnTo(page, 8);
    expect(await text(page, '#learn-accuracy')).toBe(accuracy);
    const cells = await page.$$eval('.learn-confusion td', (all) =>
      all.map((cell) => Number(cell.textContent)),
    );
    expect(cells.reduce((a, b) => a + b, 0)).toBe(10_000);
    await press(page, '.learn-classes label:nth-of-type(8)');
    await untilText(page, '#learn-scores', /^Of 1,028 digits that are a 7/);
    await seeSources(page, 'confusion', '[10, 10]');

    await turnTo(page, 9);
    expect((await page.$$('.learn-mistakes input')).length).toBe(24);
    await press(page, '.learn-mistakes label:nth-of-type(3)');
    await expect.poll(() => parameter(page, 'mistake'), PATIENCE).toBe('2');
    const shares = await page.$$eval('#learn-mistake-bars .value', (values) =>
      values.map((value) => Number.parseFloat(value.textContent!)),
    );
    expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(100, 0);
    expect(errors).toEqual([]);
  });

  it('shows the numbers of the pixels in their squares, or on a phone those around the cursor', async () => {
    const { page } = await goOn(name, '#/learn?step=data');
    await untilText(page, '#learn-label', /^\d$/);
    const lens = () =>
      page.$eval('#learn-pixels .lens', (canvas) => (canvas as HTMLCanvasElement).clientWidth);
    const image = () =>
      page.$eval('#learn-pixels .lens', (canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const usual = page.viewport();
    await page.setViewport({ width: 1200, height: 800 });
    await expect.poll(lens, PATIENCE).toBe(0);
    await page.setViewport(usual);
    await onPhone(page, async () => {
      // Eleven squares with room for three digits each.
      await expect.poll(lens, PATIENCE).toBeGreaterThan(11 * 24);
      await page.focus('#learn-pixels canvas');
      const before = await image();
      await page.keyboard.press('ArrowUp');
      await expect.poll(image, PATIENCE).not.toBe(before);
    });
  });

  it('opens at the place of a link, on a phone too', async () => {
    const { page, errors } = await goOn(
      name,
      '#/learn?step=forward&hidden=64&digit=5&unit=40&optimizer=adamw',
    );
    await onPhone(page, async () => {
      await page.waitForSelector('#learn-logits', PATIENCE);
      await expect
        .poll(() => page.$eval('#learn-unit', (select) => (select as HTMLSelectElement).value), PATIENCE)
        .toBe('40');
      for (const step of ['data', 'network', 'forward', 'loss', 'backward', 'update', 'train', 'evaluate']) {
        await visit(page, `#/learn?step=${step}&hidden=128`);
        await page.waitForFunction(() => !document.querySelector('.learn-live[aria-busy="true"]'), PATIENCE);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(wide, step).toBeLessThanOrEqual(360);
      }
    });
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('says what went wrong, and goes on at a second try', async () => {
    const file = 'data/train-labels-idx1-ubyte.gz';
    let refuses = true;
    const failing = await serveStatic(builtPage(packageRoot()), {
      routes: {
        [`GET /${file}`]: (_, response) => {
          if (refuses) response.writeHead(503).end();
          else response.end(readFileSync(join(builtPage(packageRoot()), file)));
        },
      },
    });
    const { page } = await openPage(name, `${failing.url}#/learn?step=loss`);
    await untilText(page, '#learn-problem', /the server answered 503/);
    refuses = false;
    await press(page, '#learn-problem button');
    await untilText(page, '#learn-loss', /\d/);
    expect(await page.$('#learn-problem')).toBeNull();
    await page.close();
    await failing.close();
  });

  it('begins anew when its worker dies', async () => {
    const { page } = await goOn(name, '#/learn?step=update');
    await page.waitForSelector('#learn-rates', PATIENCE);
    await press(page, '#learn-step');
    await untilText(page, '#learn-taken', /^1$/);
    await endWorker(page, 'lab');
    await untilText(page, '#learn-problem', /worker of this tutorial stopped: it ended unexpectedly/);
    await press(page, '#learn-problem button');
    await untilText(page, '#learn-taken', /^0$/);
    expect(await page.$('#learn-problem')).toBeNull();
    await press(page, '#learn-step');
    await untilText(page, '#learn-taken', /^1$/);
  });
});
