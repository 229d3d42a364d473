// The Compare view in real browsers: engines race by a link, one that cannot run says why, a stop keeps what
// there is.
import type { Page } from 'puppeteer-core';
import { describe, expect, it } from 'vitest';
import { speedText } from '../../src/app/compare/live_comparison.ts';
import type { CompareReport } from '../../src/jobs/job.ts';
import { violations } from './axe.ts';
import {
  download as downloadBytes,
  goOn,
  onPhone,
  PATIENCE,
  press,
  text,
  waitForText,
} from './page_steps.ts';
import { inOneBrowser, TESTED_BROWSERS } from './setup.ts';

const SHORT = 'network=784-16-10&trainImages=1000&batch=50&epochs=2';
/** Longer than any test waits. */
const LONG = 'network=784-64-10&trainImages=2000&epochs=5000&schedule=constant';

/** A table's rows: the engine, what is told of it, and the row's cells. */
const rows = (page: Page, table = '#compare-table') =>
  page.$$eval(`${table} tbody tr`, (lines) =>
    lines.map((line) => ({
      engine: (line as HTMLElement).dataset.engine,
      device: line.querySelector('th p')?.textContent?.trim() ?? '',
      state: line.querySelector('th p:last-child')?.textContent?.trim() ?? '',
      cells: [...line.querySelectorAll('td')].map((cell) => cell.textContent!.trim()),
    })),
  );

/** What a button gives to download, as text. */
const download = async (page: Page, selector: string) =>
  Buffer.from(await downloadBytes(page, selector)).toString();

describe.each(TESTED_BROWSERS)('Compare in %s', (name) => {
  it('races two engines by a link', async () => {
    const { page, errors } = await goOn(
      name,
      `#/compare?engines=tfjs-wasm,abacus,wasm-1&seed=5&${SHORT}&go=1`,
    );
    await page.waitForSelector('compare-view .ask-start', PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await text(page, '#compare-status')).toBe('Ready');
    await press(page, 'compare-view .ask-start');
    await waitForText(page, '#compare-status', '^Finished: 784-16-10 on 1,000 images, 2 epochs');

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
      expect(row.cells[2]).toBe(entrant.millisecondsPerStep!.toPrecision(3));
      expect(Number(row.cells[3].replaceAll(',', ''))).toBe(Math.round(entrant.imagesPerSecond!));
      expect(Number.parseFloat(row.cells[5])).toBeCloseTo(100 * entrant.testAccuracy!, 2);
      expect(entrant.testAccuracy).toBeGreaterThan(0.6);
    }
    expect([ours.cells[0], ours.cells[1]]).toEqual(['the baseline', '–']);
    expect(tfjs.cells[0]).toBe(speedText(second.ratio!));
    expect(tfjs.cells[1]).toMatch(/^yes, within \d(\.\d)?e-[6-9]$/);
    expect(second.difference!.loss).toBeGreaterThan(0);
    expect(second.difference!.loss).toBeLessThan(0.01);
    expect(second.difference!.parameter).toBeGreaterThan(0);
    const [whole, ...epochs] = await rows(page, '#compare-differences');
    expect(whole).toMatchObject({
      engine: 'tfjs-wasm',
      cells: ['all steps', expect.any(String), expect.any(String), expect.stringMatching('step')],
    });
    expect(Number(whole.cells[1])).toBeCloseTo(second.difference!.loss, 4);
    expect(Number(whole.cells[2])).toBeCloseTo(second.difference!.parameter!, 4);
    expect(epochs.map(({ cells }) => cells[0])).toEqual(['epoch 1', 'epoch 2']);
    const [table, charts] = await page.$$eval('#compare-table, .compare-charts', (both) =>
      both.map((each) => each.getBoundingClientRect().top),
    );
    expect(table).toBeLessThan(charts);

    await page.select('#compare-baseline', 'tfjs-wasm');
    await waitForText(page, '#compare-table [data-engine="tfjs-wasm"] td', '^the baseline$');
    const [oursNow, tfjsNow] = await rows(page);
    expect(oursNow.cells[0]).toBe(speedText(1 / second.ratio!));
    expect([oursNow.cells[1], tfjsNow.cells[1]]).toEqual([tfjs.cells[1], '–']);
    expect((await rows(page, '#compare-differences'))[0]).toMatchObject({
      engine: 'wasm-1',
      cells: whole.cells,
    });
    expect(await page.evaluate(() => location.hash)).toContain('baseline=tfjs-wasm');
    expect(await page.$eval('#compare-link', (link) => link.getAttribute('href'))).toContain(
      'baseline=tfjs-wasm',
    );
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
    expect(await text(page, '#compare-chart-difference .chart-legend')).toMatch(/WebAssembly, one thread \d/);

    const fragment = await page.evaluate(() => location.hash);
    expect(fragment).toContain('seed=5');
    expect(fragment).not.toContain('go=1');
    expect(await violations(page)).toEqual([]);
    await onPhone(page, async () => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('keeps what there is when it is stopped, and begins anew', async () => {
    const { page, errors } = await goOn(name, `#/compare?engines=wasm,tfjs-wasm&${LONG}`);
    await page.waitForSelector('#compare-start:not(:disabled)', PATIENCE);
    await press(page, '#compare-start');
    await waitForText(page, '[data-engine="wasm"] td:nth-of-type(6)', '%');
    await press(page, '#compare-stop');
    await waitForText(page, '#compare-status', '^Stopped');
    await waitForText(page, '[data-engine="tfjs-wasm"]', 'stopped before its turn');
    const [ours] = await rows(page);
    expect(ours.state).toMatch(/stopped after [\d,]+ steps/);
    expect(Number(ours.cells[2])).toBeGreaterThan(0);

    for (const [field, typed] of Object.entries({ epochs: '1', trainImages: '500' })) {
      await page.$eval(`#compare-${field}`, (input) => (input as HTMLInputElement).select());
      await page.type(`#compare-${field}`, typed);
    }
    await press(page, '#compare-start');
    await waitForText(page, '#compare-status', '^Finished: .* on 500 images, 1 epoch$');
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('says what is wrong with the form, and that a training is under way', async () => {
    const { page } = await goOn(name, `#backend=wasm&${LONG}`);
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
    await waitForText(page, '#compare-problem', 'A training is under way');
    await press(page, '#to-train-view');
    await press(page, '#stop');
    await waitForText(page, '#status', '^Stopped');
  });
});
