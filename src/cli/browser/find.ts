// Finds an installed browser: what an environment variable names, then PATH, the usual places and puppeteer's cache.
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { InputError } from '../../errors.ts';

export const BROWSERS = ['chromium', 'chrome', 'firefox'] as const;
export type BrowserName = (typeof BROWSERS)[number];

/** Where and when to look; left out, this process's own surroundings. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
}

interface Installed {
  readonly title: string;
  readonly variable: string;
  /** Names on PATH, the preferred one first. */
  readonly commands: readonly string[];
  /** Below /Applications. */
  readonly mac: string;
  /** Below the folders for programs. */
  readonly windows: string;
  /** In puppeteer's cache: the browser's folder, and the path below a version's folder. */
  readonly cached: readonly { readonly folder: string; readonly file: string }[];
  /** How to install it, by platform. */
  readonly install: { readonly linux: string; readonly darwin: string; readonly win32: string };
}

const INSTALLED: { readonly [N in BrowserName]: Installed } = {
  chromium: {
    title: 'Chromium',
    variable: 'CHROMIUM_PATH',
    commands: ['chromium', 'chromium-browser'],
    mac: 'Chromium.app/Contents/MacOS/Chromium',
    windows: 'Chromium\\Application\\chrome.exe',
    cached: [
      { folder: 'chromium', file: 'chrome-linux/chrome' },
      { folder: 'chromium', file: 'chrome-mac/Chromium.app/Contents/MacOS/Chromium' },
      { folder: 'chromium', file: 'chrome-win/chrome.exe' },
    ],
    install: {
      linux: 'apt-get install chromium',
      darwin: 'brew install --cask chromium',
      win32: 'winget install Hibbiki.Chromium',
    },
  },
  chrome: {
    title: 'Chrome',
    variable: 'CHROME_PATH',
    commands: ['google-chrome', 'google-chrome-stable', 'chrome'],
    mac: 'Google Chrome.app/Contents/MacOS/Google Chrome',
    windows: 'Google\\Chrome\\Application\\chrome.exe',
    cached: [
      { folder: 'chrome', file: 'chrome-linux64/chrome' },
      ...['arm64', 'x64'].map((architecture) => ({
        folder: 'chrome',
        file: `chrome-mac-${architecture}/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing`,
      })),
      { folder: 'chrome', file: 'chrome-win64/chrome.exe' },
    ],
    install: {
      linux: 'npx @puppeteer/browsers install chrome@stable --path ~/.cache/puppeteer',
      darwin: 'brew install --cask google-chrome',
      win32: 'winget install Google.Chrome',
    },
  },
  firefox: {
    title: 'Firefox',
    variable: 'FIREFOX_PATH',
    commands: ['firefox', 'firefox-esr'],
    mac: 'Firefox.app/Contents/MacOS/firefox',
    windows: 'Mozilla Firefox\\firefox.exe',
    cached: [
      { folder: 'firefox', file: 'firefox/firefox' },
      { folder: 'firefox', file: 'Firefox.app/Contents/MacOS/firefox' },
      { folder: 'firefox', file: 'core/firefox.exe' },
    ],
    install: {
      linux: 'apt-get install firefox-esr',
      darwin: 'brew install --cask firefox',
      win32: 'winget install Mozilla.Firefox',
    },
  },
};

/**
 * The executable of an installed browser; for `chromium` a Chrome where there is no Chromium.
 * @throws InputError if there is none, with the command that installs it, or if the variable names no file
 */
export function findBrowser(name: BrowserName, surroundings: Partial<Surroundings> = {}): string {
  const around = { platform: process.platform, env: process.env, home: homedir(), ...surroundings };
  const wanted = name === 'chromium' ? (['chromium', 'chrome'] as const) : [name];
  for (const each of wanted) {
    const path = fromVariable(INSTALLED[each], around) ?? places(INSTALLED[each], around).find(isBrowser);
    if (path !== undefined) return path;
  }
  const { title, variable, install } = INSTALLED[name];
  const command =
    install[around.platform === 'darwin' || around.platform === 'win32' ? around.platform : 'linux'];
  throw new InputError(`no ${title} found: install it (${command}), or name one in ${variable}`);
}

function fromVariable({ variable }: Installed, { env }: Surroundings): string | undefined {
  const path = env[variable];
  if (!path) return undefined;
  if (!isExecutable(path))
    throw new InputError(`${variable}=${path}: expected the path of a browser's executable`);
  return path;
}

function places(browser: Installed, { platform, env, home }: Surroundings): string[] {
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => browser.commands.map((command) => join(folder, command)));
  const cache = join(home, '.cache', 'puppeteer');
  const cached = browser.cached.flatMap(({ folder, file }) =>
    versions(join(cache, folder)).map((version) => join(cache, folder, version, file)),
  );
  switch (platform) {
    case 'darwin':
      return [
        ...['/Applications', join(home, 'Applications')].map((a) => join(a, browser.mac)),
        ...onPath,
        ...cached,
      ];
    case 'win32': {
      const programs = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA];
      return [...programs.flatMap((folder) => (folder ? [join(folder, browser.windows)] : [])), ...cached];
    }
    default: {
      const usual = [
        '/usr/bin',
        '/usr/local/bin',
        '/opt/google/chrome',
        '/usr/lib/chromium',
        '/usr/lib/firefox',
      ];
      return [
        ...onPath,
        ...usual.flatMap((folder) => browser.commands.map((c) => join(folder, c))),
        ...cached,
      ];
    }
  }
}

/** The folders of a browser in puppeteer's cache, the newest version first. */
function versions(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
}

function isBrowser(path: string): boolean {
  return isExecutable(path) && !isSnap(path);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A snap, or the script that asks to install one: a snap cannot read the temporary profile we give it. */
function isSnap(path: string): boolean {
  if (/^\/(snap|var\/lib\/snapd)\/|\/bin\/snap$/.test(realpathSync(path))) return true;
  const start = Buffer.alloc(2048);
  const file = openSync(path, 'r');
  const length = readSync(file, start);
  closeSync(file);
  const text = start.toString('latin1', 0, length);
  return text.startsWith('#!') && text.includes('/snap/bin/');
}
