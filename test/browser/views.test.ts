// What holds for every view: nobody is shut out, nothing leaves the site, and any folder of any host will do.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VIEW_NAMES } from '../../src/app/router.ts';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { violations, WCAG } from './axe.ts';
import { fill, openReady, PATIENCE, press, ready, SHORT, trained } from './page_steps.ts';
import { type OpenedPage, openPage, sharedSite } from './setup.ts';

let nested: StaticServer;
const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-views-'));
beforeAll(async () => {
  mkdirSync(join(folder, 'some'));
  symlinkSync(builtPage(packageRoot()), join(folder, 'some', 'folder'), 'junction');
  nested = await serveStatic(folder);
});
afterAll(async () => {
  await nested?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Of WCAG's rules those that the width and the colours matter to. */
const LAYOUT = ['color-contrast', 'scrollable-region-focusable', 'link-in-text-block'];

/** Shows a view as a click on its link does, and waits for what it loads. */
async function show(page: Page, view: string): Promise<void> {
  await press(page, `#to-${view}-view`);
  await page.waitForSelector(`${view}-view:not([hidden])`, PATIENCE);
  await page.waitForFunction(
    () =>
      !/Loading …|Looking at the test images|loading …/.test(document.querySelector('main')?.innerText ?? ''),
    PATIENCE,
  );
}

describe('every view', () => {
  let opened: OpenedPage;
  beforeAll(async () => {
    opened = await openReady('chromium', `${await sharedSite()}#backend=wasm`);
    const { page } = opened;
    await fill(page, SHORT);
    await press(page, '#train');
    await trained(page);
  });
  afterAll(() => opened?.page.close());

  it('does with less than 60 KB of engine and kernels, and with tfjs only where it is chosen', async () => {
    const { page } = opened;
    const files = new Set<string>();
    for (const worker of page.workers()) {
      const urls = await worker.evaluate(() => [
        location.href,
        ...performance.getEntriesByType('resource').map(({ name }) => name),
      ]);
      for (const url of urls) files.add(url);
    }
    const code = [...files].filter((url) => url.includes('/assets/'));
    expect(code.length).toBeGreaterThan(4);
    expect([...files].filter((url) => url.includes('tfjs'))).toEqual([]);
    const sizes = await Promise.all(
      code.map(async (url) => gzipSync(await (await fetch(url)).arrayBuffer()).length),
    );
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(60_000);
  });

  it('passes the audit of accessibility, wide, on a phone and in the dark', async () => {
    const { page, errors } = opened;
    for (const view of VIEW_NAMES) {
      await show(page, view);
      for (const width of [1280, 390]) {
        await page.setViewport({ width, height: 800 });
        expect(await violations(page, width < 1000 ? LAYOUT : WCAG), `${view}, ${width} px`).toEqual([]);
        const content = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(content, `${view}, ${width} px`).toBeLessThanOrEqual(width);
      }
    }
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    for (const view of VIEW_NAMES) {
      await show(page, view);
      expect(await violations(page, LAYOUT), `${view}, dark`).toEqual([]);
    }
    expect(errors).toEqual([]);
  });

  it('asks no other site for anything, and works in a folder of a host', async () => {
    const { page, errors } = await openPage('firefox', 'about:blank');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${nested.url}some/folder/index.html#backend=wasm&trainImages=2000&epochs=1`);
    await ready(page);
    await press(page, '#train');
    await trained(page);
    for (const view of VIEW_NAMES) await show(page, view);
    const elsewhere = asked.filter(
      (url) => !url.startsWith(`${nested.url}some/folder/`) && /^https?:/.test(url),
    );
    expect(asked.length).toBeGreaterThan(10);
    expect(elsewhere).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });
});
