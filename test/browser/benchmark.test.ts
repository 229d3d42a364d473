// The view of the benchmark in real browsers, as a user works it: run by link, take the result along, cancel,
// compare.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer-core';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../src/bench/schema.ts';
import { violations } from './axe.ts';
import { aliveWorkers, download as downloadBytes, goOn, PATIENCE, press, text, visit } from './page_steps.ts';
import { inOneBrowser, openPage, sharedSite, TESTED_BROWSERS } from './setup.ts';

const QUERY = 'suite=step&layers=784-16-10&batch=64&peers=plain+TypeScript&seconds=0.2';

const statusOf = (page: Page) => text(page, '#benchmark-status');

async function opened(page: Page): Promise<void> {
  await page.waitForSelector('#benchmark-run', PATIENCE);
}

async function finished(page: Page): Promise<void> {
  await expect
    .poll(async () => `${await statusOf(page)} ${await text(page, '#benchmark-problem')}`, PATIENCE)
    .toMatch(/^Finished: \d+ cases/);
}

/** What a button gives to download, as text. */
const download = async (page: Page, selector: string) =>
  Buffer.from(await downloadBytes(page, selector)).toString();

describe.each(TESTED_BROWSERS)('the benchmark in %s', (name) => {
  it('runs by a link, and its result can be taken along and outlives a reload', async () => {
    const { page, errors } = await goOn(name, `#/benchmark?${QUERY}&go=1`);
    await page.evaluate(() => {
      const copied: string[] = [];
      Object.assign(globalThis, { copied });
      navigator.clipboard.writeText = async (content) => {
        // The first is refused, as browsers do without permission.
        if (copied.push(content) === 1) throw new Error('not allowed');
      };
    });
    await opened(page);
    await page.waitForSelector('benchmark-view .ask-start', PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await statusOf(page)).not.toMatch(/^(Starting|\d)/);
    await press(page, 'benchmark-view .ask-start');
    await finished(page);
    expect(await page.$('benchmark-view .ask-start')).toBeNull();

    const report = parseReport(await download(page, '#benchmark-json'), 'the download');
    const [network] = report.cases.map((each) => each.network);
    expect(network).toBe('784-16-10');
    const peer = report.cases[0].peers.find((each) => each.name === 'plain TypeScript');
    expect(peer).toMatchObject({ ratio: { median: expect.any(Number) } });

    const cells = await page.$$eval('#benchmark-own td', (all) => all.map((cell) => cell.textContent));
    expect(cells).toContain('784-16-10 1 thread');
    expect(cells).toContain('plain TypeScript');
    // It leads with a sentence; its figure is that of our fastest variant.
    const fastest = report.cases.reduce((a, b) =>
      b.subject.milliseconds.median < a.subject.milliseconds.median ? b : a,
    );
    const finding = await text(page, '#benchmark-own .finding');
    expect(finding).toMatch(/^One training step: .*plain TypeScript, here, now\.$/);
    const { median, low } = fastest.peers.find((each) => each.name === 'plain TypeScript')!.ratio!;
    if (low > 1) expect(Number.parseFloat(finding.split(': ')[1])).toBeCloseTo(median, median < 9 ? 0 : -1);
    expect(await text(page, '#benchmark-own .finding-details')).toMatch(
      /^784-16-10, batch 64\. Timed: mnist-kernels, .* times vary by .* same answers: losses within/,
    );
    const above = await page.$eval('#benchmark-own .finding', (element) => {
      const chart = document.querySelector('#benchmark-own figure')!;
      return element.getBoundingClientRect().bottom <= chart.getBoundingClientRect().top;
    });
    expect(above).toBe(true);
    expect(
      await page.$eval('#benchmark-own .bench-where', (where) => (where as HTMLDetailsElement).open),
    ).toBe(false);
    expect(await violations(page)).toEqual([]);
    // One bar for each of ours and one for the peer, the fastest first, as long as its GFLOP/s.
    const bars = await page.$$eval('#benchmark-own rect', (all) =>
      all.map((bar) => [bar.getAttribute('class'), bar.getBoundingClientRect().width] as const),
    );
    const everybody = [
      ...report.cases.map(({ subject }) => ['own', subject.gflops] as const),
      ['peer', peer!.gflops!] as const,
    ].sort(([, a], [, b]) => b - a);
    expect(bars.map(([kind]) => kind)).toEqual(everybody.map(([kind]) => kind));
    for (const [index, [, width]] of bars.entries())
      expect(width / bars[0][1]).toBeCloseTo(everybody[index][1] / everybody[0][1], 1);
    const names = await page.$$eval('#benchmark-own .bar-chart text:not(.value)', (all) =>
      all.map((each) => each.textContent),
    );
    expect(names).toContain('mnist-kernels, 1 thread, computing zeros too');
    expect(names).toContain('plain TypeScript, 1 thread');
    expect((await page.$$('#benchmark-own line.roofline')).length).toBeGreaterThan(0);
    expect((await download(page, '#benchmark-csv')).split('\r\n')[0]).toMatch(/^runtime,suite,case/);

    await press(page, '#benchmark-markdown button');
    await page.waitForSelector('#benchmark-markdown textarea', PATIENCE);
    const shown = await page.$eval('#benchmark-markdown textarea', (area) => {
      const { value, selectionStart, selectionEnd } = area as HTMLTextAreaElement;
      return { value, selected: selectionEnd - selectionStart };
    });
    expect(shown.value).toContain('| step | 784-16-10 1 thread | 64 |');
    expect(shown.selected).toBe(shown.value.length);
    await press(page, '#benchmark-link button');
    await expect.poll(() => text(page, '#benchmark-link [role="status"]'), PATIENCE).toBe('Copied');
    const link = await page.evaluate(() => (globalThis as unknown as { copied: string[] }).copied.at(-1)!);
    expect(Object.fromEntries(new URLSearchParams(link.split('?')[1]))).toMatchObject({
      layers: '784-16-10',
      peers: 'plain TypeScript',
      go: '1',
    });

    await page.reload();
    await opened(page);
    await expect.poll(() => statusOf(page), PATIENCE).toMatch(/^Your last result, from .*20\d\d/);
    expect(JSON.parse(await download(page, '#benchmark-json')).environment.date).toBe(
      report.environment.date,
    );
    expect(errors).toEqual([]);
  });

  it('ends every worker when it is cancelled, and runs again', async () => {
    const { page, errors } = await goOn(name, `#/benchmark?${QUERY.replace('seconds=0.2', 'seconds=600')}`);
    const before = await aliveWorkers(page);
    await opened(page);
    await press(page, '#benchmark-run');
    await expect.poll(() => text(page, '#benchmark-detail'), PATIENCE).toMatch(/^the answers|in turns/);
    expect(await statusOf(page)).toMatch(/^Measuring 1 of 1: step 784-16-10, batch 64$/);
    expect((await aliveWorkers(page)).length).toBeGreaterThan(before.length);
    await press(page, '#benchmark-cancel');
    await expect.poll(() => statusOf(page), PATIENCE).toBe('Cancelled');
    expect(await aliveWorkers(page)).toEqual(before);
    const seconds = (await page.$('#benchmark-seconds')) as ElementHandle<HTMLInputElement>;
    await seconds.evaluate((input) => input.select());
    await seconds.type('0.2');
    await press(page, '#benchmark-run');
    await finished(page);
    expect(await aliveWorkers(page)).toEqual(before);
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)(
    'shows committed results and files beside each other, and says what is wrong with a file',
    async () => {
      const beside = 'wasm-2-cores-chromium';
      const { page, errors } = await goOn(name, `#/benchmark?beside=${beside}`);
      await opened(page);
      await page.waitForSelector(`section[aria-label="${beside}"] rect`, PATIENCE);
      const file = `bench/results/${beside}-batches.json`;
      const input = (await page.$('#benchmark-files')) as ElementHandle<HTMLInputElement>;
      await input.uploadFile('package.json');
      await expect
        .poll(() => text(page, '#benchmark-files-problem'), PATIENCE)
        .toMatch(/^package\.json: not a result of `bench --json`: schema/);
      await input.uploadFile(file);
      await page.waitForSelector('#benchmark-comparison tbody tr', PATIENCE);
      expect(await text(page, '#benchmark-files-problem')).toBe('');
      const medianOf = (path: string) =>
        parseReport(readFileSync(path, 'utf8'), path).cases.find(
          (each) => each.suite === 'step' && each.name === '784-128-10 1 thread' && each.batch === 128,
        )!.subject.milliseconds.median;
      const [first, second] = [medianOf(`bench/results/${beside}.json`), medianOf(file)];
      const [head, ...rows] = await page.$$eval('#benchmark-comparison tr', (all) =>
        all.map((row) => [...row.cells].map((cell) => cell.textContent ?? '')),
      );
      const row = rows.find(
        ([suite, title, batch]) => `${suite} ${title} ${batch}` === 'step 784-128-10 1 thread 128',
      )!;
      expect(Number(row[head.indexOf(`${beside} ms`)])).toBeCloseTo(first, 3);
      expect(Number(row[head.indexOf(`${beside}-batches.json ms`)])).toBeCloseTo(second, 3);
      expect(Number.parseFloat(row.at(-1)!)).toBeCloseTo(second / first, 1);
      // Taken back again, by the keyboard.
      await page.focus(`#benchmark-committed input[value="${beside}"]`);
      await page.keyboard.press(' ');
      await page.waitForFunction(
        (label) => !document.querySelector(`section[aria-label="${label}"]`),
        PATIENCE,
        beside,
      );
      expect(new URL(page.url()).hash).toBe('#/benchmark');
      // No result of old tells whether trainings slow down; one that does is told of in words, too.
      expect(await page.$('.bench-epochs')).toBeNull();
      const told = JSON.parse(readFileSync(file, 'utf8')) as { cases: object[] };
      Object.assign(told.cases[0], { epochs: { imagesPerSecond: [100_000, 97_000], lastToFirst: 0.97 } });
      const changed = join(mkdtempSync(join(tmpdir(), 'mnist-kernels-bench-')), 'told.json');
      writeFileSync(changed, JSON.stringify(told));
      await input.uploadFile(changed);
      await page.waitForSelector('.bench-epochs', PATIENCE);
      expect(await text(page, '.bench-epochs')).toMatch(/ 0\.97×\.$/);
      expect(errors).toEqual([]);
    },
  );

  inOneBrowser(name)('says what is wrong with an address, and does not run beside a training', async () => {
    // The address that links had before the benchmark was a view.
    const { page } = await openPage(name, `${await sharedSite()}benchmark.html?suite=everything&go=1`);
    await page.waitForFunction(() => location.hash.startsWith('#/benchmark?'), PATIENCE);
    await opened(page);
    await expect
      .poll(() => text(page, '#benchmark-problem'), PATIENCE)
      .toMatch(/^Suite "everything": expected kernels, step/);
    await press(page, 'benchmark-view .ask-not-now');
    expect(await page.evaluate(() => location.hash)).toBe('#/benchmark?suite=everything');
    await press(page, '#benchmark-form input[value="step"]');
    await expect.poll(() => text(page, '#benchmark-problem'), PATIENCE).toBe('');
    await visit(page, '#network=784-64-10&epochs=5000&trainImages=2000&backend=wasm');
    await page.waitForFunction(() => document.querySelector('#status')?.textContent === 'Ready', PATIENCE);
    await press(page, '#train');
    await press(page, '#to-benchmark-view');
    await press(page, '#benchmark-run');
    await expect.poll(() => text(page, '#benchmark-problem'), PATIENCE).toMatch(/^A training is under way/);
    await page.setViewport({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.close();
  });
});
