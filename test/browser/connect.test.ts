// `--connect`: a job in a browser that was started by somebody else, through WebDriver BiDi.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findBrowser } from '../../src/cli/browser/find.ts';
import { endGroup } from '../../src/cli/browser/leftovers.ts';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
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

it.each(TESTED_BROWSERS)('benchmarks in %s that runs already, and leaves it running', async (name) => {
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
      kind: 'bench',
      backend: 'wasm',
      suites: ['step'],
      networks: ['784-16-10'],
      batches: [64],
      seconds: 0.2,
      peers: ['plain TypeScript'],
    } as const;
    const { cases, environment } = await runInBrowser(job, {
      runtime: name,
      connect,
      dataset: { kind: 'mnist' },
    });
    expect(environment.runtime).toContain(name);
    expect(cases.length).toBeGreaterThan(0);
    expect(cases[0].peers.at(-1)).toMatchObject({ name: 'plain TypeScript', ratio: expect.anything() });
    expect(browser.exitCode).toBeNull();
  } finally {
    browser.kill();
    if (browser.exitCode === null && browser.signalCode === null) await once(browser, 'exit');
    endGroup(browser.pid!);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
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
