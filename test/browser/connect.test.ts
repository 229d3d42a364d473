// `--connect`: a job in a browser that was started by somebody else, through WebDriver BiDi or a WebDriver
// server.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { endGroup } from '../../src/cli/browser/leftovers.ts';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import { connectSession } from '../../src/cli/browser/session.ts';
import { WebDriverServer } from '../../src/cli/browser/webdriver.ts';
import { freePort, startWebKitDriver } from '../../src/cli/browser/webkit.ts';
import { findBrowser } from '../../src/hosts/find_browser.ts';
import { findRecipe } from '../../src/training/recipes.ts';
import { chromedriver } from '../fleet/real_grid.ts';
import { TESTED_BROWSERS } from './setup.ts';

const ARGUMENTS = {
  firefox: (profile: string) => ['--headless', '--remote-debugging-port', '0', '--profile', profile],
  chromium: (profile: string) => [
    '--headless',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
};

/** Where a started browser listens: it says so once. */
async function endpointOf(browser: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of browser.stderr!) {
    said += chunk;
    const [found] = /ws:\/\/\S+(?=\s)/.exec(said) ?? [];
    if (found) return found;
  }
  throw new Error(`the browser said: ${said}`);
}

it.each(TESTED_BROWSERS)('trains in %s that runs already, and leaves it running', async (name) => {
  const profile = mkdtempSync(join(tmpdir(), 'mnist-kernels-connect-'));
  const browser = spawn(findBrowser(name), ARGUMENTS[name](profile), {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a group of its own, which ends with it
  });
  try {
    const found = await endpointOf(browser);
    browser.stderr!.resume();
    const connect = name === 'firefox' ? `${found}/session` : found;
    const job = {
      kind: 'train',
      backend: 'wasm',
      ...findRecipe('quick'),
      seed: 1,
      trainLimit: 6000,
    } as const;
    const { report } = await runInBrowser(job, { runtime: name, connect, dataset: { kind: 'mnist' } });
    expect(report.environment.runtime).toContain(name);
    expect(report.test.accuracy).toBeGreaterThan(0.9);
    expect(browser.exitCode).toBeNull();
  } finally {
    browser.kill();
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, 'exit');
    endGroup(browser.pid!);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
});

it('asks a WebDriver server for Safari as well, where WebKit is wanted', async () => {
  const asked: [request: string, body: unknown][] = [];
  const server = createServer(async (request, response) => {
    asked.push([`${request.method} ${request.url}`, JSON.parse((await text(request)) || 'null')]);
    response.end(JSON.stringify({ value: request.url === '/session' ? { sessionId: '1' } : null }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const session = await connectSession(`http://127.0.0.1:${port}/`, 'webkit');
    await session.open('http://page/', () => {});
    await session.close();
    const alwaysMatch = { pageLoadStrategy: 'normal' };
    const firstMatch = [{ browserName: 'MiniBrowser' }, { browserName: 'safari' }];
    expect(asked).toEqual([
      ['POST /session', { capabilities: { alwaysMatch, firstMatch } }],
      ['POST /session/1/url', { url: 'http://page/' }],
      ['DELETE /session/1', null],
    ]);
  } finally {
    server.close();
  }
});

it.runIf(process.platform === 'linux')('runs a job in a WebKit whose driver runs already', async () => {
  const driver = await startWebKitDriver();
  try {
    const job = { kind: 'validate', backend: 'wasm', quick: true } as const;
    const report = await runInBrowser(job, {
      runtime: 'webkit',
      connect: driver.url,
      dataset: { kind: 'mnist' },
    });
    expect(report.environment.runtime).toMatch(/^webkit /);
    expect(report.pass).toBe(true);
  } finally {
    await driver.close();
  }
});

const driverMissing = process.platform !== 'linux' || chromedriver() === undefined;

it.skipIf(driverMissing && !process.env.REQUIRE_BROWSERS?.includes('grid'))(
  'runs a job in a Chromium that chromedriver starts',
  async () => {
    const port = await freePort();
    const driver = spawn(chromedriver()!, [`--port=${port}`], { stdio: 'ignore', detached: true });
    try {
      const connect = `http://127.0.0.1:${port}`;
      const server = new WebDriverServer(connect);
      await expect.poll(() => server.command('GET', '/status').catch(() => null)).not.toBeNull();
      const job = {
        kind: 'train',
        backend: 'wasm',
        ...findRecipe('quick'),
        seed: 1,
        trainLimit: 6000,
      } as const;
      const { report } = await runInBrowser(job, {
        runtime: 'chromium',
        connect,
        dataset: { kind: 'mnist' },
      });
      expect(report.environment.runtime).toMatch(/^chromium /);
      expect(report.test.accuracy).toBeGreaterThan(0.9);
    } finally {
      endGroup(driver.pid!);
    }
  },
);

it('tells nobody the password in an address', async () => {
  const server = createServer((request, response) => {
    const { authorization } = request.headers;
    response.writeHead(500).end(JSON.stringify({ value: { message: `got ${authorization}` } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const basic = Buffer.from('me:sec/ret').toString('base64');
    await expect(connectSession(`http://me:sec%2Fret@127.0.0.1:${port}/wd/hub/`, 'firefox')).rejects.toThrow(
      `cannot use the browser at http://127.0.0.1:${port}/wd/hub: got Basic ${basic}`,
    );
  } finally {
    server.close();
  }
});

it.each([
  ['nonsense', /^--connect nonsense: expected ws:/],
  ['ws://127.0.0.1:9', /^cannot use the browser at ws:\/\/127\.0\.0\.1:9: /],
  ['http://127.0.0.1:9', /^cannot use the browser at http:\/\/127\.0\.0\.1:9: /],
])('refuses %s', async (connect, message) => {
  const job = { kind: 'validate', backend: 'wasm' } as const;
  await expect(
    runInBrowser(job as never, { runtime: 'firefox', connect, dataset: { kind: 'mnist' } }),
  ).rejects.toThrow(message);
});
