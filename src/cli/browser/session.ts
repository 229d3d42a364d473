// A browser that is opened for one page: started here, or reached through WebDriver wherever it runs.
import puppeteer, { type Browser } from 'puppeteer-core';
import { firstLineOf, InputError, messageOf } from '../../errors.ts';
import type { BrowserName } from '../../hosts/find_browser.ts';
import { closeBrowser, launchBrowser } from './launch.ts';
import { type Capabilities, startWebKitDriver } from './webkit.ts';

export interface BrowserSession {
  /**
   * Opens the address in a tab; settles when it has loaded.
   * @param onFail called with the reason if the page or the browser fails later, where that is told
   */
  open(url: string, onFail: (why: string) => void): Promise<void>;
  /** Ends what was opened here: a started browser, or only the session of one that runs elsewhere. */
  close(): Promise<void>;
}

export interface SessionOptions {
  /** No window; true if left out. */
  readonly headless?: boolean;
  /** WebKit's memory for threads, which others have anyway: see startWebKitDriver. */
  readonly sharedMemory?: boolean;
}

/** @throws InputError if the browser is not installed; Error in one line if it does not start */
export async function startSession(name: BrowserName, options: SessionOptions): Promise<BrowserSession> {
  if (name === 'webkit') return startWebKit(options);
  const browser = await launchBrowser(name, options);
  return {
    open: async (url, onFail) => openTab(browser, (await browser.pages())[0], url, onFail),
    close: () => closeBrowser(browser),
  };
}

async function startWebKit(options: SessionOptions): Promise<BrowserSession> {
  const driver = await startWebKitDriver(options);
  try {
    const { open } = await newSession(driver.url, driver.capabilities);
    return {
      open(url, onFail) {
        void driver.ended.then(() => onFail('the browser ended unexpectedly'));
        return open(url, onFail);
      },
      close: () => driver.close(),
    };
  } catch (error) {
    await driver.close();
    const why = `cannot start WebKit: ${firstLineOf(error)}`;
    // The driver knows where its MiniBrowser should be.
    if (!/execute child process/.test(why)) throw new Error(why);
    throw new InputError(`${why}: install it (apt-get install webkit2gtk-driver)`);
  }
}

/**
 * @param endpoint `ws(s)://…` of WebDriver BiDi (a browser's own, or Chromium's DevTools), or `http(s)://…`
 * of a WebDriver
 *   server such as Selenium Grid, geckodriver or chromedriver
 * @param name what a WebDriver server is asked for
 * @throws InputError if it is neither, or nothing answers there
 */
export async function connectSession(endpoint: string, name: BrowserName): Promise<BrowserSession> {
  const protocol = URL.canParse(endpoint) ? new URL(endpoint).protocol : '';
  try {
    if (/^wss?:$/.test(protocol)) return await connectBiDi(endpoint);
    if (/^https?:$/.test(protocol)) return await newSession(endpoint.replace(/\/$/, ''), ...wantedAs(name));
  } catch (error) {
    throw new InputError(`cannot use the browser at ${endpoint}: ${firstLineOf(error)}`);
  }
  throw new InputError(
    `--connect ${endpoint}: expected ws://… of a browser or http://… of a WebDriver server such as Selenium Grid`,
  );
}

async function connectBiDi(browserWSEndpoint: string): Promise<BrowserSession> {
  const browser = await puppeteer.connect({
    browserWSEndpoint,
    protocol: 'webDriverBiDi',
    protocolTimeout: 0, // a job may take hours
    defaultViewport: null,
  });
  const page = await browser.newPage();
  return {
    open: (url, onFail) => openTab(browser, page, url, onFail),
    async close() {
      await page.close().catch(() => {});
      await browser.disconnect();
    },
  };
}

async function openTab(
  browser: Browser,
  tab: Awaited<ReturnType<Browser['newPage']>> | undefined,
  url: string,
  onFail: (why: string) => void,
): Promise<void> {
  browser.on('disconnected', () => onFail('the browser ended unexpectedly'));
  const page = tab ?? (await browser.newPage());
  page.on('pageerror', (error) => onFail(`error in the page: ${messageOf(error)}`));
  page.on('error', (error) => onFail(messageOf(error)));
  page.on('close', () => onFail('the page was closed'));
  await page.goto(url);
}

/** As WebDriver's capability `browserName` has them; a server takes the first that it can start. */
const WEBDRIVER_NAMES: { readonly [N in BrowserName]: readonly string[] } = {
  chromium: ['chrome'],
  chrome: ['chrome'],
  firefox: ['firefox'],
  webkit: ['MiniBrowser', 'safari'],
};

function wantedAs(name: BrowserName): Capabilities[] {
  return WEBDRIVER_NAMES[name].map((browserName) => ({ browserName }));
}

/** W3C WebDriver (https://www.w3.org/TR/webdriver2/): New Session, Navigate To, Delete Session. */
async function newSession(server: string, ...firstMatch: Capabilities[]): Promise<BrowserSession> {
  const alwaysMatch = { pageLoadStrategy: 'normal' };
  const { sessionId } = await webDriver<{ sessionId: string }>('POST', `${server}/session`, {
    capabilities: { alwaysMatch, firstMatch },
  });
  const session = `${server}/session/${sessionId}`;
  return {
    open: async (url) => void (await webDriver('POST', `${session}/url`, { url })),
    close: async () => void (await webDriver('DELETE', session).catch(() => {})),
  };
}

/** @throws Error as the server words it */
async function webDriver<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'Content-Type': 'application/json; charset=utf-8' }, // Selenium Grid wants the character set
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const { value } = (await response.json().catch(() => ({ value: null }))) as { value: unknown };
  if (response.ok) return value as T;
  const { error, message } = (value ?? {}) as { error?: string; message?: string };
  throw new Error(message || error || `status ${response.status}, not a WebDriver server`);
}
