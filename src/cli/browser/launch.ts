// Starts a real browser with a fresh profile, WebGPU switched on, and nothing that slows a page in the
// background.
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import puppeteer, { type Browser } from 'puppeteer-core';
import { messageOf } from '../../errors.ts';
import { type BrowserName, findBrowser } from '../../hosts/find_browser.ts';
import { lacksGpu, SOFTWARE_DAWN_FLAG } from '../../hosts/software_gpu.ts';
import { type Guard, startGuard } from './guard.ts';

/** Those that puppeteer drives. */
export type PuppeteerName = Exclude<BrowserName, 'webkit'>;

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

/** On Linux, and on adapters on the processor (SwiftShader). */
const CHROMIUM_WEBGPU = '--enable-unsafe-webgpu';

const FIREFOX_PREFERENCES = {
  'gfx.webgpu.ignore-blocklist': true, // adapters on the processor (lavapipe)
  'dom.timeout.enable_budget_timer_throttling': false,
  'dom.min_background_timeout_value': 4,
  'dom.ipc.processHangMonitor': false,
};

const guards = new WeakMap<Browser, Guard>();

/**
 * A new browser with a temporary profile, both of which go with {@link closeBrowser}, or when this process
 * ends. Signals such as Ctrl-C are left to the caller.
 * @throws InputError if the browser is not installed; Error in one line if it does not start
 */
export async function launchBrowser(
  name: PuppeteerName,
  { headless = true, webgpu = true }: LaunchOptions = {},
): Promise<Browser> {
  const executablePath = findBrowser(name);
  const guard = await startGuard();
  const args = chromiumArguments(webgpu);
  const preferences = { ...FIREFOX_PREFERENCES, 'dom.webgpu.enabled': webgpu };
  const stopListening = whenStarted(guard.folder, (pid) => guard.add(pid));
  try {
    const browser = await puppeteer.launch({
      executablePath,
      headless,
      userDataDir: guard.folder,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      protocolTimeout: 0, // a job may take hours
      ...(name === 'firefox'
        ? {
            browser: 'firefox',
            extraPrefsFirefox: preferences,
            env: { ...process.env, TMPDIR: guard.folder }, // it leaves a lock there when it is killed early
          }
        : { browser: 'chrome', args }),
    });
    guards.set(browser, guard);
    return browser;
  } catch (error) {
    await guard.clear();
    throw new Error(`cannot start ${executablePath}: ${reason(messageOf(error))}`);
  } finally {
    stopListening();
  }
}

/** What a Chromium on this machine is started with, whoever starts it. */
export function chromiumArguments(webgpu = true): string[] {
  const asRoot = process.getuid?.() === 0;
  return [
    ...CHROMIUM_FLAGS,
    ...(asRoot ? ['--no-sandbox'] : []),
    ...(webgpu ? [CHROMIUM_WEBGPU, ...(lacksGpu() ? [`--${SOFTWARE_DAWN_FLAG}`] : [])] : []),
  ];
}

/**
 * Calls back as soon as a process with the folder on its command line runs: puppeteer tells of its browser's
 * only when the browser answers.
 * @returns ends that
 */
function whenStarted(folder: string, then: (pid: number) => void): () => void {
  const listen = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess };
    child.once('spawn', () => {
      if (child.spawnargs.some((argument) => argument.includes(folder))) then(child.pid!);
    });
  };
  subscribe('child_process', listen);
  return () => unsubscribe('child_process', listen);
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
  await guards.get(browser)?.clear();
}
