// WebKit's WebDriver server: what its pages have, with and without the switches, and that nothing stays of
// it.
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startSession } from '../../src/cli/browser/session.ts';
import { startWebKitDriver, type WebKitDriver } from '../../src/cli/browser/webkit.ts';
import { InputError } from '../../src/errors.ts';
import { descendantsOf, runningOf } from './processes.ts';

/** Temporary files go here, so that what is left behind shows. */
const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-webkit-'));
beforeAll(() => vi.stubEnv('TMPDIR', folder));
afterEach(() => expect(readdirSync(folder).filter((name) => name.includes('profile'))).toEqual([]));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** What a script in an empty page of a new session returns. */
async function evaluate({ url, capabilities }: WebKitDriver, script: string): Promise<unknown> {
  const post = async (path: string, body: unknown) => {
    const response = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
    const { value } = await response.json();
    expect(response.ok, value?.message).toBe(true);
    return value;
  };
  const { sessionId } = await post('/session', { capabilities: { alwaysMatch: capabilities } });
  const value = await post(`/session/${sessionId}/execute/sync`, { script, args: [] });
  await fetch(`${url}/session/${sessionId}`, { method: 'DELETE' });
  return value;
}

/** A driver of our own making, in JavaScript. */
function makeDriver(source: string): string {
  const path = join(folder, 'driver.mjs');
  writeFileSync(path, `#!${process.execPath}\n${source}`);
  chmodSync(path, 0o755);
  return path;
}

describe.runIf(process.platform === 'linux')('startWebKitDriver', () => {
  it.each([
    [undefined, 'undefined'],
    [true, 'function'],
  ])('with sharedMemory %s: SharedArrayBuffer is %s', async (sharedMemory, type) => {
    const driver = await startWebKitDriver({ sharedMemory });
    try {
      expect(await evaluate(driver, 'return typeof SharedArrayBuffer')).toBe(type);
      expect(await evaluate(driver, 'return typeof SharedArrayBuffer')).toBe(type); // in another session
    } finally {
      await driver.close();
    }
  });

  it('leaves no process behind', async () => {
    const others = descendantsOf(process.pid).map(({ pid }) => pid);
    const driver = await startWebKitDriver();
    const started = descendantsOf(process.pid).filter(({ pid }) => !others.includes(pid));
    expect(started.map(({ command }) => command).join()).toMatch(/Xvfb.*WebKitWebDriver/);
    await driver.close();
    await driver.ended;
    await expect.poll(() => runningOf(started.map(({ pid }) => pid)), { timeout: 10_000 }).toEqual([]);
  });

  it('says that what is named as the driver ends at once', async () => {
    vi.stubEnv('WEBKIT_PATH', makeDriver('process.exit(1)'));
    await expect(startWebKitDriver()).rejects.toThrow(
      new Error(`cannot start ${join(folder, 'driver.mjs')}: it ended at once`),
    );
  });

  it('says how to install the browser that the driver does not find', async () => {
    const message =
      'Failed to connect to browser: Failed to execute child process “MiniBrowser” (No such file)';
    vi.stubEnv(
      'WEBKIT_PATH',
      makeDriver(`
        import { createServer } from 'node:http';
        const port = Number(process.argv[2].replace('--port=', ''));
        createServer(({ url }, response) => {
          response.statusCode = url === '/status' ? 200 : 500;
          response.end(JSON.stringify({ value: { message: ${JSON.stringify(message)} } }));
        }).listen(port, '127.0.0.1');`),
    );
    await expect(startSession('webkit', {})).rejects.toThrow(
      new InputError(`cannot start WebKit: ${message}: install it (apt-get install webkit2gtk-driver)`),
    );
  });
});
