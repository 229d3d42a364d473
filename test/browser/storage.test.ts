// The page's storage in real browsers: with records that this version cannot read, and where each call throws.
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import {
  fill,
  openWatched,
  PATIENCE,
  press,
  ready,
  runNames,
  SHORT,
  text,
  trained,
  visit,
} from './page_steps.ts';
import { TESTED_BROWSERS } from './setup.ts';

let server: StaticServer;
beforeAll(async () => {
  server = await serveStatic(builtPage(packageRoot()));
});
afterAll(() => server?.close());

/** Databases and stores of the page, each with something that no version of it has kept. */
const STRANGE: readonly (readonly [database: string, store: string, key: string, record: unknown])[] = [
  ['mnist-kernels-runs', 'runs', 'nothing', null],
  ['mnist-kernels-runs', 'runs', 'malformed', { id: 'malformed', name: 7, report: { network: {} } }],
  ['mnist-kernels-runs', 'runs', 'later', { version: 2, id: 'later', name: 'of a later version' }],
  ['mnist-kernels-models', 'models', 'malformed', 'no bytes'],
  ['mnist-kernels-unfinished', 'trainings', 'old', { id: 'old', saved: 1, job: {}, snapshot: {} }],
  ['mnist-kernels-benchmark', 'last', 'last', { json: { not: 'text' } }],
  ['keyval-store', 'keyval', 'tuning', [1, 2, 3]],
];

const keep = (page: Page, records: typeof STRANGE) =>
  page.evaluate(async (all) => {
    const done = (request: IDBRequest) =>
      new Promise((resolve, reject) => {
        request.onsuccess = resolve;
        request.onerror = () => reject(request.error);
      });
    for (const [database, store, key, record] of all) {
      const opening = indexedDB.open(database);
      opening.onupgradeneeded = () => opening.result.createObjectStore(store);
      await done(opening);
      await done(opening.result.transaction(store, 'readwrite').objectStore(store).put(record, key));
      opening.result.close();
    }
  }, records);

/** Keeps the run that is kept once more, as the first version of the page did. */
const keepAsAtFirst = (page: Page) =>
  page.evaluate(async () => {
    const done = (request: IDBRequest) =>
      new Promise((resolve) => {
        request.onsuccess = resolve;
      });
    const opening = indexedDB.open('mnist-kernels-runs');
    await done(opening);
    const store = opening.result.transaction('runs', 'readwrite').objectStore('runs');
    const all = store.getAll();
    await done(all);
    const { created, values, report, curves } = all.result[0];
    const { rows: _, columns: __, ...fields } = values;
    await done(
      store.put(
        { id: 'first', name: 'of the first version', created, values: fields, report, curves },
        'first',
      ),
    );
    opening.result.close();
  });

describe.each(TESTED_BROWSERS)('the storage of the page in %s', (name) => {
  it('has records that cannot be read passed over, and offers to delete them', async () => {
    const { page, errors } = await openWatched(name);
    await page.goto(server.url);
    await ready(page);
    await keep(page, STRANGE);
    await page.reload();
    await ready(page);
    expect(await text(page, '#unreadable p')).toBe(
      '4 kept trainings cannot be read by this version of the page.',
    );
    for (const [fragment, selector] of [
      ['#/results', 'results-view > *'],
      ['#/draw', 'draw-view > *'],
      ['#/benchmark', '#benchmark-run'],
      ['#/train', '#train'],
    ]) {
      await visit(page, fragment);
      await page.waitForSelector(selector, PATIENCE);
    }
    await fill(page, { ...SHORT, epochs: '1' });
    await press(page, '#train');
    await trained(page);
    await page.waitForSelector('#runs tbody tr', PATIENCE);
    await press(page, '#delete-unreadable');
    await page.waitForFunction(() => document.querySelector('#unreadable') === null, PATIENCE);
    await keepAsAtFirst(page);
    await page.reload();
    await ready(page);
    await expect
      .poll(async () => (await runNames(page)).toSorted(), PATIENCE)
      .toEqual(['784-32-10, seed 1', 'of the first version']);
    expect(await page.$('#unreadable')).toBeNull();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('trains where each call of it throws, and says that the run could not be kept', async () => {
    const { page, errors } = await openWatched(name);
    await page.evaluateOnNewDocument(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('no room for you', 'QuotaExceededError');
      };
    });
    await page.goto(server.url);
    await ready(page);
    await fill(page, { ...SHORT, epochs: '1' });
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(70);
    await page.waitForSelector('#problem', PATIENCE);
    expect(await text(page, '#problem')).toMatch(
      /^This run is shown but could not be kept \(no room for you\): download what you need of it\.$/,
    );
    await visit(page, '#/results');
    await page.waitForSelector('results-view #confusion', PATIENCE);
    expect(errors).toEqual([]);
    await page.close();
  });
});
