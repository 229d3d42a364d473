// What the tests in real browsers share.
import type { Browser, Page } from 'puppeteer-core';
import { it } from 'vitest';
import { launchBrowser, type PuppeteerName } from '../../src/cli/browser/launch.ts';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';

/** The browsers that every test of the page runs in. */
export const TESTED_BROWSERS = ['chromium', 'firefox'] as const satisfies readonly PuppeteerName[];

type Test = (title: string, test: () => Promise<void>) => void;

/** `it` in the first of them alone, for what is no browser's business: the logic of forms and views. */
export function inOneBrowser(name: (typeof TESTED_BROWSERS)[number]): Test {
  return name === TESTED_BROWSERS[0] ? it : () => {};
}

const launched = new Map<PuppeteerName, Promise<Browser>>();

/**
 * The browser of that name of all test files, started on first use. It ends with this process, as any that is
 * launched.
 */
export function browserNamed(name: PuppeteerName): Promise<Browser> {
  if (!launched.has(name)) launched.set(name, launchBrowser(name));
  return launched.get(name)!;
}

let served: Promise<StaticServer> | undefined;

/** The address of the built page for all test files, which keep nothing there that another one minds. */
export async function sharedSite(): Promise<string> {
  served ??= serveStatic(builtPage(packageRoot()));
  return (await served).url;
}

export interface OpenedPage {
  readonly page: Page;
  /** Uncaught errors and what the page wrote with console.error, so far. */
  readonly errors: string[];
}

/** Firefox loads the manifest's icons on its own account, and says so where the page is left meanwhile. */
const isLeftBehind = (message: string): boolean =>
  /icon-\d+\.png’\. A ServiceWorker intercepted the request/.test(message);

/** A new tab at the address, once it has loaded. */
export async function openPage(name: PuppeteerName, url: string): Promise<OpenedPage> {
  const page = await (await browserNamed(name)).newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error instanceof Error ? error.message : String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isLeftBehind(message.text())) errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors };
}
