// The charts in real browsers: what stands at the pointer and at the place that the arrow keys move to, in all
// charts over the same axis.
import type { Page } from 'puppeteer-core';
import { describe, expect, it } from 'vitest';
import { goOn, PATIENCE, press, waitForText } from './page_steps.ts';
import { TESTED_BROWSERS } from './setup.ts';

const legends = (page: Page): Promise<string[]> =>
  page.$$eval('learn-view .chart-legend', (all) =>
    all.map((legend) => [...legend.children].map((entry) => entry.textContent).join(' | ')),
  );

/** The epoch that a legend begins with. */
const epochOf = (legend: string) => Number(/^epoch ([\d.]+) \|/.exec(legend)?.[1]);

describe.each(TESTED_BROWSERS)('the charts in %s', (name) => {
  it('tell the values at the pointer or a key with their place, together', async () => {
    const { page, errors } = await goOn(name, '#/learn?step=train');
    await press(page, '#learn-train');
    await waitForText(page, '#learn-trained', 'recognised');
    const end = ['epoch 2', 'epoch 2'];
    const places = async () => (await legends(page)).map((legend) => legend.split(' | ')[0]);
    await expect.poll(places, PATIENCE).toEqual(end);
    const [loss, accuracy] = await legends(page);
    expect(loss).toMatch(/^epoch 2 \| training 0\.\d{4} \| test 0\.\d{4}$/);
    expect(accuracy).toMatch(/^epoch 2 \| training \d\d\.\d\d\s% \| test 9[78]\.\d\d\s%$/);

    const frames = await page.$$('learn-view .chart-frame');
    await frames[0].scrollIntoView();
    const { x, y, width, height } = (await frames[0].boundingBox())!;
    await page.mouse.move(x + 0.7 * width, y + 0.5 * height);
    await expect.poll(places, PATIENCE).not.toEqual(end);
    const pointed = (await legends(page)).map(epochOf);
    expect(pointed[0]).toBe(pointed[1]);
    // The axis goes from 0 to 2, and begins beside its ticks.
    expect(pointed[0]).toBeGreaterThan(1);
    expect(pointed[0]).toBeLessThan(1.5);
    await page.mouse.move(x + 0.9 * width, y + 0.5 * height);
    await expect.poll(async () => epochOf((await legends(page))[1]), PATIENCE).toBeGreaterThan(1.6);
    await page.mouse.move(0, 0);
    await expect.poll(places, PATIENCE).toEqual(end);

    // Another page of this browser may have the focus.
    await page.bringToFront();
    await frames[1].focus();
    await page.keyboard.press('ArrowLeft');
    await expect
      .poll(() => page.$eval('curve-chart:focus-within output', (spoken) => spoken.textContent), PATIENCE)
      .toMatch(/^Accuracy by epoch: epoch 2, training/);
    await page.keyboard.press('ArrowLeft');
    const [before] = (await legends(page)).map(epochOf);
    expect(before).toBeLessThan(2);
    await page.keyboard.press('Home');
    await expect.poll(async () => (await legends(page)).map(epochOf), PATIENCE).toEqual([0.01, 0.01]);
    expect(await frames[0].evaluate((frame) => frame.ariaLabel)).toMatch(
      /^Loss by epoch: epoch 0\.01, training 2\.\d+, test –\. The arrow keys read it\.$/,
    );
    await page.keyboard.press('Escape');
    await expect.poll(places, PATIENCE).toEqual(end);
    expect(errors).toEqual([]);
  });
});
