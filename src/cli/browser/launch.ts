// Starts a real browser with a fresh profile, WebGPU switched on, and nothing that slows a page in the background.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser } from 'puppeteer-core';
import { messageOf } from '../../errors.ts';
import { type BrowserName, findBrowser } from './find.ts';

export interface LaunchOptions {
  /** No window; true if left out. */
  readonly headless?: boolean;
  /** On any adapter, also one on the processor; true if left out. */
  readonly webgpu?: boolean;
}

/** puppeteer brings those that keep timers and pages in the background at full speed. */
const CHROMIUM_FLAGS = [
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Linux, and adapters on the processor (SwiftShader). */
const CHROMIUM_WEBGPU = '--enable-unsafe-webgpu';

const FIREFOX_PREFERENCES = {
  'gfx.webgpu.ignore-blocklist': true, // adapters on the processor (lavapipe)
  'dom.timeout.enable_budget_timer_throttling': false,
  'dom.min_background_timeout_value': 4,
  'dom.ipc.processHangMonitor': false,
};

const profiles = new WeakMap<Browser, string>();

/**
 * A new browser with a temporary profile, both of which go with {@link closeBrowser}. Interrupts (Ctrl-C) are left
 * to the caller.
 * @throws InputError if the browser is not installed; Error in one line if it does not start
 */
export async function launchBrowser(
  name: BrowserName,
  { headless = true, webgpu = true }: LaunchOptions = {},
): Promise<Browser> {
  const executablePath = findBrowser(name);
  const userDataDir = await mkdtemp(join(tmpdir(), 'mnist-kernels-profile-'));
  const asRoot = process.getuid?.() === 0;
  const args = [...CHROMIUM_FLAGS, ...(webgpu ? [CHROMIUM_WEBGPU] : []), ...(asRoot ? ['--no-sandbox'] : [])];
  const preferences = { ...FIREFOX_PREFERENCES, 'dom.webgpu.enabled': webgpu };
  try {
    const browser = await puppeteer.launch({
      executablePath,
      headless,
      userDataDir,
      handleSIGINT: false,
      protocolTimeout: 0, // a job may take hours
      ...(name === 'firefox'
        ? { browser: 'firefox', extraPrefsFirefox: preferences }
        : { browser: 'chrome', args }),
    });
    profiles.set(browser, userDataDir);
    return browser;
  } catch (error) {
    await remove(userDataDir);
    throw new Error(`cannot start ${executablePath}: ${reason(messageOf(error))}`);
  }
}

/** The telling line of a browser's output. */
function reason(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /error while|cannot open|no such file|permission/i.test(line)) ?? lines[0];
}

/** Closes a browser, by force if it does not answer, and removes its profile. */
export async function closeBrowser(browser: Browser): Promise<void> {
  const main = browser.process();
  const runs = main && main.exitCode === null && main.signalCode === null;
  const exited = runs ? once(main, 'exit') : undefined;
  const patience = setTimeout(() => main?.kill('SIGKILL'), 5000);
  await browser.close().catch(() => {});
  await exited;
  clearTimeout(patience);
  if (main?.pid !== undefined && process.platform !== 'win32') endGroup(main.pid);
  const profile = profiles.get(browser);
  if (profile !== undefined) await remove(profile);
}

/** Ends what a browser that was killed leaves behind: its processes are a group named after the first. */
export function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // None is left, as should be.
  }
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
