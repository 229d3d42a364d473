// Runs in real browsers: single steps, what is kept across reloads, sweeps, and trainings that were cut
// short.
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import {
  chooseAction,
  download,
  downloadFrom,
  epochs,
  fill,
  goOn,
  LONG,
  onPhone,
  openMenu,
  openReady,
  PATIENCE,
  press,
  ready,
  runNames,
  SHORT,
  text,
  trained,
  value,
  visit,
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

/** How many runs the browser keeps. */
const keptRuns = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open('mnist-kernels-runs');
        opening.onsuccess = () => {
          const counting = opening.result.transaction('runs').objectStore('runs').count();
          counting.onsuccess = () => {
            opening.result.close();
            resolve(counting.result);
          };
        };
      }),
  );

const listed = (page: Page, names: readonly string[]) =>
  expect.poll(() => runNames(page), PATIENCE).toEqual(names);

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
    await page.waitForSelector('#runs [aria-label="Actions of <b>mine</b>"]', PATIENCE);
    await chooseAction(page, '<b>mine</b>', 'note');
    await page.keyboard.type('the <i>first</i>');
    await page.keyboard.press('Tab');
    await openMenu(page, '<b>mine</b>');
    await waitForText(page, '#runs .menu', 'Change the note');
    await page.reload();
    await ready(page);
    await expect.poll(() => value(page, '#runs .run-name'), PATIENCE).toBe('<b>mine</b>');
    expect(await page.$('#runs :is(b, i)')).toBeNull();
    expect(await value(page, '#runs .run-note')).toBe('the <i>first</i>');
    const exported = async (run: string) =>
      JSON.parse(Buffer.from(await downloadFrom(page, run, 'json')).toString());
    const before = await exported('<b>mine</b>');
    expect(before.note).toBe('the <i>first</i>');
    expect((100 * before.test.accuracy).toFixed(2)).toBe(accuracy.toFixed(2));

    await chooseAction(page, '<b>mine</b>', 'repeat');
    await trained(page);
    const again = '784-32-10, seed 5';
    await listed(page, [again, '<b>mine</b>']);
    const { parameters } = await exported(again);
    expect(parameters.sha256).toBe(before.parameters.sha256);
    expect(await value(page, '#seed')).toBe('5');

    await chooseAction(page, again, 'delete');
    await listed(page, ['<b>mine</b>']);
    expect(await keptRuns(page)).toBe(2);
    await press(page, '#undo-deletion');
    await listed(page, [again, '<b>mine</b>']);
    // The next deletion ends the time to undo the one before; a reload has the last one back.
    await chooseAction(page, '<b>mine</b>', 'delete');
    await listed(page, [again]);
    await chooseAction(page, again, 'delete');
    await listed(page, []);
    await expect.poll(() => keptRuns(page), PATIENCE).toBe(1);
    await page.reload();
    await ready(page);
    await listed(page, [again]);
    await chooseAction(page, again, 'delete');
    await expect.poll(() => keptRuns(page), PATIENCE).toBe(0);
    expect(await page.$('#undo-deletion')).toBeNull();
    expect(errors).toEqual([]);
  });

  it('are sorted by a column, have one menu open at a time that stays in sight, and are cards on a phone', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm', server.url);
    const [small, large] = ['784-10, seed 1', '784-32-10, seed 1'];
    for (const [network, trainImages] of [
      ['784-32-10', '4000'],
      ['784-10', '500'],
    ]) {
      await fill(page, { network, trainImages, epochs: '1' });
      await press(page, '#train');
      await trained(page);
      await page.waitForSelector(`#runs [aria-label="Actions of ${network}, seed 1"]`, PATIENCE);
    }
    await listed(page, [small, large]);
    const sorted = () =>
      page.$eval('#runs [aria-sort$="ending"]', (head) => [head.textContent!.trim(), head.ariaSort]);
    expect(await sorted()).toEqual(['Date ↓', 'descending']);
    await press(page, '#runs .of-images .sort');
    await listed(page, [large, small]);
    await press(page, '#runs .of-images .sort');
    await listed(page, [small, large]);
    await press(page, '#runs .of-accuracy .sort');
    await listed(page, [large, small]);
    await page.reload();
    await ready(page);
    await listed(page, [large, small]);
    expect(await sorted()).toEqual(['Accuracy ↓', 'descending']);

    await press(page, `#runs [aria-label="Overlay ${large}"]`);
    await page.waitForSelector('#overlay canvas', PATIENCE);
    await waitForText(page, '#overlay .chart-legend', large);
    await press(page, `#runs [aria-label="Overlay ${large}"]`);
    await page.waitForFunction(() => document.querySelector('#overlay') === null, PATIENCE);

    const focused = () => page.evaluate(() => document.activeElement!.textContent!.trim());
    await openMenu(page, large);
    await openMenu(page, small);
    expect((await page.$$('#runs .menu')).length).toBe(1);
    await expect.poll(focused, PATIENCE).toBe('Results');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Draw a digit for it');
    await page.keyboard.press('End');
    expect(await focused()).toBe('Delete');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Results');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.menu') === null, PATIENCE);
    expect(await page.evaluate(() => document.activeElement!.ariaLabel)).toBe(`Actions of ${small}`);
    await openMenu(page, small);
    await press(page, '#runs-title');
    await page.waitForFunction(() => document.querySelector('.menu') === null, PATIENCE);

    const inSight = async () => {
      await openMenu(page, large);
      const { left, right } = await page.$eval('#runs .menu', (menu) =>
        menu.getBoundingClientRect().toJSON(),
      );
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(await page.evaluate(() => document.documentElement.clientWidth));
      await page.keyboard.press('Escape');
    };
    await inSight();
    await onPhone(page, async () => {
      await inSight();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      const cards = await page.$$eval('#runs tbody tr', (rows) =>
        rows.map((row) => ({
          display: getComputedStyle(row).display,
          labelled: [...row.querySelectorAll('.fact')].every(
            (fact) => getComputedStyle(fact, '::before').content !== 'none',
          ),
        })),
      );
      expect(cards).toEqual([1, 2].map(() => ({ display: 'grid', labelled: true })));
    });
    await press(page, '#runs .of-created .sort');
    for (const each of [small, large]) await chooseAction(page, each, 'delete');
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

  it('of a sweep are judged by images that were held out, wherever they are shown', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm', server.url);
    const before = await runNames(page);
    await fill(page, { ...SHORT, epochs: '1' });
    await press(page, 'sweep-panel summary');
    await fill(page, { 'sweep-values-rows': '0.00001, 0.01', 'sweep-values-columns': '32, 64' });
    await press(page, '#sweep');
    await page.waitForFunction(() => document.querySelectorAll('#sweep-map td a').length === 4, PATIENCE);
    await waitForText(page, '#sweep-map caption', 'Held-out accuracy by learning rate');
    const cells = await page.$$eval('#sweep-map td a', (all) =>
      all.map((cell) => Number.parseFloat(cell.textContent ?? '')),
    );
    expect(Math.min(cells[2], cells[3])).toBeGreaterThan(Math.max(cells[0], cells[1]));
    const best = Math.max(...cells);

    // One row that folds.
    await waitForText(page, '.sweep-row', '4 runs, the best: learning rate 0.01');
    await waitForText(page, '.sweep-row', `${best.toFixed(2)}.%\\s*held-out`);
    expect(await runNames(page)).toEqual(before);
    await press(page, '.sweep-row .fold');
    await expect.poll(async () => (await runNames(page)).length, PATIENCE).toBe(before.length + 4);
    expect((await page.$$('#runs .map td a')).length).toBe(4);
    const run = 'sweep: Learning rate 0.01, Batch 32';
    const report = JSON.parse(Buffer.from(await downloadFrom(page, run, 'json')).toString());
    expect(report.dataset).toMatchObject({ train: 4000, test: 10_000 });

    // A link repeats the axes.
    const link = await page.evaluate(() => location.hash);
    expect(new URLSearchParams(link.slice(1)).get('rows')).toBe('learningRate 0.00001, 0.01');
    await visit(page, '#/train');
    await visit(page, link);
    await expect.poll(() => value(page, '#sweep-values-columns'), PATIENCE).toBe('32, 64');
    expect(await page.$eval('sweep-panel details', (details) => (details as HTMLDetailsElement).open)).toBe(
      true,
    );

    // Results looks at the images that were held out, as the training did.
    await press(page, '#sweep-map tbody tr:nth-child(2) td:nth-of-type(1) a');
    await page.waitForSelector('#results-accuracy', PATIENCE);
    await expect
      .poll(() => text(page, '#results-accuracy'), PATIENCE)
      .toBe(`${(100 * report.test.accuracy).toFixed(2)}\u00a0%`);
    const counts = await page.$$eval('#confusion tbody tr', (rows) =>
      rows.map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent))),
    );
    expect(counts).toEqual(report.test.confusion);
    expect(await text(page, 'results-view .headline')).toMatch(/held-out accuracy[\s\S]*Held-out loss/);
    expect(await text(page, 'results-view .headline')).not.toMatch(/test accuracy|Test loss/);
    expect(decodeModel(await download(page, '#download-model'), 'the model').accuracy).toBeUndefined();
    const made = Buffer.from(await download(page, '#download-report')).toString();
    expect(made).toContain('of 10,000 held-out images of');
    await page.waitForSelector('#results-image canvas', PATIENCE);
    const shown = await page.$eval('#results-image', (figure) => {
      const canvas = figure.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return { says: figure.textContent!, ink: [...data].filter((_, i) => i % 4 === 3) };
    });
    const index = Number(/Held-out image (\d+)/.exec(shown.says)![1]);
    const { train } = await loadMnistNode();
    const at = 784 * (train.count - 10_000 + index);
    expect(shown.ink).toEqual([...train.images.subarray(at, at + 784)]);

    await visit(page, '#/train');
    await chooseAction(page, run, 'repeat');
    await trained(page);
    await expect.poll(async () => (await runNames(page)).length, PATIENCE).toBe(before.length + 5);
    const again = JSON.parse(Buffer.from(await downloadFrom(page, '784-32-10, seed 1', 'json')).toString());
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
