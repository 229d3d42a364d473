// What a user does and sees on the page, as the tests of its views need it.
import type { ElementHandle, Page } from 'puppeteer-core';
import { idx } from '../cli/idx_folder.ts';
import { type OpenedPage, openPage, sharedSite, type TESTED_BROWSERS } from './setup.ts';

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

/** Until what was done is seen: the page shows its state anew once a frame. */
const shown = (page: Page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));

/**
 * Clicks the middle of an element once it rests, again if it moved away meanwhile, and waits until the page
 * shows it. puppeteer's own takes a tenth of a second, and does not tell what it hit.
 */
export async function press(page: Page, selector: string): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt++) {
    const [x, y] = await page.evaluate(middleAtRest, selector);
    await page.mouse.click(x, y);
    await shown(page);
    if (await page.evaluate(() => (globalThis as unknown as { hit: boolean }).hit)) return;
  }
  throw new Error(`${selector} moves away from the mouse`);
}

/** In the page. `hit` will say whether the next press of the mouse is on the element. */
async function middleAtRest(selector: string): Promise<readonly [number, number]> {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const middle = () => {
    const element = document.querySelector(selector);
    if (!element) throw new Error(`there is no ${selector}`);
    const [{ x, y, width, height }] = element.getClientRects();
    const [left, top] = [x + width / 2, y + height / 2];
    if (!element.contains(document.elementFromPoint(left, top))) {
      // Out of sight, or under what stays in place.
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
    }
    return [left, top] as const;
  };
  // A view that was asked for may not be drawn yet.
  for (let frames = 0; frames < 300 && !document.querySelector(selector); frames++) await frame();
  let before = middle();
  for (;;) {
    await frame();
    const now = middle();
    if (now[0] === before[0] && now[1] === before[1]) break;
    before = now;
  }
  Object.assign(globalThis, { hit: false });
  addEventListener(
    'mousedown',
    ({ target }) => Object.assign(globalThis, { hit: (target as Element).closest(selector) !== null }),
    { once: true, capture: true },
  );
  return before;
}

/** Shows another address of the page that is open, as a link does: nothing is loaded again. */
export async function visit(page: Page, fragment: string): Promise<void> {
  await page.evaluate(async (address) => {
    if (location.hash === address) return;
    const told = new Promise((resolve) => addEventListener('hashchange', resolve, { once: true }));
    location.hash = address;
    await told;
  }, fragment);
  await shown(page);
}

/** What `use` sees on the screen of a phone. */
export async function onPhone(
  page: Page,
  use: () => Promise<void>,
  screen = { width: 360, height: 740 },
): Promise<void> {
  const wide = page.viewport();
  await page.setViewport(screen);
  await use();
  await page.setViewport(wide);
}

/** Until the engines were looked for and the data is there. */
export async function ready(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('#status')?.textContent === 'Ready' &&
      document.querySelector('#engine-wasm-note')?.textContent?.trim() !== '…',
    PATIENCE,
  );
}

export const text = (page: Page, selector: string): Promise<string> =>
  page.evaluate((at) => {
    const element = document.querySelector(at);
    if (!element) throw new Error(`there is no ${at}`);
    return element.textContent?.trim() ?? '';
  }, selector);

export const value = (page: Page, selector: string): Promise<string> =>
  page.evaluate((at) => document.querySelector<HTMLInputElement>(at)!.value, selector);

/** Replaces a field's text by typing. */
export async function type(page: Page, field: string, typed: string): Promise<void> {
  await page.evaluate((id) => {
    const input = document.getElementById(id) as HTMLInputElement;
    input.focus();
    input.select();
  }, field);
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

/** The accuracy as the Train view shows it, once the training under way has ended. */
export async function trained(page: Page): Promise<number> {
  await page
    .waitForFunction(
      () =>
        document.querySelector('#train')?.textContent?.trim() === 'Train' &&
        document.querySelector('#accuracy') !== null,
      PATIENCE,
    )
    .catch(async () => {
      throw new Error(`no accuracy; ${await stateOf(page)}`);
    });
  return Number.parseFloat(await text(page, '#accuracy'));
}

/** Until the first epoch of the training under way has ended. */
export const learning = (page: Page) => waitForText(page, '#live-test-accuracy', '%');

export const epochs = async (page: Page) => Number.parseInt(await text(page, '#live-epoch'), 10);

/** What a button offers as a download. */
export const download = async (page: Page, selector: string): Promise<Uint8Array> =>
  Uint8Array.from(
    await page.evaluate(async (button) => {
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
    }, selector),
  );

/** Opens the menu of a kept run or sweep, the first of that name, and waits until it is there. */
export async function openMenu(page: Page, run: string): Promise<void> {
  const button = `#runs .menu-button[aria-label=${JSON.stringify(`Actions of ${run}`)}]`;
  await press(page, button);
  await page.waitForSelector(`${button}[aria-expanded="true"] + .menu`, PATIENCE);
}

/** Chooses from that menu what its `data-action` names. */
export async function chooseAction(page: Page, run: string, action: string): Promise<void> {
  await openMenu(page, run);
  await press(page, `#runs .menu [data-action="${action}"]`);
}

/** What that menu offers as a download. */
export async function downloadFrom(page: Page, run: string, action: string): Promise<Uint8Array> {
  await openMenu(page, run);
  return download(page, `#runs .menu [data-action="${action}"]`);
}

/** Names of the kept runs that are not within a folded sweep, as they are sorted. */
export const runNames = (page: Page): Promise<string[]> =>
  page.$$eval('#runs .run-name', (inputs) => inputs.map((input) => (input as HTMLInputElement).value));

/** By address and browser. */
const opened = new Map<string, OpenedPage>();

/**
 * The page of a site with an address, in which the tests of all files go on, as a user does. One that a failed
 * test left at work is not gone on with.
 */
export async function goOn(
  name: (typeof TESTED_BROWSERS)[number],
  fragment = '#/train',
  site?: string,
): Promise<OpenedPage> {
  const url = site ?? (await sharedSite());
  const key = `${name} ${url}`;
  const known = opened.get(key);
  if (known) {
    await known.page.bringToFront();
    if (await atRest(known.page)) {
      known.errors.length = 0;
      await visit(known.page, fragment);
      return known;
    }
    await known.page.close();
  }
  const fresh = await openWatched(name);
  opened.set(key, fresh);
  await fresh.page.goto(url);
  await ready(fresh.page);
  await visit(fresh.page, fragment);
  return fresh;
}

/** Whether nothing trains there, or will have ended soon. */
const atRest = (page: Page): Promise<boolean> =>
  page
    .waitForFunction(() => {
      const button = document.querySelector('#train');
      return button === null || button.textContent?.trim() === 'Train';
    }, PATIENCE)
    .then(
      () => true,
      () => false,
    );

/**
 * A blank page; what is opened in it from then on tells of its workers ({@link aliveWorkers}) and gives them
 * away ({@link endWorker}).
 */
export async function openWatched(name: (typeof TESTED_BROWSERS)[number]) {
  const opened = await openPage(name, 'about:blank');
  await opened.page.evaluateOnNewDocument(() => {
    const Original = Worker;
    const alive = new Set<Worker & { title: string }>();
    globalThis.Worker = class extends Original {
      readonly title: string;
      constructor(url: string | URL, options?: WorkerOptions) {
        super(url, options);
        this.title = options?.name || String(url).split('/').at(-1)!;
        alive.add(this);
      }
      override terminate(): void {
        super.terminate();
        alive.delete(this);
      }
    };
    Object.assign(globalThis, { alive });
  });
  return opened;
}

type Watched = { readonly alive: Set<Worker & { title: string }> };

/** By their names, or those of their files. */
export const aliveWorkers = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...(globalThis as unknown as Watched).alive].map(({ title }) => title));

/** Ends the page's workers of such a name, as a crash would. */
export const endWorker = (page: Page, name: string) =>
  page.evaluate((part) => {
    for (const worker of (globalThis as unknown as Watched).alive) {
      if (worker.title.includes(part)) worker.terminate();
    }
  }, name);

async function stateOf(page: Page): Promise<string> {
  const said = (selector: string) => text(page, selector).catch(() => 'not there');
  return `status: ${await said('#status')}; problem: ${await said('#problem')}`;
}

/** Chooses files of one's own as the data set. */
export async function chooseFiles(page: Page, files: readonly string[]): Promise<void> {
  const input = (await page.waitForSelector('#files', PATIENCE)) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(...files);
}

/** The four files of a data set of 4×4 pixels and three classes: in class c, row c is white. */
export function stripes(): { readonly [file: string]: Uint8Array } {
  const pixel = (i: number) => (Math.floor((i % 16) / 4) === Math.floor(i / 16) % 3 ? 255 : 0);
  const images = (count: number) =>
    idx(
      [count, 4, 4],
      Uint8Array.from({ length: 16 * count }, (_, i) => pixel(i)),
    );
  const labels = (count: number) =>
    idx(
      [count],
      Uint8Array.from({ length: count }, (_, i) => i % 3),
    );
  return {
    'train-images-idx3-ubyte': images(150),
    'train-labels-idx1-ubyte': labels(150),
    't10k-images-idx3-ubyte': images(30),
    't10k-labels-idx1-ubyte': labels(30),
  };
}
