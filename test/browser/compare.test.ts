// The Compare view in real browsers: engines race by a link, one that cannot run says why, a stop keeps what
// there is.
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, launchBrowser } from '../../src/cli/browser/launch.ts';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/cli/package_root.ts';
import type { CompareReport } from '../../src/jobs/job.ts';
import { PATIENCE, press, text, waitForText } from './page_steps.ts';
import { inOneBrowser, openPage, TESTED_BROWSERS } from './setup.ts';

const SHORT = 'network=784-16-10&trainImages=1000&batch=50&epochs=2';
/** Longer than any test waits. */
const LONG = 'network=784-64-10&trainImages=2000&epochs=5000&schedule=constant';

let server: StaticServer;
beforeAll(async () => {
  server = await serveStatic(builtPage(packageRoot()));
});
afterAll(() => server?.close());

const link = (query: string) => `${server.url}#/compare?${query}`;

/** The table's rows: the engine's name and its cells after the device. */
const rows = (page: Page) =>
  page.$$eval('#compare-table tbody tr', (lines) =>
    lines.map((line) => {
      const [device, ...cells] = [...line.querySelectorAll('td')].map((cell) => cell.innerText.trim());
      return { engine: (line as HTMLElement).dataset.engine, device, cells };
    }),
  );

/** What a press on a button downloads. */
const download = (page: Page, button: string): Promise<string> =>
  page.evaluate(async (selector) => {
    const { createObjectURL } = URL;
    const made = new Promise<Blob>((resolve) => {
      URL.createObjectURL = (blob) => {
        resolve(blob as Blob);
        return createObjectURL(blob);
      };
    });
    document.querySelector<HTMLElement>(selector)!.click();
    URL.createObjectURL = createObjectURL;
    return (await made).text();
  }, button);

describe.each(TESTED_BROWSERS)('Compare in %s', (name) => {
  it('races two engines by a link', async () => {
    const { page, errors } = await openPage(
      name,
      link(`engines=tfjs-wasm,abacus,wasm-1&seed=5&${SHORT}&go=1`),
    );
    await waitForText(page, '#compare-status', '^Finished: 784-16-10 on 1,000 images, 2 epochs');
    await waitForText(page, '#compare-table tr:last-child td:last-child', 'step');

    const [ours, tfjs, ...others] = await rows(page);
    expect(others).toEqual([]);
    expect([ours.engine, tfjs.engine]).toEqual(['wasm-1', 'tfjs-wasm']);
    expect(ours.device).toMatch(/^wasm, .*simd, 1 thread$/);
    expect(tfjs.device).toMatch(/^tfjs, tfjs-backend-wasm/);

    const json = await download(page, '#compare-json');
    const report: CompareReport = JSON.parse(json);
    expect(report).toMatchObject({ schema: 'mnist-kernels/compare@1', network: '784-16-10', seed: 5 });
    const [first, second] = report.entrants;
    for (const [row, entrant] of [
      [ours, first],
      [tfjs, second],
    ] as const) {
      expect(entrant.steps).toBe(40);
      expect(row.cells[0]).toBe(entrant.millisecondsPerStep!.toPrecision(3));
      expect(Number(row.cells[1].replaceAll(',', ''))).toBe(Math.round(entrant.imagesPerSecond!));
      expect(Number.parseFloat(row.cells[4])).toBeCloseTo(100 * entrant.testAccuracy!, 2);
      expect(entrant.testAccuracy).toBeGreaterThan(0.6);
    }
    expect(ours.cells.slice(5)).toEqual(['–', '–', '–']);
    expect(second.difference!.loss).toBeGreaterThan(0);
    expect(second.difference!.loss).toBeLessThan(0.01);
    expect(second.difference!.parameter).toBeGreaterThan(0);
    expect(Number(tfjs.cells[5])).toBeCloseTo(second.difference!.loss, 4);
    expect((await download(page, '#compare-csv')).split('\n').length).toBe(1 + 40 + 1);

    const drawn = await page.$$eval('compare-view canvas', (canvases) =>
      canvases.map((canvas) =>
        (canvas as HTMLCanvasElement)
          .getContext('2d')!
          .getImageData(0, 0, (canvas as HTMLCanvasElement).width, (canvas as HTMLCanvasElement).height)
          .data.some((byte) => byte > 128),
      ),
    );
    expect(drawn).toEqual([true, true, true]);
    expect(await text(page, '#compare-chart-difference .chart-legend')).toMatch(/tfjs-wasm \d/);

    const fragment = await page.evaluate(() => location.hash);
    expect(fragment).toContain('seed=5');
    expect(fragment).not.toContain('go=1');
    await page.setViewport({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(errors).toEqual([]);
    await page.close();
  });

  inOneBrowser(name)('keeps what there is when it is stopped, and begins anew', async () => {
    const { page, errors } = await openPage(name, link(`engines=wasm,tfjs-wasm&${LONG}`));
    await page.waitForSelector('#compare-start:not(:disabled)', PATIENCE);
    await press(page, '#compare-start');
    await waitForText(page, '[data-engine="wasm"] td:nth-of-type(6)', '%');
    await press(page, '#compare-stop');
    await waitForText(page, '#compare-status', '^Stopped');
    await waitForText(page, '[data-engine="tfjs-wasm"]', 'stopped before its turn');
    const [ours] = await rows(page);
    expect(ours.device).toMatch(/stopped after [\d,]+ steps/);
    expect(Number(ours.cells[0])).toBeGreaterThan(0);

    for (const [field, typed] of Object.entries({ epochs: '1', trainImages: '500' })) {
      await page.$eval(`#compare-${field}`, (input) => (input as HTMLInputElement).select());
      await page.type(`#compare-${field}`, typed);
    }
    await press(page, '#compare-start');
    await waitForText(page, '#compare-status', '^Finished: .* on 500 images, 1 epoch$');
    expect(errors).toEqual([]);
    await page.close();
  });

  inOneBrowser(name)('says what is wrong with the form, and that a training is under way', async () => {
    const { page } = await openPage(name, `${server.url}#backend=wasm&${LONG}`);
    await waitForText(page, '#status', 'Ready');
    await press(page, '#train');
    await waitForText(page, '#live-test-accuracy', '%');
    await press(page, '#to-compare-view');
    await page.waitForSelector('#compare-engine-tfjs-wasm:checked', PATIENCE);
    await press(page, '#compare-engine-tfjs-wasm');
    await press(page, '#compare-start');
    await waitForText(page, '#compare-problem', 'Choose two engines');
    await press(page, '#compare-engine-wasm-1');
    await waitForText(page, '#compare-problem', '^$');
    await press(page, '#compare-start');
    await waitForText(page, '#compare-problem', 'a training is under way');
    await press(page, '#to-train-view');
    await press(page, '#stop');
    await waitForText(page, '#status', '^Stopped');
    await page.close();
  });
});

describe.each(TESTED_BROWSERS)('Compare without WebGPU in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { webgpu: false });
  });
  afterAll(() => closeBrowser(browser));

  it('makes a row of the engine that cannot run, with its reason', async () => {
    const page = await browser.newPage();
    await page.goto(link(`engines=webgpu,wasm,tfjs-webgpu&${SHORT}&go=1`));
    await waitForText(page, '#compare-status', '^Finished');
    await waitForText(page, '[data-engine="tfjs-webgpu"]', 'no adapter|no WebGPU');
    const [webgpu, wasm] = await rows(page);
    expect(webgpu.device).toMatch(/no adapter|no WebGPU/);
    expect(webgpu.cells.every((cell) => cell === '–')).toBe(true);
    expect(wasm.cells[2]).toBe('1');
    expect(Number(wasm.cells[0])).toBeGreaterThan(0);
    expect(await text(page, '#compare-engine-webgpu-note')).toMatch(/no adapter|no WebGPU/);
  });
});
