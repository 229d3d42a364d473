#!/usr/bin/env node
// `npm test`: finds or installs the browsers, then type check, lint, build and all tests. The last line is
// "N passed, N failed"; the exit status is 0 only if something passed and nothing failed.
// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const BROWSERS = /** @type {const} */ (['chromium', 'firefox', 'webkit']);
/** WebKit is for Linux. */
const WANTED = BROWSERS.filter((name) => name !== 'webkit' || process.platform === 'linux');
/** Those without which nothing is run; without the others their tests fail. */
const REQUIRED = (process.env.REQUIRE_BROWSERS ?? '').split(',').filter(Boolean);
/** For puppeteer's installer, where apt cannot be used; it has no WebKit. */
const DOWNLOADS = { chromium: 'chrome@stable', firefox: 'firefox@stable' };

/** Vite sets it to "development" when it imports a module, and a build would take that over. */
const { NODE_ENV } = process.env;

/** @typedef {(typeof BROWSERS)[number]} BrowserName */
/** @type {{ module: { findBrowser(name: BrowserName): string, findXvfb(): string } }} */
const { module: find } = await runnerImport('./src/hosts/find_browser.ts', {
  configFile: false,
  logLevel: 'error',
});
if (NODE_ENV === undefined) delete process.env.NODE_ENV;

const missing = await prepareMachine();
for (const line of missing.values()) console.error(line);
if (REQUIRED.some((name) => missing.has(name))) finish(0, 1);

const STEPS = [
  ['type check', 'tsc', '--noEmit'],
  ['lint', 'biome', 'check', '.'],
  ['build', 'npm', 'run', '--silent', 'build'],
];
const succeeded = await Promise.all(
  STEPS.map(async ([title, command, ...parameters]) => {
    console.log(`${title}: ${[command, ...parameters].join(' ')}`);
    const success = await run(command, parameters);
    if (!success) console.error(`the ${title} failed`);
    return success;
  }),
);
if (!succeeded.every(Boolean)) finish(0, 1);
const { passed, failed } = await runTests();
finish(passed, failed);

/** Counts the tests that vitest ran; a file that could not be loaded is one failure. */
async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-test-'));
  const results = join(folder, 'results.json');
  const succeeded = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ]);
  let passed = 0;
  let failed = 0;
  if (existsSync(results)) {
    /** @type {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} */
    const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
    for (const { status, assertionResults } of testResults) {
      const count = (/** @type {string} */ wanted) =>
        assertionResults.filter((each) => each.status === wanted).length;
      passed += count('passed');
      failed += Math.max(count('failed'), status === 'failed' ? 1 : 0);
    }
  }
  rmSync(folder, { recursive: true });
  return { passed, failed: succeeded ? failed : Math.max(failed, 1) };
}

/**
 * Installs what is missing and can be installed.
 * @returns {Promise<Map<string, string>>} what still is missing, each with the command that mends it
 */
async function prepareMachine() {
  const debian = process.platform === 'linux' ? distribution() : undefined;
  const packages = debian ? vulkanPackages() : [];
  if (debian === 'debian') {
    if (isLacking('chromium')) packages.push('chromium');
    if (isLacking('firefox')) packages.push('firefox-esr');
  } else if (debian === 'ubuntu' && (isLacking('chromium') || isLacking('firefox'))) {
    // There the packages of both browsers are snaps; the libraries that downloaded ones need are not.
    packages.push(
      'libnss3',
      'libgtk-3-0',
      'libgbm1',
      'libasound2t64',
      'libdbus-glib-1-2',
      'libxtst6',
      'unzip',
      'xz-utils',
    );
  }
  if (debian && isLacking('webkit')) packages.push('webkit2gtk-driver', 'xvfb');
  // A Selenium Grid is Java; its Chromium is driven by chromedriver, which Ubuntu has as a snap alone.
  if (debian && gridProblem()?.includes('Java')) packages.push('openjdk-17-jre-headless');
  if (debian === 'debian' && !hasChromedriver()) packages.push('chromium-driver');
  const isRoot = process.getuid?.() === 0;
  if (packages.length > 0 && isRoot) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    console.log(`installing ${packages.join(', ')}`);
    await run('apt-get', ['update', '-qq'], env);
    for (const each of packages) {
      await run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', each], env);
    }
  }
  for (const name of /** @type {const} */ (['chromium', 'firefox'])) {
    if (!isLacking(name)) continue;
    const cache = join(homedir(), '.cache', 'puppeteer');
    console.log(`downloading ${DOWNLOADS[name]} to ${cache}`);
    await run('npx', ['--yes', '@puppeteer/browsers', 'install', DOWNLOADS[name], '--path', cache]);
  }

  const missing = new Map();
  for (const name of WANTED) {
    const problem = problemWith(name);
    if (problem !== undefined) missing.set(name, problem);
  }
  const noGrid = process.platform === 'linux' ? gridProblem() : undefined;
  if (noGrid !== undefined) missing.set('grid', `no Selenium Grid for its tests: ${noGrid}`);
  if (debian && vulkanPackages().length > 0) {
    const command = `apt-get install ${vulkanPackages().join(' ')}`;
    missing.set(
      'vulkan',
      `parts of Vulkan are missing, which WebGPU needs here: ${isRoot ? '' : 'sudo '}${command}`,
    );
  }
  return missing;
}

/** Why no Selenium Grid can run here, and the command that mends it. */
function gridProblem() {
  if (spawnSync('java', ['-version']).error) return 'no Java: apt-get install openjdk-17-jre-headless';
  if (!hasChromedriver()) return 'no chromedriver: apt-get install chromium-driver';
  return undefined;
}

/** GitHub's machines name the folder of theirs. */
function hasChromedriver() {
  const { CHROMEDRIVER_PATH = '/usr/bin/chromedriver', CHROMEWEBDRIVER = '' } = process.env;
  return existsSync(CHROMEDRIVER_PATH) || existsSync(join(CHROMEWEBDRIVER, 'chromedriver'));
}

/**
 * Whether there is no such browser; one that an environment variable names is not looked for anywhere else.
 * @param {BrowserName} name
 */
function isLacking(name) {
  return !process.env[`${name.toUpperCase()}_PATH`] && problemWith(name) !== undefined;
}

/**
 * Why a browser cannot be started, and the command that mends it.
 * @param {BrowserName} name
 */
function problemWith(name) {
  try {
    find.findBrowser(name);
    if (name === 'webkit') find.findXvfb();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Those that Firefox (a driver, at least lavapipe), Node's WebGPU (the loader) and the account of compiled
 * kernels (Mesa's drivers, an assembler) lack.
 * @returns {string[]}
 */
function vulkanPackages() {
  const drivers = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'].flatMap((folder) =>
    existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('radeon_icd')) : [],
  );
  const libraries = spawnSync('ldconfig', ['-p'], {
    encoding: 'utf8',
    env: { PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
  });
  return [
    ...(drivers.length === 0 ? ['mesa-vulkan-drivers'] : []),
    ...(libraries.stdout?.includes('libvulkan.so.1') ? [] : ['libvulkan1']),
    ...(spawnSync('spirv-as', ['--version']).error ? ['spirv-tools'] : []),
  ];
}

/** @returns {'debian' | 'ubuntu' | undefined} the family of this Linux, if it has apt */
function distribution() {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return undefined;
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID(_LIKE)?=.*ubuntu/m.test(release) ? 'ubuntu' : 'debian';
}

/**
 * Runs a command of this package or of the system with its output here.
 * @param {string} command
 * @param {string[]} parameters
 * @returns {Promise<boolean>} whether it succeeded
 */
function run(command, parameters, env = process.env) {
  const shell = process.platform === 'win32';
  const PATH = [join('node_modules', '.bin'), env.PATH].join(shell ? ';' : ':');
  return new Promise((resolve) => {
    // A shell of Windows takes the command as one line.
    const words = shell ? parameters.map((each) => (/\s/.test(each) ? `"${each}"` : each)) : parameters;
    const child = spawn(command, words, { stdio: 'inherit', env: { ...env, PATH }, shell });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(false);
    });
    child.once('exit', (status) => resolve(status === 0));
  });
}

/**
 * @param {number} passed
 * @param {number} failed
 * @returns {never}
 */
function finish(passed, failed) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(passed > 0 && failed === 0 ? 0 : 1);
}
