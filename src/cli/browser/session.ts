// A browser that is opened for one page: started here, or reached through WebDriver wherever it runs.
import puppeteer, { type Browser } from 'puppeteer-core';
import { firstLineOf, InputError, messageOf } from '../../errors.ts';
import type { BrowserName } from '../../hosts/find_browser.ts';
import { chromiumArguments, closeBrowser, launchBrowser } from './launch.ts';
import { type Capabilities, WebDriverServer } from './webdriver.ts';
import { startWebKitDriver } from './webkit.ts';

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
    const session = await new WebDriverServer(driver.url).newSession([driver.capabilities]);
    return {
      open(url, onFail) {
        void driver.ended.then(() => onFail('the browser ended unexpectedly'));
        return session.open(url);
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
  const { protocol = '', hostname = '' } = URL.canParse(endpoint) ? new URL(endpoint) : {};
  const server = /^https?:$/.test(protocol) ? new WebDriverServer(endpoint) : undefined;
  try {
    if (/^wss?:$/.test(protocol)) return await connectBiDi(endpoint);
    if (server) return await server.newSession(wantedAs(name, isThisMachine(hostname)));
  } catch (error) {
    throw new InputError(`cannot use the browser at ${server?.url ?? endpoint}: ${firstLineOf(error)}`);
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

/** What a WebDriver server may call the browser. */
export const webDriverNames = (name: BrowserName): readonly string[] => WEBDRIVER_NAMES[name];

/**
 * @param here whether the driver is on this machine: a Chromium is then started as this process starts it,
 * without a window. A driver elsewhere, or a Grid's node, has settings of its own.
 */
function wantedAs(name: BrowserName, here: boolean): Capabilities[] {
  return WEBDRIVER_NAMES[name].map((browserName) => ({
    browserName,
    ...(here &&
      browserName === 'chrome' && {
        'goog:chromeOptions': { args: ['--headless=new', ...chromiumArguments()] },
      }),
  }));
}

/** @param hostname as `URL` has it */
function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
