// Runs in real browsers: single steps, what is kept across reloads, sweeps, and trainings that were cut
// short.
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import {
  download,
  epochs,
  fill,
  goOn,
  LONG,
  openReady,
  PATIENCE,
  press,
  ready,
  SHORT,
  text,
  trained,
  value,
  waitForText,
} from './page_steps.ts';
import { inOneBrowser, TESTED_BROWSERS } from './setup.ts';

let server: StaticServer;
let plain: StaticServer;
beforeAll(async () => {
  const root = builtPage(packageRoot());
  [server, plain] = await Promise.all([serveStatic(root), serveStatic(root, { isolated: false })]);
});
afterAll(() => Promise.all([server?.close(), plain?.close()]));

/** Until the training under way could go on after a reload. */
async function snapshotKept(page: Page): Promise<void> {
  const database = 'mnist-kernels-unfinished';
  await page.waitForFunction(
    async (name) => {
      // Opening it before the page has would leave it without its store.
      if (!(await indexedDB.databases()).some((each) => each.name === name)) return false;
      const opened = indexedDB.open(name);
      await new Promise((resolve) => {
        opened.onsuccess = resolve;
      });
      const count = opened.result.transaction('trainings').objectStore('trainings').count();
      await new Promise((resolve) => {
        count.onsuccess = resolve;
      });
      opened.result.close();
      return count.result > 0;
    },
    PATIENCE,
    database,
  );
}

/**
 * Makes the training that was cut short one of another engine, until it stays so: the worker of the page
 * before may outlive it and keep one snapshot more.
 */
const moveUnfinished = (page: Page) =>
  page.evaluate(async () => {
    const done = (request: IDBRequest) =>
      new Promise((resolve) => {
        request.onsuccess = resolve;
      });
    const opened = indexedDB.open('mnist-kernels-unfinished');
    await done(opened);
    for (let moved = false; !moved; ) {
      const store = opened.result.transaction('trainings', 'readwrite').objectStore('trainings');
      const all = store.getAll();
      await done(all);
      const [training] = all.result;
      moved = training.snapshot.builds[0] === 'webgpu ACME One';
      training.snapshot.builds = ['webgpu ACME One'];
      await done(store.put(training, training.id));
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    opened.result.close();
  });

describe.each(TESTED_BROWSERS)('runs in %s', (name) => {
  it('are kept across a reload, and can be renamed, exported, repeated to the bit and deleted', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm', server.url);
    await fill(page, { ...SHORT, seed: '5' });
    await press(page, '#train');
    const accuracy = await trained(page);
    await page.waitForSelector('#runs tbody tr', PATIENCE);
    await page.$eval('#runs .run-name', (input) => {
      (input as HTMLInputElement).focus();
      (input as HTMLInputElement).select();
    });
    await page.keyboard.type('<b>mine</b>');
    await page.keyboard.press('Tab');
    // Its other places show the name once it is kept.
    await page.waitForSelector('#runs [aria-label="Delete <b>mine</b>"]', PATIENCE);
    await page.reload();
    await ready(page);
    await expect.poll(() => value(page, '#runs .run-name'), PATIENCE).toBe('<b>mine</b>');
    expect(await page.$('#runs b')).toBeNull();
    const exported = async () =>
      JSON.parse(Buffer.from(await download(page, '#runs [aria-label^="JSON"]')).toString());
    const before = await exported();
    expect((100 * before.test.accuracy).toFixed(2)).toBe(accuracy.toFixed(2));

    await press(page, '#runs [aria-label^="Repeat"]');
    await trained(page);
    await page.waitForFunction(() => document.querySelectorAll('#runs tbody tr').length === 2, PATIENCE);
    const { parameters } = await exported();
    expect(parameters.sha256).toBe(before.parameters.sha256);
    expect(await value(page, '#seed')).toBe('5');

    for (const left of [1, 0]) {
      await press(page, '#runs [aria-label^="Delete"]');
      await page.waitForFunction(
        (count) => document.querySelectorAll('#runs tbody tr').length === count,
        PATIENCE,
        left,
      );
    }
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('go step by step', async () => {
    const { page } = await goOn(name, '#backend=wasm', server.url);
    await fill(page, { ...SHORT, epochs: '1', batch: '2000' });
    await press(page, '#step');
    await waitForText(page, '#share', '^50');
    await waitForText(page, '#train', 'Resume');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await text(page, '#share')).toMatch(/^50/);
    await press(page, '#step');
    await trained(page);
  });

  inOneBrowser(name)('of a sweep fill a heat map, judged by images that were held out', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm', server.url);
    await fill(page, { ...SHORT, epochs: '1' });
    await press(page, 'sweep-panel summary');
    await fill(page, { 'sweep-values-0': '0.00001, 0.01', 'sweep-values-1': '32, 64' });
    await press(page, '#sweep');
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('#sweep-map td')].filter((cell) => /%/.test(cell.textContent ?? ''))
          .length === 4,
      PATIENCE,
    );
    const cells = await page.$$eval('#sweep-map tbody td', (all) =>
      all.map((cell) => Number.parseFloat(cell.textContent ?? '')),
    );
    expect(Math.min(cells[2], cells[3])).toBeGreaterThan(Math.max(cells[0], cells[1]));
    const kept = await page.$$eval('#runs tbody tr', (rows) => rows.length);
    expect(kept).toBeGreaterThanOrEqual(4);
    const report = JSON.parse(Buffer.from(await download(page, '#runs [aria-label^="JSON"]')).toString());
    expect(report.dataset.test).toBe(10_000);
    expect(report.dataset.train).toBe(4000);
    await press(page, '#runs [aria-label^="Repeat"]');
    await page.waitForFunction(
      (before) => document.querySelectorAll('#runs tbody tr').length > before,
      PATIENCE,
      kept,
    );
    const again = JSON.parse(Buffer.from(await download(page, '#runs [aria-label^="JSON"]')).toString());
    expect(again.parameters.sha256).toBe(report.parameters.sha256);
    expect(again.test).toEqual(report.test);
    expect(errors).toEqual([]);
  });

  it('that a reload cut short go on from their last snapshot', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm&schedule=constant', server.url);
    await fill(page, LONG);
    await press(page, '#train');
    await snapshotKept(page);
    await page.reload();
    await waitForText(page, '#unfinished', 'A training of 784-64-10 was cut short after \\d+ of 5,000');
    await moveUnfinished(page);
    await page.reload();
    await ready(page);
    await waitForText(page, '#unfinished', 'A training');
    const done = Number(/after (\d+)/.exec(await text(page, '#unfinished'))![1]);
    await press(page, '#resume');
    await page.waitForFunction(
      (from) => Number.parseInt(document.querySelector('#live-epoch')?.textContent ?? '', 10) > from,
      PATIENCE,
      done,
    );
    expect(await text(page, '#problem')).toMatch(
      /^The training was computed on webgpu ACME One so far and goes on with wasm (relaxed-)?simd: its numbers will differ/,
    );
    await press(page, '#stop');
    await trained(page);
    expect(Number.parseInt(await text(page, '#live-epoch'), 10)).toBeGreaterThan(done);
    await page.reload();
    await ready(page);
    await page.waitForSelector('#runs tbody tr', PATIENCE);
    expect(await page.$('#unfinished')).toBeNull();
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('in two tabs leave each other alone', async () => {
    const { page } = await goOn(name, '#backend=wasm', server.url);
    const before = (await page.$$('#runs tbody tr')).length;
    await fill(page, LONG);
    await press(page, '#train');
    await snapshotKept(page);
    const other = await openReady(name, server.url);
    expect(await other.page.$('#unfinished')).toBeNull();
    await fill(other.page, SHORT);
    await press(other.page, '#train');
    await trained(other.page);
    await other.page.waitForFunction(
      (count) => document.querySelectorAll('#runs tbody tr').length === count,
      PATIENCE,
      before + 1,
    );
    expect(other.errors).toEqual([]);
    await other.page.close();
    await page.bringToFront();
    const epoch = await epochs(page);
    await page.waitForFunction(
      (from) => Number.parseInt(document.querySelector('#live-epoch')?.textContent ?? '', 10) > from,
      PATIENCE,
      epoch,
    );
    await press(page, '#stop');
    await trained(page);
    await page.waitForFunction(
      (count) => document.querySelectorAll('#runs tbody tr').length === count,
      PATIENCE,
      before + 2,
    );
  });

  it('have threads where a service worker isolates what the host does not', async () => {
    const { page } = await goOn(name, '#/train', plain.url);
    await waitForText(page, '#isolation', '^\\s*threads');
    await waitForText(page, '#engine-wasm-note', 'thread');
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
  });
});
