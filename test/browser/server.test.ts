// The local server: headers, content types, caching, and what it refuses.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  builtPage,
  type ServeOptions,
  type StaticServer,
  serveStatic,
} from '../../src/cli/browser/server.ts';
import { InputError } from '../../src/errors.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { openPage, TESTED_BROWSERS } from './setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-server-'));
const root = join(folder, 'web');
const open: StaticServer[] = [];

async function serve(options?: ServeOptions): Promise<StaticServer> {
  const server = await serveStatic(root, options);
  open.push(server);
  return server;
}

/** A path as it stands: fetch would resolve its dots. */
function statusOf(server: StaticServer, path: string, headers = {}): Promise<number | undefined> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    httpRequest({ hostname, port, path, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

/** The smallest module: magic and version. */
const EMPTY_WASM = Buffer.from('0061736d01000000', 'hex');

beforeAll(() => {
  for (const below of ['assets', 'data']) mkdirSync(join(root, below), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="./page.js"></script>');
  writeFileSync(
    join(root, 'page.js'),
    `const worker = new Worker('./worker.js', { type: 'module', name: location.hash.slice(1) });
     worker.onmessage = ({ data }) => { window.seen = { page: crossOriginIsolated, ...data }; };`,
  );
  writeFileSync(
    join(root, 'worker.js'),
    `const module = await WebAssembly.compileStreaming(fetch('/assets/empty.wasm'));
     const bytes = (await (await fetch('/data/digits.gz')).arrayBuffer()).byteLength;
     const blocked = await fetch(self.name).then(() => false, () => true);
     const adapter = await navigator.gpu?.requestAdapter();
     postMessage({ worker: crossOriginIsolated, wasm: module instanceof WebAssembly.Module, bytes, blocked, webgpu: Boolean(adapter) });`,
  );
  writeFileSync(join(root, 'assets', 'empty.wasm'), EMPTY_WASM);
  writeFileSync(join(root, 'data', 'digits.gz'), gzipSync('digits'));
});

afterAll(async () => {
  await Promise.all(open.map((server) => server.close()));
  rmSync(folder, { recursive: true });
});

describe('serveStatic', () => {
  it('isolates the page and keeps foreign content out', async () => {
    const { headers } = await fetch((await serve()).url);
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
        "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:; " +
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('content-type')).toBe('text/html;charset=utf-8');
  });

  it('lets scripts be put together in the workers of peers only', async () => {
    const built = builtPage(packageRoot());
    const server = await serveStatic(built);
    open.push(server);
    const { url } = server;
    const scripts = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js'));
    expect(scripts.some((name) => name.startsWith('peer_worker'))).toBe(true);
    for (const file of scripts) {
      const policy = (await fetch(`${url}assets/${file}`)).headers.get('content-security-policy');
      expect(/script-src [^;]*blob:/.test(policy!), file).toBe(file.startsWith('peer_worker'));
    }
  });

  it.each([
    ['bytes=0-3', 206],
    ['bytes=3-', 206],
    ['bytes=5-1', 416],
    ['bytes=5-0', 416],
    ['bytes=0-999999999999', 206],
    ['bytes=999999999999-', 416],
    [`bytes=0-${'9'.repeat(400)}`, 200],
    [`bytes=${'9'.repeat(400)}-`, 200],
    ['bytes=0-1, 5-1', 200],
    ['bytes=-5', 200],
    ['bytes=-', 200],
    ['lines=5-1', 200],
    ['5-1', 200],
  ])('answers a request for %s with %i, and goes on', async (range, status) => {
    const server = await serve();
    expect(await statusOf(server, '/page.js', { Range: range })).toBe(status);
    expect(await statusOf(server, '/page.js')).toBe(200);
  });

  it.each([
    ['127.0.0.1:80', 200],
    ['[::1]', 200],
    ['192.168.1.7:8080', 200],
    ['localhost:3000', 200],
    ['lab.example', 200],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['a b', 421],
  ])('answers one who calls it %s with %i', async (host, status) => {
    const server = await serve({ names: ['lab.example'] });
    expect(await statusOf(server, '/page.js', { Host: host })).toBe(status);
  });

  it('is as strict as the page', async () => {
    const built = builtPage(packageRoot());
    const page = readFileSync(join(built, 'index.html'), 'utf8');
    const [, own] = /Content-Security-Policy"\s+content="([^"]+)"/.exec(page)!;
    const { headers } = await fetch((await serve()).url);
    const policy = headers.get('content-security-policy')!.split('; ');
    expect(policy).toEqual(expect.arrayContaining(own.split('; ')));
  });

  it('goes on after a file that is gone', async () => {
    writeFileSync(join(root, 'gone.js'), 'gone');
    const server = await serve();
    rmSync(join(root, 'gone.js'));
    await expect(fetch(`${server.url}gone.js`).then((response) => response.text())).rejects.toThrow();
    expect(await statusOf(server, '/page.js')).toBe(200);
  });

  it('sends no isolation headers where it is switched off', async () => {
    const { headers } = await fetch((await serve({ isolated: false })).url);
    expect(headers.get('cross-origin-opener-policy')).toBeNull();
    expect(headers.get('cross-origin-embedder-policy')).toBeNull();
    expect(headers.get('content-security-policy')).not.toBeNull();
  });

  it('names WebAssembly as such and lets it be kept for good under its hashed name', async () => {
    const { headers } = await fetch(`${(await serve()).url}assets/empty.wasm`);
    expect(headers.get('content-type')).toBe('application/wasm');
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });

  it('sends gzip files as they are, not as an encoding', async () => {
    const response = await fetch(`${(await serve()).url}data/digits.gz`);
    expect(response.headers.get('content-type')).toBe('application/gzip');
    expect(response.headers.has('content-encoding')).toBe(false);
    expect(gunzipSync(Buffer.from(await response.arrayBuffer())).toString()).toBe('digits');
  });

  it('answers 304 to the tag it gave', async () => {
    const { url } = await serve();
    const first = await fetch(`${url}data/digits.gz`);
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const again = await fetch(`${url}data/digits.gz`, {
      headers: { 'If-None-Match': first.headers.get('etag')! },
    });
    expect(again.status).toBe(304);
  });

  it('answers 404 for what is not there, and for what lies outside the folder', async () => {
    const server = await serve();
    expect(await statusOf(server, '/nothing.js')).toBe(404);
    expect(await statusOf(server, '/../secret.txt')).toBe(404);
    expect(await statusOf(server, '/%2e%2e/secret.txt')).toBe(404);
    expect(await statusOf(server, '/..%2fsecret.txt')).toBe(404);
  });

  it('refuses to be written to, except by a route', async () => {
    const { url } = await serve({
      routes: { 'POST /echo': (request, response) => void request.pipe(response) },
    });
    expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
    expect(await (await fetch(`${url}echo?x=1`, { method: 'POST', body: 'hello' })).text()).toBe('hello');
    expect((await fetch(`${url}echo`)).status).toBe(404);
  });

  it('turns what a route throws into status 500', async () => {
    const { url } = await serve({
      routes: { 'GET /broken': () => Promise.reject(new Error('it broke')) },
    });
    const response = await fetch(`${url}broken`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('it broke');
  });

  it('says in one line that a port is taken, or takes the next one', async () => {
    const port = Number(new URL((await serve()).url).port);
    await expect(serve({ port })).rejects.toThrow(
      new InputError(`port ${port} is taken: choose another with --port`),
    );
    const next = await serve({ port, nextPorts: 20 });
    expect(Number(new URL(next.url).port)).toBeGreaterThan(port);
  });

  it('asks for the build where there is none', async () => {
    await expect(serveStatic(join(folder, 'nowhere'))).rejects.toThrow(/run npm run build first$/);
  });
});

describe.each(TESTED_BROWSERS)('a page in %s', (name) => {
  it('is isolated, runs WebAssembly and WebGPU in its worker, and reaches nothing else', async () => {
    const foreign = await serve({
      routes: {
        'GET /open': (_, response) =>
          void response.setHeader('Access-Control-Allow-Origin', '*').end('open to all'),
      },
    });
    const { page } = await openPage(name, `${(await serve()).url}#${foreign.url}open`);
    const seen = await (await page.waitForFunction('window.seen')).jsonValue();
    expect(seen).toEqual({
      page: true,
      worker: true,
      wasm: true,
      bytes: gzipSync('digits').length,
      blocked: true,
      webgpu: true,
    });
  });

  it('works when it is not isolated', async () => {
    const { page } = await openPage(name, (await serve({ isolated: false })).url);
    const seen = await (await page.waitForFunction('window.seen')).jsonValue();
    expect(seen).toMatchObject({ page: false, worker: false, wasm: true });
  });
});
