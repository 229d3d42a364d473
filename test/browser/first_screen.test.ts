// What a newcomer sees: one line and one button, a network that learns in sight, plain words where something
// is wrong, and the same on a phone.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'puppeteer-core';
import { describe, expect, it } from 'vitest';
import type { Session } from '../../src/app/model/session.ts';
import { builtPage, type Route, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import {
  chooseFiles,
  fill,
  goOn,
  LONG,
  learning,
  openReady,
  PATIENCE,
  press,
  ready,
  SHORT,
  stripes,
  text,
  trained,
  type,
  visit,
  waitForText,
} from './page_steps.ts';
import { openPage, sharedSite, TESTED_BROWSERS } from './setup.ts';

type WithSession = HTMLElement & { readonly session: Session };

const answers = (page: Page) =>
  page.$$eval('.specimen', (tiles) => tiles.map((tile) => tile.getAttribute('aria-label') ?? ''));

/** What the canvas shows. */
const picture = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLCanvasElement>('network-panel canvas')?.toDataURL() ?? '');

const focus = (page: Page) => page.evaluate(() => document.activeElement?.id);

const phase = (page: Page) => page.$eval('.live', (live) => (live as HTMLElement).dataset.phase);

/** How often the page was told of the network from now on. */
const countPeeks = (page: Page) =>
  page.evaluate(() => {
    const { network } = document.querySelector<WithSession>('train-view')!.session;
    const counted = { peeks: 0 };
    Object.assign(globalThis, { counted });
    network.receive = (peek) => {
      counted.peeks++;
      Object.getPrototypeOf(network).receive.call(network, peek);
    };
  });

const peeks = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { counted: { peeks: number } }).counted.peeks);

const sha256 = (page: Page) =>
  page.evaluate(
    () => document.querySelector<WithSession>('train-view')!.session.state.run!.report.parameters.sha256,
  );

describe.each(TESTED_BROWSERS)('the first screen in %s', (name) => {
  it('says what it is, has one large button, and nothing that has no value yet', async () => {
    const { page, errors } = await openReady(name, await sharedSite());
    expect(await text(page, '.claim')).toBe(
      'Teach a network to read handwriting, in your browser, in seconds',
    );
    const heights = await page.$$eval('button.primary', (buttons) =>
      buttons.filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect().height),
    );
    expect(heights).toHaveLength(1);
    expect(heights[0]).toBeGreaterThanOrEqual(44);
    expect(await page.$('.numbers, .charts, .milestones, network-panel')).toBeNull();
    expect(await page.evaluate(() => document.body.innerText)).not.toMatch(/not reached|–\n/);
    expect(await page.$$eval('.offers a', (links) => links.map((link) => link.getAttribute('href')))).toEqual(
      ['#/draw', '#/learn'],
    );
    expect((await answers(page)).map((answer) => answer.split(':')[0])).toEqual(
      Array.from({ length: 10 }, (_, digit) => String(digit)),
    );
    expect(await page.$eval('#engine', (engine) => (engine as HTMLDetailsElement).open)).toBe(false);
    await visit(page, '#backend=tfjs');
    await expect
      .poll(() => page.$eval('#engine', (engine) => (engine as HTMLDetailsElement).open), PATIENCE)
      .toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('shows the network learn, and what it learned in the end', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm&schedule=constant');
    await fill(page, LONG);
    await press(page, '#train');
    await page.waitForSelector('network-panel canvas[aria-label]', PATIENCE);
    const [firstAnswers, firstPicture] = [await answers(page), await picture(page)];
    await expect.poll(() => answers(page), PATIENCE).not.toEqual(firstAnswers);
    await expect.poll(() => picture(page), PATIENCE).not.toBe(firstPicture);
    await page.waitForFunction(() => document.querySelectorAll('.specimen.right').length >= 8, PATIENCE);
    expect(await page.$eval('network-panel canvas', (canvas) => canvas.ariaLabel)).toBe(
      'The network: the image, 16 of 64 units, 10 of 10 classes, and the strongest weights between them',
    );

    await press(page, '#train');
    await waitForText(page, '#status', '^Paused');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = await picture(page);
    await page.focus('.specimen:nth-child(4)');
    await page.waitForSelector('.specimen:nth-child(4)[aria-pressed="true"]', PATIENCE);
    expect(await picture(page)).not.toBe(before);
    const paused = await picture(page);
    await press(page, '#step');
    await expect.poll(() => picture(page), PATIENCE).not.toBe(paused);

    await press(page, '#stop');
    await trained(page);
    expect(await page.$$('.specimen.right')).not.toHaveLength(0);
    expect(errors).toEqual([]);
  });

  it('trains the same whether it is looked into or not, and is not where another view is shown', async () => {
    const { page } = await goOn(name, '#backend=wasm&seed=7');
    await fill(page, { ...SHORT, trainImages: '30000', epochs: '12' });
    await countPeeks(page);
    await press(page, '#train');
    await trained(page);
    expect(await peeks(page)).toBeGreaterThan(1);
    const seen = await sha256(page);
    expect(seen).toMatch(/^[0-9a-f]{64}$/);

    await visit(page, '#/draw');
    await page.waitForFunction(() => document.querySelector('draw-view:not([hidden])') !== null, PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await countPeeks(page);
    const again = await page.evaluate(async () => {
      const { session } = document.querySelector<WithSession>('train-view')!;
      const run = await session.train();
      return run?.report.parameters.sha256;
    });
    expect(again).toBe(seen);
    // The last state alone, which stays in sight.
    await expect.poll(() => peeks(page), PATIENCE).toBe(1);
  });

  it('keeps the focus where the keyboard can go on', async () => {
    const { page } = await goOn(name, '#backend=wasm&schedule=constant');
    await fill(page, LONG);
    await page.keyboard.press('Enter');
    await expect.poll(() => focus(page), PATIENCE).toBe('train');
    await learning(page);
    expect(await phase(page)).toBe('training');
    await page.focus('#stop');
    await page.keyboard.press('Enter');
    await trained(page);
    await expect.poll(() => focus(page), PATIENCE).toBe('train');
  });

  it('says in plain words that a view could not be loaded, and loads it when asked again', async () => {
    const folder = builtPage(packageRoot());
    const css = readdirSync(join(folder, 'assets')).find((file) => /^learn_view-.*\.css$/.test(file))!;
    let broken = true;
    const refuse: Route = (_, response) => {
      if (broken) response.writeHead(503).end();
      else response.setHeader('Content-Type', 'text/css').end(readFileSync(join(folder, 'assets', css)));
    };
    const server = await serveStatic(folder, { routes: { [`GET /assets/${css}`]: refuse } });
    const { page } = await openReady(name, server.url);
    await press(page, '#to-learn-view');
    await waitForText(page, 'main .not-loaded', 'This view could not be loaded. The site did not answer');
    broken = false;
    await press(page, '#load-again');
    await page.waitForSelector('learn-view:not([hidden])', PATIENCE);
    const styled = await page.evaluate(
      (file) => [...document.styleSheets].some(({ href }) => href?.endsWith(file)),
      css,
    );
    expect(styled).toBe(true);
    await page.close();
    await server.close();
  });

  it('is one row of views on a phone, with the training in the title and on every view', async () => {
    const { page } = await goOn(name, '#backend=wasm&schedule=constant');
    await fill(page, { ...LONG, batch: '16' });
    const wide = page.viewport();
    for (const width of [390, 375]) {
      await page.setViewport({ width, height: 740 });
      const tops = await page.$$eval('.masthead :is(h1, nav a)', (each) =>
        each.map((element) => {
          const { top, height } = element.getBoundingClientRect();
          return Math.round((top + height / 2) / 10);
        }),
      );
      expect(new Set(tops).size, `${width} px`).toBe(1);
      expect(await page.$eval('.masthead', (header) => header.clientHeight)).toBeLessThan(50);
      expect(await page.$eval('.badges', (badges) => badges.checkVisibility())).toBe(false);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
    await press(page, '#step');
    await waitForText(page, '#at-step', '^Step 1 of 625,000$');
    await press(page, '#step');
    await waitForText(page, '#at-step', '^Step 2 of 625,000$');
    expect(await page.title()).toMatch(/^0.% – mnist-kernels$/);
    expect(await page.$('#training-pill')).toBeNull();
    await press(page, '#to-draw-view');
    await waitForText(page, '#training-pill', '^Paused at 0.%$');
    await expect.poll(() => page.title(), PATIENCE).toMatch(/^0.% – Draw – mnist-kernels$/);
    await press(page, '#training-pill');
    await page.waitForSelector('train-view:not([hidden])', PATIENCE);
    await press(page, '#stop');
    await trained(page);
    await expect.poll(() => page.title(), PATIENCE).toBe('mnist-kernels');
    await page.setViewport(wide);
  });
});

const [first] = TESTED_BROWSERS;

describe('the first screen', () => {
  it('keeps its place while it loads, and loads less than 130 kB', async () => {
    const { page } = await openPage(first, 'about:blank');
    await page.evaluateOnNewDocument(() => {
      const shifts: number[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push((entry as unknown as { value: number }).value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(await sharedSite());
    await ready(page);
    await page.waitForFunction(() => customElements.get('network-panel') !== undefined, PATIENCE);
    const shifts = await page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts);
    expect(shifts.reduce((a, b) => a + b, 0)).toBeLessThan(0.05);

    const resources = () =>
      performance.getEntriesByType('resource').map(({ name, startTime }) => ({ name, startTime }));
    const ofPage = await page.evaluate(resources);
    const painted = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0].startTime,
    );
    // Loaded when there is time, or for runs that this browser keeps: no part of the first screen.
    const isLater = (url: string) => /(curve_chart|line_chart|network_panel|runs_panel)-/.test(url);
    const later = ofPage.filter(({ name }) => isLater(name));
    expect(later.length).toBeGreaterThan(2);
    expect(Math.min(...later.map(({ startTime }) => startTime))).toBeGreaterThan(painted);
    const urls = new Set(ofPage.map(({ name }) => name));
    for (const worker of page.workers())
      for (const { name } of await worker.evaluate(resources)) urls.add(name);
    const code = [...urls].filter((url) => /\/assets\/.*\.(js|css|wasm)$/.test(url) && !isLater(url));
    expect(code.length).toBeGreaterThan(20);
    const sizes = await Promise.all(
      code.map(async (url) => gzipSync(await (await fetch(url)).arrayBuffer()).length),
    );
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(130_000);
    await page.close();
  });

  it('marks every wrong field at once, and says so in sentences', async () => {
    const { page } = await goOn(first);
    await fill(page, { network: '784-0-10', learningRate: 'abc' });
    await press(page, '#train');
    await waitForText(page, '#problem', '^Network "784-0-10".*Another field is wrong too\\.$');
    const marked = () => page.$$eval('[aria-invalid]', (fields) => fields.map(({ id }) => id).sort());
    expect(await marked()).toEqual(['learningRate', 'network']);
    await type(page, 'network', '784-16-10');
    await waitForText(page, '#problem', '^Learning rate "abc": expected a number$');
    expect(await marked()).toEqual(['learningRate']);
    await type(page, 'learningRate', '0.01');
    await waitForText(page, '#problem', '^$');
    await page.$eval('#engine', (engine) => {
      (engine as HTMLDetailsElement).open = true;
    });
    await type(page, 'threads', 'many');
    await page.$eval('#engine', (engine) => {
      (engine as HTMLDetailsElement).open = false;
    });
    await press(page, '#train');
    await waitForText(page, '#problem', '^Threads "many"');
    expect(await focus(page)).toBe('threads');
  });

  it('says what no connection means', async () => {
    // Where the browser keeps nothing of the site.
    const noWorker: Route = (_, response) => void response.writeHead(404).end();
    const routes = { 'GET /service_worker.js': noWorker };
    const site = await serveStatic(builtPage(packageRoot()), { routes });
    const { page } = await openReady(first, site.url);
    await page.setOfflineMode(true);
    await press(page, '#to-learn-view');
    await waitForText(page, 'main .not-loaded', 'This view could not be loaded. There is no connection.');
    await page.setOfflineMode(false);
    await press(page, '#load-again');
    await page.waitForSelector('learn-view:not([hidden])', PATIENCE);
    await page.close();
    await site.close();
  });

  it('says when the learning rate is too high, and why training loss is above test loss', async () => {
    const { page } = await goOn(first, '#backend=wasm&optimizer=sgd&schedule=constant');
    await fill(page, { ...SHORT, learningRate: '12', epochs: '3' });
    await press(page, '#train');
    await waitForText(page, '.live', 'The learning rate of 12 is too high: the loss is');
    await page.waitForFunction(
      () => document.querySelector('#train')?.textContent?.trim() === 'Train',
      PATIENCE,
    );
    await visit(page, '#backend=wasm');
    await fill(page, { ...SHORT, epochs: '3' });
    await press(page, '#train');
    await trained(page);
    expect(await text(page, '.remarks')).toMatch(/above the test loss because .*smoothed labels/);
  });

  it('shows any data and any depth', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-first-'));
    const { page, errors } = await goOn(first, '#backend=wasm&epochs=20&batch=8');
    const paths = Object.entries(stripes()).map(([file, content]) => {
      writeFileSync(join(folder, file), content);
      return join(folder, file);
    });
    await chooseFiles(page, paths);
    await waitForText(page, '.dataset-name', '4 × 4, 3 classes');
    for (const [network, told] of [
      ['16-3', 'the image, 3 of 3 classes,'],
      ['16-20-5-8-3', 'the image, 16 of 20 units, 5 of 5 units, 8 of 8 units, 3 of 3 classes,'],
    ]) {
      await type(page, 'network', network);
      await press(page, '#train');
      await trained(page);
      await page.waitForFunction(
        (label) => document.querySelector('network-panel canvas')?.ariaLabel?.includes(label),
        PATIENCE,
        told,
      );
    }
    expect((await answers(page)).map((answer) => answer.split(':')[0]).join('')).toBe('0120120120');
    await press(page, '#use-mnist');
    await waitForText(page, '#dataset-name', 'MNIST');
    expect(errors).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it('says which training of a sweep it is', async () => {
    const { page } = await goOn(first, '#backend=wasm');
    await fill(page, { ...SHORT, epochs: '60' });
    await page.$eval('sweep-panel details', (details) => {
      (details as HTMLDetailsElement).open = true;
    });
    await type(page, 'sweep-values-rows', '0.004');
    await type(page, 'sweep-values-columns', '32, 64');
    await press(page, '#sweep');
    for (const index of [1, 2]) await waitForText(page, '#part', `^Sweep ${index} of 2$`);
    await page.waitForFunction(
      () => document.querySelector('#sweep')?.textContent?.trim() === 'Sweep',
      PATIENCE,
    );
    expect(await phase(page)).toBe('idle');
    expect(await page.$('#part')).toBeNull();
  });
});
