// The network at work, as the Draw view shows it in real browsers: units light up while a digit is drawn, and
// tell what they do.
import type { Page } from 'puppeteer-core';
import { describe, expect, it } from 'vitest';
import { draw, openDraw, PATIENCE, SEVEN, startStroke, text, winner } from './draw_steps.ts';
import { press } from './page_steps.ts';
import { TESTED_BROWSERS } from './setup.ts';

const summary = (page: Page): Promise<string> =>
  page.$eval('#draw-activity canvas', (canvas) => canvas.getAttribute('aria-label')!);

/** Pixels of the picture in the colour of its units, as a share of all. */
const lit = (page: Page): Promise<number> =>
  page.$eval('#draw-activity canvas', (element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0 && data[i + 2] - data[i] > 60) count++;
    return count / (data.length / 4);
  });

/** The edges of letters have a colour, too. */
const UNLIT = 0.0002;

/** The picture as it is, once it rests: the same over some frames. */
const picture = (page: Page): Promise<string> =>
  page.$eval('#draw-activity canvas', async (element) => {
    const now = () => (element as HTMLCanvasElement).toDataURL();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    let last = now();
    for (let same = 0; same < 4; ) {
      await frame();
      const next = now();
      same = next === last ? same + 1 : 0;
      last = next;
    }
    return last;
  });

describe.each(TESTED_BROWSERS)('the network in the Draw view in %s', (name) => {
  it('lights up with each stroke, and goes out when the pad is cleared', async () => {
    const { page, errors } = await openDraw(name);
    const dark = await picture(page);
    expect(await lit(page)).toBeLessThan(UNLIT);
    expect(await summary(page)).toContain('image, 512 hidden units, 512 hidden units, arrow keys');
    await startStroke(page, SEVEN.slice(0, 2));
    await expect.poll(() => lit(page), PATIENCE).toBeGreaterThan(10 * UNLIT);
    const bar = await picture(page);
    await page.mouse.up();
    await draw(page, SEVEN.slice(1));
    await winner(page).toBe('7');
    await expect.poll(() => summary(page), PATIENCE).toMatch(/\d+ of 512 hidden units active, .*, answer 7,/);
    expect((await picture(page)) === bar).toBe(false);
    await press(page, '#draw-clear');
    await expect.poll(() => lit(page), PATIENCE).toBeLessThan(UNLIT);
    expect((await picture(page)) === dark).toBe(true);
    expect(errors).toEqual([]);
  });

  it('tells of the unit under the pointer, and of the one that the arrow keys move to', async () => {
    const { page } = await openDraw(name, '#/draw?model=quick');
    await expect.poll(() => text(page, '#draw-facts'), PATIENCE).toMatch(/^784-128-10/);
    await draw(page, SEVEN);
    await winner(page).toBe('7');
    const told = () => text(page, '#draw-activity output');
    const before = await picture(page);
    await page.$eval('#draw-activity', (picture) =>
      picture.scrollIntoView({ block: 'center', behavior: 'instant' }),
    );
    const { x, y, width, height } = (await (await page.$('#draw-activity canvas'))!.boundingBox())!;
    await page.mouse.move(x + 0.55 * width, y + 0.5 * height);
    await expect
      .poll(told, PATIENCE)
      .toMatch(/^Unit \d+ puts out \d+\.\d\d\. At the left, what it looks for/);
    // Its weights take the place of the image.
    await expect.poll(async () => (await picture(page)) === before, PATIENCE).toBe(false);
    await page.mouse.move(x - 20, y - 20);
    await expect.poll(told, PATIENCE).toMatch(/^Each square is a unit/);
    expect((await picture(page)) === before).toBe(true);

    await page.focus('#draw-activity canvas');
    await page.keyboard.press('ArrowDown');
    await expect.poll(told, PATIENCE).toMatch(/^Unit 0 /);
    await page.keyboard.press('ArrowRight');
    await expect.poll(told, PATIENCE).toMatch(/^Unit 1 /);
    for (let steps = 0; steps < 30; steps++) await page.keyboard.press('ArrowRight');
    await expect.poll(told, PATIENCE).toMatch(/^\d: \d+\.\d\s%\.$/);
  });
});
