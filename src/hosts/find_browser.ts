// Finds an installed browser: what an environment variable names, then PATH, the usual places and puppeteer's
// cache.
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
import { InputError } from '../errors.ts';

export const BROWSERS = ['chromium', 'chrome', 'firefox', 'webkit'] as const;
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
  readonly mac?: string;
  /** Below the folders for programs. */
  readonly windows?: string;
  /** In puppeteer's cache: the browser's folder, and the path below a version's folder. */
  readonly cached: readonly { readonly folder: string; readonly file: string }[];
  /** How to install it, by platform; a platform left out has none. */
  readonly install: { readonly linux: string; readonly darwin?: string; readonly win32?: string };
}

/** Edge is Chromium as well, and on every Windows. */
const INSTALLED: { readonly [N in BrowserName | 'edge']: Installed } = {
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
  edge: {
    title: 'Edge',
    variable: 'EDGE_PATH',
    commands: ['microsoft-edge', 'microsoft-edge-stable'],
    mac: 'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    windows: 'Microsoft\\Edge\\Application\\msedge.exe',
    cached: [],
    install: {
      linux: 'apt-get install microsoft-edge-stable',
      darwin: 'brew install --cask microsoft-edge',
      win32: 'winget install Microsoft.Edge',
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
  webkit: {
    title: 'WebKitWebDriver',
    variable: 'WEBKIT_PATH',
    commands: ['WebKitWebDriver'],
    cached: [],
    install: { linux: 'apt-get install webkit2gtk-driver xvfb' },
  },
};

/**
 * The executable of an installed browser; for `chromium` a Chrome or an Edge where there is no Chromium, for
 * `webkit` the driver that starts it.
 * @throws InputError if there is none, with the command that installs it, or if the variable names no file
 */
export function findBrowser(name: BrowserName, surroundings: Partial<Surroundings> = {}): string {
  const around = surroundingsWith(surroundings);
  const wanted = name === 'chromium' ? (['chromium', 'chrome', 'edge'] as const) : [name];
  for (const each of wanted) {
    const path = fromVariable(INSTALLED[each], around) ?? places(INSTALLED[each], around).find(isBrowser);
    if (path !== undefined) return path;
  }
  const { title, variable, install } = INSTALLED[name];
  const command =
    install[around.platform === 'darwin' || around.platform === 'win32' ? around.platform : 'linux'];
  if (command === undefined) throw new InputError(`--runtime ${name} is for Linux: no ${title} found`);
  throw new InputError(`no ${title} found: install it (${command}), or name one in ${variable}`);
}

/**
 * The X server without a screen, for a browser that cannot do without a display.
 * @throws InputError if there is none, with the command that installs it
 */
export function findXvfb(surroundings: Partial<Surroundings> = {}): string {
  const { env } = surroundingsWith(surroundings);
  const path = [...onPath(['Xvfb'], env), '/usr/bin/Xvfb', '/usr/X11R6/bin/Xvfb'].find(isExecutable);
  if (path === undefined) throw new InputError('no Xvfb found: install it (apt-get install xvfb)');
  return path;
}

function surroundingsWith(given: Partial<Surroundings>): Surroundings {
  return { platform: process.platform, env: process.env, home: homedir(), ...given };
}

function fromVariable({ variable }: Installed, { env }: Surroundings): string | undefined {
  const path = env[variable];
  if (!path) return undefined;
  if (!isExecutable(path))
    throw new InputError(`${variable}=${path}: expected the path of a browser's executable`);
  return path;
}

function places(browser: Installed, { platform, env, home }: Surroundings): string[] {
  const { mac, windows, commands } = browser;
  const cache = join(home, '.cache', 'puppeteer');
  const cached = browser.cached.flatMap(({ folder, file }) =>
    versions(join(cache, folder)).map((version) => join(cache, folder, version, file)),
  );
  switch (platform) {
    case 'darwin':
      return [
        ...['/Applications', join(home, 'Applications')].flatMap((a) => (mac ? [join(a, mac)] : [])),
        ...onPath(commands, env),
        ...cached,
      ];
    case 'win32': {
      const programs = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA];
      return [...programs.flatMap((folder) => (folder && windows ? [join(folder, windows)] : [])), ...cached];
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
        ...onPath(commands, env),
        ...usual.flatMap((folder) => commands.map((command) => join(folder, command))),
        ...cached,
      ];
    }
  }
}

/** Where the commands would be in the folders of PATH. */
function onPath(commands: readonly string[], { PATH = '' }: NodeJS.ProcessEnv): string[] {
  return PATH.split(delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => commands.map((command) => join(folder, command)));
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
