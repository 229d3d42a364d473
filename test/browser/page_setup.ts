// What tests of the page share: the page once it is ready, its fields, and what it says.
import type { ElementHandle, Page } from 'puppeteer-core';
import { openPage, type TESTED_BROWSERS } from './setup.ts';

/** Two short epochs that still learn. */
export const SHORT = { network: '784-32-10', epochs: '2', trainImages: '4000' };
/** Longer than any test waits. */
export const LONG = { network: '784-64-10', epochs: '5000', trainImages: '2000' };

/** Shorter than a test's own, so that what failed can be told. */
export const PATIENCE = { timeout: 45_000 };

/** The page once its engines were looked for and its data is there. */
export async function openReady(name: (typeof TESTED_BROWSERS)[number], url: string) {
  const { page, errors } = await openPage(name, url);
  await ready(page);
  return { page, errors };
}

export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('#status')?.textContent === 'Ready' &&
      document.querySelector('#engine-wasm-note')?.textContent?.trim() !== '…',
    PATIENCE,
  );
}

export const text = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => element.textContent?.trim() ?? '');

export const value = (page: Page, selector: string): Promise<string> =>
  page.$eval(selector, (element) => (element as HTMLInputElement).value);

/** Replaces a field's text by typing. */
export async function type(page: Page, field: string, typed: string): Promise<void> {
  const input = (await page.$(`#${field}`)) as ElementHandle<HTMLInputElement>;
  await input.evaluate((element) => {
    element.focus();
    element.select();
  });
  if (typed === '') await page.keyboard.press('Backspace');
  else await page.keyboard.type(typed);
}

export async function fill(page: Page, fields: { readonly [field: string]: string }): Promise<void> {
  for (const [field, typed] of Object.entries(fields)) await type(page, field, typed);
}

export const waitForText = (page: Page, selector: string, pattern: string) =>
  page
    .waitForFunction(
      (at, source) => new RegExp(source).test(document.querySelector(at)?.textContent ?? ''),
      PATIENCE,
      selector,
      pattern,
    )
    .catch(async () => {
      throw new Error(`no ${pattern} in ${selector}; ${await stateOf(page)}`);
    });

const stateOf = async (page: Page) =>
  `status: ${await text(page, '#status')}; problem: ${await text(page, '#problem')}`;

/** Until the first epoch of the training under way has ended. */
export const learning = (page: Page) => waitForText(page, '#live-test-accuracy', '%');

/** The accuracy as the page shows it, once a training has ended. */
export async function trained(page: Page): Promise<number> {
  await page.waitForSelector('#accuracy', PATIENCE).catch(async () => {
    throw new Error(`no accuracy; ${await stateOf(page)}`);
  });
  return Number.parseFloat(await text(page, '#accuracy'));
}

export const epochs = async (page: Page) => Number.parseInt(await text(page, '#live-epoch'), 10);

/** What a button offers as a download. */
export const download = (page: Page, selector: string): Promise<number[]> =>
  page.evaluate(async (button) => {
    const { createObjectURL } = URL;
    const made = new Promise<Blob>((resolve) => {
      URL.createObjectURL = (blob) => {
        URL.createObjectURL = createObjectURL;
        resolve(blob as Blob);
        return createObjectURL(blob);
      };
    });
    document.querySelector<HTMLElement>(button)!.click();
    return [...new Uint8Array(await (await made).arrayBuffer())];
  }, selector);
