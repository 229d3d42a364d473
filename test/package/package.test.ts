// The package as its users get it: packed, installed into an empty folder, and each example run there.
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sirv from 'sirv';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { openPage } from '../browser/setup.ts';

const run = promisify(execFile);
const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-package-'));
const installed = join(folder, 'node_modules/mnist-kernels');
let tarball = '';

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
  });
  tarball = join(folder, JSON.parse(stdout)[0].filename);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: folder });
  cpSync(join(root, 'examples'), folder, { recursive: true });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program says on standard output. */
async function outputOf(program: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(program, args, { cwd: folder });
  return stdout;
}

describe('the package', () => {
  it('is small, packed and installed, and runs nothing when it is installed', () => {
    expect(statSync(tarball).size).toBeLessThanOrEqual(3e6);
    expect(bytesIn(join(folder, 'node_modules'))).toBeLessThanOrEqual(120e6);
    const { scripts } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
      expect(scripts).not.toHaveProperty(script);
  });

  it('is found by every resolver, with its types', async () => {
    const { publint } = await import('publint');
    const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
    expect(messages).toEqual([]);
    const attw = join(root, 'node_modules/.bin/attw');
    await outputOf(attw, tarball, '--profile', 'esm-only', '--exclude-entrypoints', 'shaders', 'models');
    const types = readFileSync(join(installed, 'dist/library/index.d.ts'), 'utf8');
    expect(types).not.toMatch(/\bimport\b|valibot|Comlink|\bGPU[A-Z]/);
  });

  it('says which package is missing where an optional one is wanted', async () => {
    const cli = join(installed, 'dist/cli.js');
    for (const backend of ['webgpu', 'tfjs']) {
      const failed = await run(process.execPath, [cli, 'train', '--backend', backend], { cwd: folder }).catch(
        (error: { code: number; stderr: string }) => error,
      );
      expect(failed).toMatchObject({ code: 2 });
      expect(failed.stderr).toMatch(/the package \S+ is not installed: npm i \S+\n$/);
    }
  });

  it('trains from the command line, in Node and in a browser', async () => {
    const cli = join(installed, 'dist/cli.js');
    for (const runtime of ['node', 'chromium'])
      expect(
        await outputOf(process.execPath, cli, 'train', '--runtime', runtime, '--backend', 'wasm'),
      ).toMatch(/9[78]\.\d+ %/);
  });
});

it('has API pages, made without a warning', async () => {
  await run('npm', ['run', '-s', 'docs:api'], { cwd: root });
  expect(readFileSync(join(root, 'build/docs/index.html'), 'utf8')).toContain('createSession');
});

describe('the examples', () => {
  it('train and read a digit in Node', async () => {
    expect(await outputOf(process.execPath, 'node.mjs')).toMatch(
      /^on WASM .*\nepoch 1: \d+\.\d+ %\nepoch 2: 9[78]\.\d+ %\na 7, \d+\.\d % sure; it is a 7\n$/,
    );
    expect(statSync(join(folder, 'model.safetensors')).size).toBeGreaterThan(400_000);
  });

  it('tell bars apart', async () => {
    const said = await outputOf(process.execPath, 'own_data.mjs');
    expect(Number(/^([\d.]+) % of 500/.exec(said)?.[1])).toBeGreaterThan(95);
    expect(said).toMatch(/\nhorizontal, vertical\n$/);
  });

  it('hold a kernel of one’s own against the oracle', async () => {
    cpSync(join(root, 'node_modules/webgpu'), join(folder, 'node_modules/webgpu'), { recursive: true });
    const said = await outputOf(process.execPath, 'own_kernel.mjs');
    expect(said).toMatch(/^as it ships: y = -1\.30\S*,-1\.5; (\d+) of \1 shapes are right\n/);
    const [, right, all] = /with half the slope: y = -0\.65\S*,-0\.75; (\d+) of (\d+)/.exec(said)!;
    expect(Number(right)).toBeLessThan(Number(all));
    expect(Number(right)).toBeGreaterThan(0);
  }, 120_000);

  it('train in a browser, bundled by Vite', async () => {
    const site = join(folder, 'vite');
    await outputOf(process.execPath, join(installed, 'dist/cli.js'), 'data', join(site, 'public/mnist'));
    await build({ root: site, configFile: join(site, 'vite.config.js'), logLevel: 'error' });
    expect(await trainedOn(join(site, 'dist'))).toMatch(
      /9[78]\.\d+ % of the test images recognised; the first is a 7$/,
    );
  });

  it('train in a browser without a bundler', async () => {
    const site = join(folder, 'single-file');
    cpSync(join(installed, 'dist/library'), join(site, 'mnist-kernels'), { recursive: true });
    cpSync(join(folder, 'vite/public/mnist'), join(site, 'mnist'), { recursive: true });
    expect(await trainedOn(site)).toMatch(/9[78]\.\d+ % of the test images recognised on wasm$/);
  });
});

describe('other bundlers', () => {
  /** The page without a bundler, with its script in a file. */
  const prepare = (name: string) => {
    const site = join(folder, name);
    mkdirSync(site);
    cpSync(join(folder, 'vite/public/mnist'), join(site, 'mnist'), { recursive: true });
    const page = readFileSync(join(folder, 'single-file/index.html'), 'utf8');
    const [, script] = /<script type="module">(.*)<\/script>/s.exec(page)!;
    writeFileSync(
      join(site, 'index.html'),
      page.replace(script, '').replace('"module"', '"module" src="main.js"'),
    );
    writeFileSync(join(folder, `${name}.js`), script.replace('./mnist-kernels/browser.js', 'mnist-kernels'));
    return { site, entry: join(folder, `${name}.js`) };
  };

  it('webpack finds worker and threads by itself', async () => {
    const { site, entry } = prepare('webpack');
    const { default: webpack } = await import('webpack');
    const compiler = webpack({
      mode: 'production',
      context: folder,
      entry: { main: entry },
      output: { path: site, filename: '[name].js' },
    });
    const stats = await promisify(compiler.run.bind(compiler))();
    expect(stats?.toJson({ all: false, errors: true, warnings: true })).toMatchObject({
      errors: [],
      warnings: [],
    });
    expect(await trainedOn(site)).toMatch(/9[78]\.\d+ % of the test images recognised on wasm$/);
  });

  it('esbuild bundles them as entries beside the page’s', async () => {
    const { site, entry } = prepare('esbuild');
    const { build: bundle } = await import('esbuild');
    const scripts = ['session_worker', 'thread_browser'].map((name) =>
      join(installed, `dist/library/${name}.js`),
    );
    await bundle({
      entryPoints: [{ in: entry, out: 'main' }, ...scripts],
      outdir: site,
      entryNames: '[name]',
      bundle: true,
      splitting: true,
      format: 'esm',
      logLevel: 'error',
    });
    expect(await trainedOn(site)).toMatch(/9[78]\.\d+ % of the test images recognised on wasm$/);
  });
});

/** What the page in a folder says in the end. */
async function trainedOn(site: string): Promise<string> {
  const server = await serve(site);
  try {
    const { page, errors } = await openPage(
      'chromium',
      `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    );
    const result = () => page.$eval('#result', (element) => element.textContent ?? '');
    await expect.poll(result, { timeout: 60_000 }).toContain('recognised');
    expect(errors.filter((error) => !error.includes('favicon') && !error.includes('404'))).toEqual([]);
    const text = await result();
    await page.close();
    return text;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function serve(site: string): Promise<Server> {
  const files = sirv(site, {
    setHeaders(response) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      response.removeHeader('Content-Encoding');
    },
  });
  const server = createServer((request, response) => files(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function bytesIn(path: string): number {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
