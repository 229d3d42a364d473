// The Draw view in real browsers: digits drawn by pointer, read by shipped and by kept networks.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElementHandle } from 'puppeteer-core';
import { afterAll, describe, expect, it } from 'vitest';
import { SHIPPED_MODELS } from '../../src/app/draw/shipped_models.ts';
import { builtPage, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { idx } from '../cli/idx_folder.ts';
import {
  certainty,
  draw,
  inked,
  openDraw,
  PATIENCE,
  problem,
  SEVEN,
  shrunk,
  startStroke,
  text,
  winner,
} from './draw_steps.ts';
import { endWorker, onPhone, press, visit, waitForText } from './page_steps.ts';
import { inOneBrowser, openPage, sharedSite, TESTED_BROWSERS } from './setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-draw-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(TESTED_BROWSERS)('the Draw view in %s', (name) => {
  it('reads a seven while it is drawn, and again what undoing brings back', async () => {
    const { page, errors } = await openDraw(name);
    await winner(page).toBe('?');
    await startStroke(page, SEVEN);
    await winner(page).toBe('7');
    await page.mouse.up();
    const shares = await page.$$eval('#draw-probabilities td:last-child', (cells) =>
      cells.map((cell) => Number.parseFloat(cell.textContent ?? '')),
    );
    expect(shares).toHaveLength(10);
    expect(shares.reduce((a, b) => a + b)).toBeCloseTo(100, 0);
    expect(shares.indexOf(Math.max(...shares))).toBe(7);
    await expect
      .poll(() => text(page, 'draw-view [role="status"]'), PATIENCE)
      .toMatch(/^Read as 7\. \d\d\s% sure$/);
    await certainty(page).toMatch(/^\d\d\s% sure$/);

    await press(page, '#draw-clear');
    await winner(page).toBe('?');
    expect(await inked(page)).toBe(0);
    await press(page, '#draw-undo');
    await winner(page).toBe('7');
    await page.keyboard.down('Control');
    await page.keyboard.press('z');
    await page.keyboard.up('Control');
    await winner(page).toBe('?');
    await expect
      .poll(() => page.$eval('#draw-undo', (undo) => (undo as HTMLButtonElement).disabled))
      .toBe(true);
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    await page.keyboard.press('Delete');
    await winner(page).toBe('?');
    expect(errors).toEqual([]);
  });

  it('reads a tiny seven as one that is large, and takes a dot for none', async () => {
    const { page } = await openDraw(name);
    await draw(page, shrunk(SEVEN, 0.11, [0.85, 0.12]));
    await winner(page).toBe('7');
    await certainty(page).toMatch(/^[89]\d\s% sure$/);
    await press(page, '#draw-clear');
    await winner(page).toBe('?');
    await draw(page, [[0.5, 0.5]]);
    await expect.poll(() => text(page, '.draw-certainty'), PATIENCE).toBe('Only a dot so far');
    expect(await text(page, '#draw-winner')).toBe('?');
    expect(await page.$('#draw-problem')).toBeNull();
    // The dot is on the pad: a seven around it is read with it.
    expect(await inked(page)).toBeGreaterThan(0);
    await draw(page, SEVEN);
    await winner(page).toMatch(/^\d$/);
  });

  it('says between which classes it hesitates', async () => {
    const { page } = await openDraw(name);
    // A roof is no digit.
    await draw(page, [
      [0.3, 0.7],
      [0.5, 0.3],
      [0.7, 0.7],
    ]);
    await certainty(page).toMatch(/^Unsure: \d(, \d)? or \d$/);
    const begins = () =>
      page.evaluate(() => {
        const said = (id: string) => document.getElementById(id)?.textContent?.trim();
        return said('draw-certainty')?.startsWith(`Unsure: ${said('draw-winner')}`);
      });
    await expect.poll(begins, PATIENCE).toBe(true);
  });

  it('says what a sample is, and whether the answer is right', async () => {
    const { page } = await openDraw(name);
    for (let sample = 0; sample < 3; sample++) {
      await press(page, '#draw-test-image');
      await winner(page).toMatch(/^\d$/);
      const [title, label] = /^Sample: an? (\d) of the test images$/.exec((await text(page, '#draw-note'))!)!;
      expect(await page.$eval('#draw-pad canvas', (canvas) => canvas.getAttribute('aria-label'))).toBe(title);
      const right = (await text(page, '#draw-winner')) === label;
      expect(await text(page, '#draw-verdict')).toMatch(right ? /^and that is right$/ : /^but it is an? \d$/);
    }
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    expect(await page.$('#draw-verdict')).toBeNull();
  });

  it('shows the pad and the answer on one screen of a phone', async () => {
    const { page } = await openDraw(name);
    await onPhone(
      page,
      async () => {
        const seen = async () => {
          const boxes = await page.$$eval(
            '#draw-pad, #draw-winner, .draw-certainty, #draw-seen, #draw-clear',
            (all) =>
              all.map((each) => {
                const { left, top, right, bottom } = each.getBoundingClientRect();
                return { left, top, right, bottom };
              }),
          );
          expect(boxes).toHaveLength(5);
          for (const { left, top, right, bottom } of boxes) {
            expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
            expect(right).toBeLessThanOrEqual(375);
            expect(bottom).toBeLessThanOrEqual(667);
          }
          const [pad] = await page.$$eval('#draw-pad', (all) => all.map((each) => each.clientWidth));
          expect(pad).toBeGreaterThan(250);
          expect(await page.evaluate(() => [scrollX, scrollY])).toEqual([0, 0]);
        };
        await page.evaluate(() => scrollTo(0, 0));
        await seen();
        await draw(page, SEVEN);
        await winner(page).toBe('7');
        await seen();
      },
      { width: 375, height: 667 },
    );
  });

  it('reads the digit of a newcomer, one click after the page was opened', async () => {
    const { page, errors } = await openPage(name, await sharedSite());
    const opened = performance.now();
    await page.locator('#to-draw-view').click();
    await page.waitForSelector('#draw-pad canvas', PATIENCE);
    expect(await text(page, '#draw-pad')).toBe('Draw a digit here');
    // The network may still be on its way.
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    expect(performance.now() - opened).toBeLessThan(30_000);
    expect(await page.$eval('#draw-pad p', (invitation) => (invitation as HTMLElement).hidden)).toBe(true);
    expect(errors).toEqual([]);
    await page.close();
  });

  inOneBrowser(name)('shows the network the digit as MNIST has it', async () => {
    const { page } = await openDraw(name);
    // Small and in a corner: neither may matter.
    await draw(page, shrunk(SEVEN, 0.45, [0.23, 0.23]));
    await winner(page).not.toBe('?');
    const { box, centre } = await page.$eval('#draw-seen canvas', (element) => {
      const canvas = element as HTMLCanvasElement;
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, width, height);
      const ink = [...data].filter((_, i) => i % 4 === 3);
      const inked = [...ink.keys()].filter((i) => ink[i] > 0);
      const extent = (of: (i: number) => number) =>
        Math.max(...inked.map(of)) - Math.min(...inked.map(of)) + 1;
      const mass = ink.reduce((a, b) => a + b, 0);
      const mean = (of: (i: number) => number) =>
        ink.reduce((sum, level, i) => sum + level * of(i), 0) / mass;
      const [column, row] = [(i: number) => i % width, (i: number) => Math.floor(i / width)];
      return { box: [extent(column), extent(row)], centre: [mean(column), mean(row)] };
    });
    expect(Math.max(...box)).toBe(20);
    for (const mean of centre) expect(Math.abs(mean - 13.5)).toBeLessThan(1.5);
  });

  it('takes the pen for what it is: wider under pressure, and no palm beside it', async () => {
    const { page } = await openDraw(name, '#/draw?model=quick');
    const stroke = (pressure: number) =>
      page.$eval(
        '#draw-pad',
        async (pad, pressed) => {
          const { left, top, width, height } = pad.getBoundingClientRect();
          const fire = (type: string, pointerId: number, pointerType: string, x: number, y: number) =>
            pad.dispatchEvent(
              new PointerEvent(type, {
                pointerId,
                pointerType,
                pressure: pressed,
                clientX: left + x * width,
                clientY: top + y * height,
                bubbles: true,
              }),
            );
          fire('pointerdown', 5, 'touch', 0.9, 0.9);
          fire('pointermove', 5, 'touch', 0.7, 0.9);
          fire('pointerdown', 6, 'pen', 0.2, 0.5);
          fire('pointermove', 5, 'touch', 0.5, 0.9);
          fire('pointermove', 6, 'pen', 0.8, 0.5);
          fire('pointerup', 6, 'pen', 0.8, 0.5);
          await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
        },
        pressure,
      );
    await stroke(1);
    const strong = await inked(page);
    await press(page, '#draw-clear');
    await winner(page).toBe('?');
    await stroke(0.1);
    const weak = await inked(page);
    // A line of 0.6 sides by a pen of 0.08 · 1.5, or 0.08 · 0.6, with round ends.
    expect(strong).toBeCloseTo(0.6 * 0.12 + Math.PI * 0.06 ** 2, 2);
    expect(weak).toBeCloseTo(0.6 * 0.048 + Math.PI * 0.024 ** 2, 2);
    await onPhone(page, async () => {
      const width = () => page.$eval('#draw-pad canvas', (canvas) => canvas.clientWidth);
      await expect.poll(width, PATIENCE).toBeLessThan(340);
      await expect.poll(() => inked(page), PATIENCE).toBeGreaterThan(0.5 * weak);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });
  });

  it('goes on with a new worker when the old one dies', async () => {
    const { page } = await openDraw(name);
    await endWorker(page, 'predict');
    await problem(page).toMatch(/worker .* stopped: it ended unexpectedly/);
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    await problem(page).toBeUndefined();

    // The largest network loads for long enough.
    await page.select('#draw-model', 'model=record');
    await endWorker(page, 'predict');
    await problem(page).toMatch(/worker .* stopped|could not be loaded/);
    await draw(page, SEVEN);
    await waitForText(page, '#draw-facts', '2000-1500');
    await winner(page).toBe('7');
  });

  inOneBrowser(name)('reads with a kept run of another size while the next one trains', async () => {
    const { page, errors } = await openPage(
      name,
      `${await sharedSite()}#backend=wasm&epochs=30&batch=9&schedule=constant`,
    );
    await expect.poll(() => text(page, '#status'), PATIENCE).toBe('Ready');
    // Class 0 is a line across, class 1 one down, class 2 a block; 12×12 pixels.
    const side = 12;
    const lit = (label: number, x: number, y: number, middle: number) =>
      [
        y === middle && x >= 2 && x < 11,
        x === middle && y >= 2 && y < 11,
        x >= 2 && y >= 2 && x < 11 && y < 11,
      ][label];
    const images = (count: number) =>
      Uint8Array.from({ length: count * side * side }, (_, i) => {
        const sample = Math.floor(i / side / side);
        return lit(sample % 3, i % side, Math.floor(i / side) % side, 5 + (Math.floor(sample / 3) % 3))
          ? 255
          : 0;
      });
    const labels = (count: number) => Uint8Array.from({ length: count }, (_, i) => i % 3);
    const files = [
      ['train-images-idx3-ubyte', idx([150, side, side], images(150))],
      ['train-labels-idx1-ubyte', idx([150], labels(150))],
      ['t10k-images-idx3-ubyte', idx([30, side, side], images(30))],
      ['t10k-labels-idx1-ubyte', idx([30], labels(30))],
    ] as const;
    for (const [file, bytes] of files) writeFileSync(join(folder, file), bytes);
    const input = (await page.$('#files')) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...files.map(([file]) => join(folder, file)));
    await expect.poll(() => text(page, '.dataset-name'), PATIENCE).toContain('12 × 12, 3 classes');
    await press(page, '#train');
    await expect.poll(() => text(page, '#accuracy'), PATIENCE).toMatch(/^100/);

    await page.$eval('#epochs', (field) => (field as HTMLInputElement).select());
    await page.keyboard.type('50000');
    await press(page, '#train');
    await expect.poll(() => text(page, '#live-epoch'), PATIENCE).toContain('/ 50000');
    await press(page, 'a[href^="#/draw?run="]');
    await expect
      .poll(() => text(page, '#draw-facts'), PATIENCE)
      .toMatch(/^144-128-3, trained on chosen files/);
    await draw(page, [
      [0.5, 0.2],
      [0.5, 0.8],
    ]);
    await winner(page).toBe('1');
    expect(await page.$$('#draw-probabilities tr')).toHaveLength(3);
    expect(await page.$eval('#draw-seen canvas', (canvas) => (canvas as HTMLCanvasElement).width)).toBe(12);
    await press(page, '#draw-clear');
    await draw(page, [
      [0.2, 0.5],
      [0.8, 0.5],
    ]);
    await winner(page).toBe('0');
    expect(await text(page, '#live-epoch')).toContain('/ 50000');
    expect(await page.$eval('.live', (live) => (live as HTMLElement).dataset.phase)).toBe('training');

    await page.select('#draw-model', 'model=quick');
    await expect.poll(() => text(page, '#draw-facts'), PATIENCE).toMatch(/^784-128-10/);
    expect(new URL(page.url()).hash).toBe('#/draw?model=quick');
    expect(errors).toEqual([]);
    await page.close();
  });

  inOneBrowser(name)('loads its network at the second try', async () => {
    const file = SHIPPED_MODELS[0].file;
    let refused = false;
    const failing = await serveStatic(builtPage(packageRoot()), {
      routes: {
        [`GET /${file}`]: (_, response) => {
          if (refused) response.end(readFileSync(join(packageRoot(), file)));
          else response.writeHead(503).end();
          refused = true;
        },
      },
    });
    const { page } = await openPage(name, `${failing.url}#/draw`);
    await problem(page).toContain('the server answered 503');
    await draw(page, SEVEN);
    await press(page, '#draw-retry');
    await winner(page).toBe('7');
    await problem(page).toBeUndefined();
    await page.close();
    await failing.close();
  });

  inOneBrowser(name)('says that a run is not kept here, and reads with what there is', async () => {
    const { page } = await openDraw(name);
    await visit(page, '#/draw?run=elsewhere');
    await problem(page).toContain('keeps no such run');
    await draw(page, SEVEN);
    await winner(page).toBe('7');
  });
});
