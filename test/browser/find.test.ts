// Where browsers are looked for, in a make-believe file system of our own.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { findBrowser, findXvfb } from '../../src/hosts/find_browser.ts';

const home = mkdtempSync(join(tmpdir(), 'mnist-kernels-find-'));
const bin = join(home, 'bin');
/** On this platform no folder is looked at beside those given. */
const platform = 'win32' as const;

function executable(path: string, content = 'program'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

beforeEach(() => {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('findBrowser', () => {
  it('prefers what the environment variable names', () => {
    executable(join(bin, 'firefox'));
    const named = executable(join(home, 'my-firefox'));
    expect(findBrowser('firefox', { env: { FIREFOX_PATH: named, PATH: bin }, home })).toBe(named);
  });

  it('refuses a variable that names no executable', () => {
    const missing = join(home, 'missing');
    expect(() => findBrowser('chromium', { env: { CHROMIUM_PATH: missing }, home })).toThrow(
      new InputError(`CHROMIUM_PATH=${missing}: expected the path of a browser's executable`),
    );
  });

  it('finds firefox-esr on PATH', () => {
    const path = executable(join(bin, 'firefox-esr'));
    expect(findBrowser('firefox', { env: { PATH: bin }, home, platform: 'linux' })).toBe(path);
  });

  it('takes a Chrome for chromium only where there is no Chromium', () => {
    const around = { env: { PATH: bin, PROGRAMFILES: home }, home, platform };
    const chrome = executable(join(home, 'Google\\Chrome\\Application\\chrome.exe'));
    expect(findBrowser('chromium', around)).toBe(chrome);
    const chromium = executable(join(home, 'Chromium\\Application\\chrome.exe'));
    expect(findBrowser('chromium', around)).toBe(chromium);
    expect(findBrowser('chrome', around)).toBe(chrome);
  });

  it('takes an Edge for chromium where there is neither, in the folder for 32-bit programs too', () => {
    const around = { env: { 'PROGRAMFILES(X86)': home }, home, platform };
    const edge = executable(join(home, 'Microsoft\\Edge\\Application\\msedge.exe'));
    expect(findBrowser('chromium', around)).toBe(edge);
    const chrome = executable(join(home, 'Google\\Chrome\\Application\\chrome.exe'));
    expect(findBrowser('chromium', around)).toBe(chrome);
    expect(() => findBrowser('firefox', around)).toThrow('no Firefox found');
  });

  it("finds the newest browser in puppeteer's cache", () => {
    const cached = (version: string) =>
      executable(join(home, `.cache/puppeteer/firefox/linux-stable_${version}/firefox/firefox`));
    cached('99.0');
    const newest = cached('153.0');
    expect(findBrowser('firefox', { env: {}, home, platform })).toBe(newest);
  });

  it('passes over the script that stands in for a snap', () => {
    executable(join(bin, 'firefox'), '#!/bin/sh\nexec /snap/bin/firefox "$@"\n');
    const real = executable(join(bin, 'firefox-esr'));
    expect(findBrowser('firefox', { env: { PATH: bin }, home, platform: 'linux' })).toBe(real);
  });

  it('finds the driver of WebKit, and the display it needs, on PATH', () => {
    const around = { env: { PATH: bin }, home, platform: 'linux' } as const;
    const driver = executable(join(bin, 'WebKitWebDriver'));
    const xvfb = executable(join(bin, 'Xvfb'));
    expect(findBrowser('webkit', around)).toBe(driver);
    expect(findXvfb(around)).toBe(xvfb);
    const named = executable(join(home, 'my-driver'));
    expect(findBrowser('webkit', { ...around, env: { WEBKIT_PATH: named, PATH: bin } })).toBe(named);
  });

  it.each(['darwin', 'win32'] as const)('has WebKit on Linux only, not on %s', (other) => {
    expect(() => findBrowser('webkit', { env: {}, home, platform: other })).toThrow(
      new InputError('--runtime webkit is for Linux: no WebKitWebDriver found'),
    );
  });

  it('says in one line how to install what is missing', () => {
    expect(() => findBrowser('firefox', { env: {}, home, platform })).toThrow(
      new InputError(
        'no Firefox found: install it (winget install Mozilla.Firefox), or name one in FIREFOX_PATH',
      ),
    );
  });
});
