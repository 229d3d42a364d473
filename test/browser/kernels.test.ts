// The Kernels view in real browsers: every kernel passes as it ships, errors that are typed into its text are seen on
// the map, what does not compile is marked, what does not end is ended, and a link brings all of it to others.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, launchBrowser } from '../../src/cli/browser/launch.ts';
import { builtPage } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { KERNEL_NAMES, type KernelName } from '../../src/network/kernels.ts';
import { casesOf } from '../../src/validation/cases.ts';
import { plantedInShaders } from '../../src/validation/planted/planted.ts';
import { violations } from './axe.ts';
import {
  download,
  endWorker,
  goOn,
  onPhone,
  PATIENCE,
  press,
  ready,
  text,
  visit,
  waitForText,
} from './page_steps.ts';
import { browserNamed, inOneBrowser, type OpenedPage, sharedSite, TESTED_BROWSERS } from './setup.ts';

/** The parts of <code-editor> that the tests use. */
type Editor = HTMLElement & { text: string; select(part: string): boolean };

const editorText = (page: Page) => page.$eval('#kernels-code', (editor) => (editor as Editor).text);

/** Selects a part of the text in the editor, and types another over it. */
async function typeOver(page: Page, from: string, to: string): Promise<void> {
  const before = await editorText(page);
  const found = await page.$eval('#kernels-code', (editor, part) => (editor as Editor).select(part), from);
  expect(found, from).toBe(true);
  if (to === '') await page.keyboard.press('Delete');
  // At once where the browser's driver can.
  else if ((await page.browser().version()).startsWith('Chrome')) await page.keyboard.sendCharacter(to);
  else await page.keyboard.type(to);
  expect(await editorText(page)).toBe(before.replace(from, () => to));
}

/** Takes back what was typed since the text was loaded. */
async function restore(page: Page): Promise<void> {
  if ((await page.$('#kernels-restore')) !== null) await press(page, '#kernels-restore');
}

/** Takes back what was typed last. */
async function undo(page: Page): Promise<void> {
  await page.$eval('#kernels-code', (editor) => (editor as Editor).focus());
  await page.keyboard.down('Control');
  await page.keyboard.press('z');
  await page.keyboard.up('Control');
}

const verdict = (page: Page) => text(page, '#kernels-verdict');

/** Until the oracle said of the present text what is expected. */
async function waitForVerdict(page: Page, pattern: string): Promise<void> {
  await page
    .waitForFunction(
      (source) => {
        const panel = document.querySelector('.kernels-verdict:not([data-stale])');
        return new RegExp(source).test(panel?.querySelector('#kernels-verdict')?.textContent ?? '');
      },
      { ...PATIENCE, polling: 30 },
      pattern,
    )
    .catch(async () => {
      throw new Error(`no ${pattern}: ${await verdict(page)} ${await text(page, '#kernels-problem')}`);
    });
}

/** How many elements the map shows as wrong. */
const wrongOnMap = (page: Page) =>
  page.$$eval('.kernels-map', (maps) =>
    maps.reduce((sum, map) => sum + Number((map as HTMLElement).dataset.wrong), 0),
  );

async function openKernel(page: Page, kernel: KernelName, shader: string, variant: string): Promise<void> {
  await visit(page, `#/kernels/${kernel}?variant=${variant}`);
  await waitForText(page, '.kernels-files button', `${shader}.wgsl(, changed)?$`);
  await restore(page);
}

describe.each(TESTED_BROWSERS)('Kernels in %s', (name) => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await goOn(name, '#/kernels');
  });

  it.each(KERNEL_NAMES)('%s passes as it ships, and its map shows each planted error', async (kernel) => {
    const { page, errors } = opened;
    const shapes = casesOf(kernel).length;
    // All of them in one browser, as they are errors of the text; in the other the first of what runs there.
    const all = plantedInShaders(kernel);
    const [most, files] =
      name === 'chromium' ? [99, all] : [1, all.filter(({ tiling }) => tiling === 'registers')];
    for (const { shader, tiling, errors: planted } of files) {
      await openKernel(page, kernel, shader, tiling);
      await waitForVerdict(page, ' passes; ');
      expect(await wrongOnMap(page)).toBe(0);
      for (const { what, from, to } of planted.slice(0, most)) {
        await typeOver(page, from, to);
        await waitForVerdict(page, ' (passes; |fails: )').catch((error: unknown) => {
          throw new Error(`${shader}.wgsl: ${what}: ${error}`);
        });
        // Some show on other shapes only.
        if (/ passes; /.test(await verdict(page))) await press(page, '#kernels-check-all');
        await waitForVerdict(page, ` fails: |\\d+ of ${shapes} pass.*; first failure `).catch(
          (error: unknown) => {
            throw new Error(`${shader}.wgsl: ${what} is not seen: ${error}`);
          },
        );
        expect(await wrongOnMap(page), what).toBeGreaterThan(0);
        await undo(page);
      }
    }
    await restore(page);
    expect(errors).toEqual([]);
  });

  it('tries all shapes, and shows the worst element of the first that fails', async () => {
    const { page } = opened;
    await openKernel(page, 'sgd', 'sgd', '');
    await press(page, '#kernels-check-all');
    await waitForVerdict(page, '^\\s*6 of 6 pass\\.');
    await page.select('#kernels-plant', '0');
    await waitForVerdict(page, 'fails: [\\d,]+ of [\\d,]+ elements beyond their bound');
    await press(page, '#kernels-check-all');
    await waitForVerdict(page, '^\\s*\\d of 6 pass; first failure \\d+\\.');
    expect(await text(page, '.kernels-worst')).toMatch(
      /worst element\s*parameter\[\d+\]\s*got\s*\S+\s*expected\s*\S+\s*bound\s*± \d/,
    );
    await restore(page);
    await waitForVerdict(page, 'passes');
  });

  it('marks a syntax error at its line, and keeps the draft', async () => {
    const { page } = opened;
    await openKernel(page, 'sgd', 'sgd', '');
    const lines = (await editorText(page)).split('\n');
    const line = 1 + lines.findIndex((each) => each.includes('step.learningRate *'));
    await typeOver(page, 'step.learningRate *', 'step.learningRate * oops');
    await waitForText(page, '#kernels-messages', 'oops|expected');
    expect(await text(page, '#kernels-messages li:first-child strong')).toMatch(new RegExp(`^${line}:\\d+$`));
    const marked = await page.$eval(
      '#kernels-code',
      (editor) => editor.shadowRoot!.querySelectorAll('.cm-lintRange-error, .cm-lintPoint-error').length,
    );
    expect(marked).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await page.reload();
    await page.waitForSelector('#kernels-restore', PATIENCE);
    expect(await editorText(page)).toContain('* oops');
    await restore(page);
    await waitForVerdict(page, 'passes');
  });

  it('ends a loop that has no end within 5 s, and goes on', async () => {
    const { page, errors } = opened;
    await openKernel(page, 'dense_forward', 'dense_forward_registers', 'registers');
    await waitForVerdict(page, 'passes');
    errors.length = 0;
    const lines = (await editorText(page)).split('\n');
    const line = 1 + lines.findIndex((each) => each.includes('i < constants.inputs; i++'));
    const begin = performance.now();
    await typeOver(page, 'i < constants.inputs; i++', 'i < constants.inputs + 1; i *= 1');
    await waitForText(page, '#kernels-problem', '.');
    expect(performance.now() - begin).toBeLessThan(5000 + 1500);
    expect(await text(page, '#kernels-problem')).toMatch(
      /^line \d+: this loop was ended after 65,000 rounds, or 1,000,000 with the loops around it$/,
    );
    expect(await text(page, '#kernels-messages')).toMatch(new RegExp(`^${line}\\s`));
    await restore(page);
    await waitForVerdict(page, 'passes');
    // As its limit would end it.
    await endWorker(page, 'trial');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await press(page, '#kernels-check-all');
    await waitForVerdict(page, '75 of 75 pass');
    expect(errors).toEqual([]);
  });

  it('hands a text on: source, shape and verdict come again in a fresh profile, once they are agreed to', async () => {
    const { page } = opened;
    await openKernel(page, 'softmax_cross_entropy', 'softmax_cross_entropy', '');
    await page.select('#kernels-shape', '7×132');
    await typeOver(page, '1.0 / f32(step.rows)', '1.0');
    await waitForVerdict(page, '7×132 fails: ');
    const said = await verdict(page);
    const sent = await editorText(page);
    await press(page, '#kernels-link');
    await page.waitForSelector('#kernels-address', PATIENCE);
    const link = await page.$eval('#kernels-address', (input) => (input as HTMLInputElement).value);
    expect(link.length).toBeLessThan(6000);
    await restore(page);

    const context = await (await browserNamed(name)).createBrowserContext();
    const fresh = await context.newPage();
    await fresh.goto(link);
    await fresh.waitForSelector('#kernels-accept', PATIENCE);
    expect(await editorText(fresh)).toBe(sent);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await verdict(fresh)).toBe('Not tried yet.');
    await fresh.$eval('#kernels-code', (editor) => (editor as Editor).focus());
    await fresh.keyboard.press('x');
    expect(await editorText(fresh)).toBe(sent);
    await press(fresh, '#kernels-accept');
    await waitForVerdict(fresh, '7×132 fails: ');
    expect(await verdict(fresh)).toBe(said);
    expect(await editorText(fresh)).toBe(sent);
    await context.close();
  });

  inOneBrowser(name)('times the text against the one that ships and tfjs, under the roofline', async () => {
    const { page, errors } = opened;
    await openKernel(page, 'dense_forward', 'dense_forward_registers', 'registers');
    await page.select('#kernels-shape', '128×128→10, relu');
    // It computes the same, and some things twice.
    await typeOver(page, 'sum2 += ', 'sum2 += 0.0 * w; sum2 += ');
    await waitForVerdict(page, '128×128→10, relu passes');
    await press(page, '#kernels-time');
    await page.waitForSelector('#kernels-times', PATIENCE);
    const rows = await page.$$eval('#kernels-times tbody tr', (lines) =>
      lines.map((each) => [...each.children].map(({ textContent }) => textContent!.trim())),
    );
    expect(rows.map(([who]) => who)).toEqual(['your text', 'as it ships', 'tfjs-webgpu']);
    for (const [, milliseconds, gflops, gigabytes] of rows) {
      expect(Number(milliseconds)).toBeGreaterThan(0);
      // 2·128·128·10 operations, and 4·(128·128 + 128·10 + 128·10) bytes.
      expect(Number(gflops) * Number(milliseconds)).toBeCloseTo(0.32768, 1);
      expect(Number(gigabytes) * Number(milliseconds)).toBeCloseTo(0.075776, 1);
    }
    expect(rows[0][4]).toBe('–');
    for (const [, , , , ratio] of rows.slice(1)) expect(ratio).toMatch(/^[\d.]+× \([\d.]+ to [\d.]+\)$/);
    expect(await page.$$eval('.kernels-roofline circle', (points) => points.length)).toBe(3);
    const file = Buffer.from(await download(page, '#kernels-download')).toString();
    expect(file).toContain('sum2 += 0.0 * w; sum2 += ');
    await press(page, '#kernels-train');
    await page.waitForSelector('compare-view .ask-start', PATIENCE);
    expect(await page.evaluate(() => location.hash)).toContain('shader=dense_forward_registers');
    expect(await violations(page)).toEqual([]);
    await visit(page, '#/kernels/dense_forward?variant=registers');
    await restore(page);
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('trains with the text, beside the one that ships', async () => {
    const { page, errors } = opened;
    await openKernel(page, 'dense_backward_weight', 'dense_backward_weight_registers', 'registers');
    await typeOver(page, 'sum0 += ', 'sum0 -= ').catch(async () => typeOver(page, ' += ', ' -= '));
    await waitForVerdict(page, 'fails');
    await press(page, '#kernels-train');
    await page.waitForSelector('compare-view .ask-not-now', PATIENCE);
    await visit(
      page,
      '#/compare?engines=webgpu-shipped,webgpu-own&shader=dense_backward_weight_registers&network=784-16-10&trainImages=500&epochs=1&batch=50',
    );
    await page.waitForSelector('#compare-engine-webgpu-own:checked', PATIENCE);
    await press(page, '#compare-start');
    await waitForText(page, '#compare-status', '^Finished: 784-16-10 on 500 images, 1 epoch');
    expect(await text(page, '[data-engine="webgpu-own"] td:nth-of-type(2)')).toMatch(/^no, .* apart$/);
    await visit(page, '#/kernels/dense_backward_weight?variant=registers');
    await restore(page);
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('leads a beginner in five steps, with times of this machine', async () => {
    const { page, errors } = opened;
    for (const step of [1, 2, 3, 4]) {
      await visit(page, `#/kernels/dense_forward?step=${step}`);
      await waitForText(page, '.kernels-files button', `^step ${step}$`);
      await waitForVerdict(page, 'passes');
    }
    await press(page, '#kernels-time-path');
    await waitForText(page, '[data-step="1"]', 'ms, [\\d.]+× the last');
    expect(await text(page, '[data-step="5"]')).toMatch(/^[\d.]+ ms$/);
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('shows the AssemblyScript beside it, and what the compiler made of that', async () => {
    const { page } = opened;
    await visit(page, '#/kernels/adamw');
    await waitForVerdict(page, 'passes');
    for (const [button, part] of [
      ['assembly/adamw.ts', 'export function adamw('],
      ['assembly/update.ts', 'oneMinusBeta1 = f32x4.splat(first)'],
      ['WebAssembly', '(func $assembly/adamw/adamw'],
    ]) {
      await page.evaluate((name) => {
        const buttons = [...document.querySelectorAll<HTMLElement>('.kernels-files button')];
        buttons.find(({ textContent }) => textContent === name)!.click();
      }, button);
      await page.waitForFunction(
        (expected) => document.querySelector<Editor>('#kernels-reading')?.text.includes(expected),
        PATIENCE,
        part,
      );
    }
    await press(page, '.kernels-files button');
    await page.waitForSelector('#kernels-reading', { ...PATIENCE, hidden: true });
  });

  inOneBrowser(name)('is for everybody, and fits a phone', async () => {
    const { page } = opened;
    await visit(page, '#/kernels/dense_forward');
    await waitForVerdict(page, 'passes');
    expect(await violations(page)).toEqual([]);
    await onPhone(page, async () => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      expect(await violations(page, ['color-contrast', 'scrollable-region-focusable'])).toEqual([]);
    });
  });
});

describe('the Kernels view', () => {
  it('loads when it is first shown, and at most 250 kB then', async () => {
    const fresh = await (await (await browserNamed('chromium')).createBrowserContext()).newPage();
    const asked: string[] = [];
    fresh.on('request', (request) => asked.push(request.url()));
    const site = await sharedSite();
    await fresh.goto(site);
    await ready(fresh);
    await fresh.waitForFunction(
      async () => (await caches.match(new URL('site_files.json', document.baseURI))) !== undefined,
      { ...PATIENCE, polling: 200 },
    );
    const isOfView = (url: string) => /kernels_view|trial_worker/.test(url);
    // What is kept for visits without a network comes afterwards.
    const list = asked.findIndex((url) => url.endsWith('/site_files.json'));
    expect(list).toBeGreaterThan(10);
    const before = new Set(asked.slice(0, list));
    expect([...before].filter(isOfView)).toEqual([]);
    asked.length = 0;
    await visit(fresh, '#/kernels');
    await waitForVerdict(fresh, 'passes');
    const trials = fresh.workers().filter((worker) => worker.url().includes('trial_worker'));
    const ofWorker = () => [
      location.href,
      ...performance.getEntriesByType('resource').map(({ name }) => name),
    ];
    const workers = await Promise.all(trials.map((worker) => worker.evaluate(ofWorker)));
    const loaded = [...asked, ...workers.flat()].filter((url) => url.includes('/assets/'));
    expect(trials.length).toBe(2);
    const paths = [...new Set(loaded)].map((url) => decodeURIComponent(new URL(url).pathname.slice(1)));
    expect(paths.filter(isOfView).length).toBeGreaterThanOrEqual(2);
    const folder = builtPage(packageRoot());
    const sizes = paths.map((path) => gzipSync(readFileSync(join(folder, path))).length);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(250_000);
    await fresh.browserContext().close();
  });

  it('shows the texts and tries WebAssembly where there is no WebGPU', async () => {
    const browser = await launchBrowser('chromium', { webgpu: false });
    try {
      const page = await browser.newPage();
      await page.goto(`${await sharedSite()}#/kernels/dense_backward_input`);
      await waitForVerdict(page, 'passes');
      expect(await page.$eval('#kernels-engine', (list) => (list as HTMLSelectElement).value)).toBe('wasm');
      expect(await text(page, '#kernels-readonly')).toMatch(
        /^To be read only: a text is tried by WebGPU, and /,
      );
      expect(await editorText(page)).toContain('@compute');
      await press(page, '#kernels-check-all');
      await waitForVerdict(page, '75 of 75 pass');
      await page.$eval('#kernels-code', (editor) => (editor as Editor).select('@compute'));
      await page.keyboard.type('x');
      expect(await editorText(page)).toContain('@compute');
    } finally {
      await closeBrowser(browser);
    }
  });
});
