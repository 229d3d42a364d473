// What a user does in the Draw view.
import type { Page } from 'puppeteer-core';
import { expect } from 'vitest';
import { goOn, press } from './page_steps.ts';
import type { TESTED_BROWSERS } from './setup.ts';

/** Shorter than a test's own, so that what failed can be told. */
export const PATIENCE = { timeout: 30_000, interval: 20 };

export type Corner = readonly [x: number, y: number];

/** In sides of the pad. */
export const SEVEN: readonly Corner[] = [
  [0.27, 0.22],
  [0.74, 0.22],
  [0.6, 0.5],
  [0.44, 0.82],
];

/** The view once its network is loaded, with an empty pad. */
export async function openDraw(name: (typeof TESTED_BROWSERS)[number], fragment = '#/draw') {
  const opened = await goOn(name, fragment);
  await loaded(opened.page);
  if (await opened.page.$('#draw-clear:enabled')) await press(opened.page, '#draw-clear');
  await winner(opened.page).toBe('?');
  return opened;
}

export const loaded = (page: Page) =>
  expect.poll(() => text(page, '#draw-facts'), PATIENCE).toContain('trained on');

export const text = (page: Page, selector: string): Promise<string | undefined> =>
  page.evaluate((at) => document.querySelector(at)?.textContent?.trim(), selector);

export const winner = (page: Page) => expect.poll(() => text(page, '#draw-winner'), PATIENCE);

export const certainty = (page: Page) => expect.poll(() => text(page, '#draw-certainty'), PATIENCE);

export const problem = (page: Page) => expect.poll(() => text(page, '#draw-problem'), PATIENCE);

/** Presses the mouse at the first corner and moves over the others; the button stays down. */
export async function startStroke(page: Page, corners: readonly Corner[]): Promise<void> {
  await page.$eval('#draw-pad', (pad) => {
    const { top, bottom } = pad.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) pad.scrollIntoView({ block: 'center', behavior: 'instant' });
  });
  const box = (await (await page.$('#draw-pad'))!.boundingBox())!;
  const at = ([x, y]: Corner): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(corners[0]));
  await page.mouse.down();
  for (const corner of corners.slice(1)) await page.mouse.move(...at(corner), { steps: 6 });
}

export async function draw(page: Page, corners: readonly Corner[]): Promise<void> {
  await startStroke(page, corners);
  await page.mouse.up();
}

/** The drawing smaller, about a point of the pad. */
export const shrunk = (corners: readonly Corner[], scale: number, [x, y]: Corner): Corner[] =>
  corners.map(([cornerX, cornerY]) => [x + scale * (cornerX - 0.5), y + scale * (cornerY - 0.5)]);

/** Pixels of the pad's canvas that are inked, as a share of all. */
export const inked = (page: Page): Promise<number> =>
  page.$eval('#draw-pad canvas', (element) => {
    const canvas = element as HTMLCanvasElement;
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return data.filter((byte, i) => i % 4 === 3 && byte > 0).length / (data.length / 4);
  });
