// One page of one browser, in which a user trains, looks at results and draws for a long time.
import type { Page } from 'puppeteer-core';
import { closeBrowser, launchBrowser } from '../../src/cli/browser/launch.ts';
import { builtPage, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { chooseAction, press, ready, runNames, trained, visit, waitForText } from '../browser/page_steps.ts';
import { descendantsOf } from '../browser/processes.ts';
import { type Sizes, sizesOf } from './sizes.ts';

/** @returns what the browser's processes took, after each round */
export async function soakPage(until: number, tell: (sizes: Sizes) => void): Promise<Sizes[]> {
  const server = await serveStatic(builtPage(packageRoot()));
  const browser = await launchBrowser('chromium');
  try {
    const [page] = await browser.pages();
    await page.goto(server.url);
    await ready(page);
    const samples: Sizes[] = [];
    while (performance.now() < until) {
      for (let round = 0; round < 5; round++) await useOnce(page);
      const { pid } = browser.process()!;
      const processes = [pid!, ...descendantsOf(pid!).map((each) => each.pid)];
      const session = await page.createCDPSession();
      await session.send('HeapProfiler.collectGarbage');
      await session.detach();
      const { JSHeapUsedSize = 0 } = await page.metrics();
      samples.push({
        ...sizesOf(processes),
        'page MB': JSHeapUsedSize / 2 ** 20,
        workers: page.workers().length,
      });
      tell(samples.at(-1)!);
    }
    return samples;
  } finally {
    await closeBrowser(browser);
    await server.close();
  }
}

async function useOnce(page: Page): Promise<void> {
  for (const backend of ['wasm', 'webgpu']) {
    await visit(page, `#backend=${backend}&network=784-32-10&epochs=1&trainImages=4000`);
    await press(page, '#train');
    await trained(page);
    await visit(page, '#/results');
    await waitForText(page, '#results-accuracy', '%');
    await visit(page, '#/train');
    // What is kept takes room by itself.
    await waitFor(page, '#runs .run-name');
    await chooseAction(page, (await runNames(page))[0], 'delete');
    await page.waitForFunction(() => document.querySelector('#runs tbody tr') === null);
  }
  await visit(page, '#/draw');
  await waitFor(page, 'draw-view canvas');
}

/** puppeteer's own hands the element over, which then stays for good. */
const waitFor = (page: Page, selector: string) =>
  page.waitForFunction((at) => document.querySelector(at) !== null, {}, selector);
