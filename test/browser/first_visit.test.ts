// What a first visit loads and how soon the page is there, and that a later one needs no network.
import { readFileSync } from 'node:fs';
import { createServer, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VIEW_NAMES } from '../../src/app/router.ts';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { fill, openReady, PATIENCE, press, ready, SHORT, trained, visit, waitForText } from './page_steps.ts';
import { openPage, TESTED_BROWSERS } from './setup.ts';

const site = builtPage(packageRoot());

/** The built page behind a server that notes what is asked of it. */
class Watched {
  readonly asked: string[] = [];
  readonly url: string;
  private constructor(
    private readonly inner: StaticServer,
    private readonly outer: Server,
  ) {
    this.url = `http://127.0.0.1:${(outer.address() as AddressInfo).port}/`;
  }

  static async open(): Promise<Watched> {
    const inner = await serveStatic(site);
    const { port } = new URL(inner.url);
    const outer = createServer((asked, answer) => {
      watched.asked.push(asked.url!.slice(1));
      const { method, url: path, headers } = asked;
      const passed = send({ port, host: '127.0.0.1', method, path, headers }, (response) => {
        answer.writeHead(response.statusCode!, response.headers);
        response.pipe(answer);
      });
      passed.once('error', () => answer.destroy());
      passed.end();
    });
    await new Promise<void>((done) => outer.listen(0, '127.0.0.1', done));
    const watched = new Watched(inner, outer);
    return watched;
  }

  async close(): Promise<void> {
    this.outer.close();
    this.outer.closeAllConnections();
    await this.inner.close();
  }
}

/** Until the browser keeps all that it will. */
const keptWhole = (page: Page) =>
  page.waitForFunction(
    async () => (await caches.match(new URL('site_files.json', document.baseURI))) !== undefined,
    { ...PATIENCE, polling: 200 },
  );

describe('a first visit', () => {
  let server: Watched;
  beforeAll(async () => {
    server = await Watched.open();
  });
  afterAll(() => server?.close());

  it('loads at most 130 kB besides the data, and from nowhere else', async () => {
    const { page, errors } = await openReady('chromium', server.url);
    await keptWhole(page);
    const first = server.asked.slice(0, server.asked.indexOf('service_worker.js'));
    // Charts and the network's picture come when the page is at rest.
    const isLater = (path: string) => /^data\/|\/(curve_chart|line_chart|network_panel)-/.test(path);
    const code = new Set(first.map((path) => path || 'index.html').filter((path) => !isLater(path)));
    const sizes = [...code].map((path) => gzipSync(readFileSync(join(site, path))).length);
    expect(code.size).toBeGreaterThan(10);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThanOrEqual(130_000);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('is painted and answers within 1.5 s on a processor a quarter as fast, and keeps its place', async () => {
    // Another program's work counts here as well: of some visits the best.
    const visits: Visit[] = [];
    const least = (of: (each: Visit) => number) => Math.min(...visits.map(of));
    do visits.push(await throttledVisit(server.url));
    while (least(({ interactive }) => interactive) > 1500 && visits.length < 12);
    expect(least(({ firstPaint }) => firstPaint)).toBeLessThanOrEqual(1500);
    expect(least(({ interactive }) => interactive)).toBeLessThanOrEqual(1500);
    expect(Math.max(...visits.map(({ shift }) => shift))).toBeLessThan(0.05);
  });
});

/** Times are in milliseconds of a processor that takes {@link USUAL_MILLISECONDS} for the loop of `slowness`. */
interface Visit {
  /** From the beginning of the navigation, as Lighthouse counts them. */
  readonly firstPaint: number;
  /** The end of the last task of over 50 ms before the main thread is at rest, or the first paint. */
  readonly interactive: number;
  /** Cumulative layout shift. */
  readonly shift: number;
}

/** Of the machines that the limits were set on. */
const USUAL_MILLISECONDS = 45;

/** How many times as long as usual this machine takes at the moment: it may be slow, or busy. */
async function slowness(page: Page): Promise<number> {
  const mean = await page.evaluate(() => {
    const ROUNDS = 10;
    const begin = performance.now();
    let hash = 1;
    for (let i = 0; i < ROUNDS * 3e7; i++) hash = Math.imul(hash ^ i, 0x9e3779b1);
    return hash === 0 ? 0 : (performance.now() - begin) / ROUNDS;
  });
  return Math.max(1, mean / USUAL_MILLISECONDS);
}

/** Seconds without a long task, after which the main thread counts as at rest. */
const REST = 2;

async function throttledVisit(url: string): Promise<Visit> {
  const { page } = await openPage('chromium', 'about:blank');
  await page.setCacheEnabled(false);
  const before = await slowness(page);
  await page.emulateCPUThrottling(4);
  await page.evaluateOnNewDocument(() => {
    const seen = { interactive: 0, shift: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) seen.interactive = startTime + duration;
    }).observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as { value?: number }).value ?? 0;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto(url);
  await ready(page);
  const measured = await page.evaluate(async (rest) => {
    const { seen } = globalThis as unknown as { seen: { interactive: number; shift: number } };
    for (let last = -1; seen.interactive !== last; ) {
      last = seen.interactive;
      await new Promise((resolve) => setTimeout(resolve, 1000 * rest));
    }
    const [paint] = performance.getEntriesByName('first-contentful-paint');
    return { firstPaint: paint.startTime, ...seen };
  }, REST);
  await page.emulateCPUThrottling(null);
  const slow = (before + (await slowness(page))) / 2;
  await page.close();
  const { firstPaint, interactive, shift } = measured;
  return { firstPaint: firstPaint / slow, interactive: Math.max(interactive, firstPaint) / slow, shift };
}

describe('what stands for the page elsewhere', () => {
  const html = readFileSync(join(site, 'index.html'), 'utf8');
  /** @returns the width and height of a PNG */
  const sizeOf = (path: string) => {
    const bytes = readFileSync(join(site, path));
    expect(bytes.toString('latin1', 1, 4)).toBe('PNG');
    return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  };

  it('is a picture beside links to it', () => {
    const content = (property: string) =>
      new RegExp(`<meta property="og:${property}" content="([^"]+)"`).exec(html)?.[1] ?? '';
    expect(content('title')).toContain('handwriting');
    expect(content('description')).not.toBe('');
    expect(sizeOf(content('image'))).toEqual(
      ['image:width', 'image:height'].map((each) => Number(content(each))),
    );
  });

  it('is a manifest by which it is installed as an app', () => {
    const path = /<link rel="manifest" href="([^"]+)"/.exec(html)![1];
    const manifest = JSON.parse(readFileSync(join(site, path), 'utf8')) as {
      readonly icons: readonly { readonly src: string; readonly sizes: string }[];
    };
    for (const { src, sizes } of manifest.icons) expect(sizeOf(src)).toEqual(sizes.split('x').map(Number));
    expect(manifest.icons.map(({ sizes }) => sizes)).toContain('512x512');
  });
});

describe.each(TESTED_BROWSERS)('a later visit in %s', (name) => {
  it('needs no network, whatever view is looked at', async () => {
    const server = await Watched.open();
    const { page, errors } = await openReady(name, `${server.url}#backend=wasm`);
    await keptWhole(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    await server.close();
    await page.goto('about:blank');
    await page.goto(`${server.url}#backend=wasm`);
    await ready(page);
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
    for (const view of VIEW_NAMES) {
      await press(page, `#to-${view}-view`);
      await page.waitForSelector(`${view}-view:not([hidden])`, PATIENCE);
    }
    await visit(page, '#/draw?model=record');
    await waitForText(page, '#draw-facts', '2048|trained on');
    expect(errors).toEqual([]);
    await page.close();
  });
});
