// The page in real browsers, as a user works it: train, pause, stop, wrong input, own data, a dying engine.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeBrowser, launchBrowser } from '../../src/cli/browser/launch.ts';
import { builtPage, type Route, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { REAL_GPU } from '../engine/gpu_host.ts';
import {
  chooseFiles,
  endWorker,
  epochs,
  fill,
  goOn,
  LONG,
  learning,
  onPhone,
  openReady,
  PATIENCE,
  press,
  ready,
  SHORT,
  stripes,
  text,
  trained,
  type,
  value,
  visit,
  waitForText,
} from './page_steps.ts';
import { inOneBrowser, openPage, sharedSite, TESTED_BROWSERS } from './setup.ts';

let plain: StaticServer;
beforeAll(async () => {
  // No service worker isolates it either: runs.test.ts has one that does.
  const noWorker: Route = (_, response) => void response.writeHead(404).end();
  const routes = { 'GET /service_worker.js': noWorker };
  plain = await serveStatic(builtPage(packageRoot()), { isolated: false, routes });
});
afterAll(() => plain?.close());

/** Where the engine's worker has a WebGPU that says that it is no processor. */
async function siteOnGpu(): Promise<StaticServer> {
  const pretend = (info: typeof REAL_GPU) => {
    for (const [key, value] of Object.entries(info))
      Object.defineProperty(GPUAdapterInfo.prototype, key, { get: () => value });
  };
  const folder = builtPage(packageRoot());
  const script = readdirSync(join(folder, 'assets')).find((file) => /^engine_worker-.*\.js$/.test(file))!;
  const route: Route = (_, response) => {
    response.setHeader('Content-Type', 'text/javascript');
    response.end(
      `(${pretend})(${JSON.stringify(REAL_GPU)});\n${readFileSync(join(folder, 'assets', script))}`,
    );
  };
  return serveStatic(folder, { routes: { [`GET /assets/${script}`]: route } });
}

describe.each(TESTED_BROWSERS)('the page in %s', (name) => {
  it('shows the engines that run here and why the others do not', async () => {
    const { page, errors } = await goOn(name);
    await expect.poll(() => text(page, 'h1'), PATIENCE).toBe('mnist-kernels');
    await expect.poll(() => text(page, '#engine-auto-note'), PATIENCE).toContain('WebAssembly');
    await expect.poll(() => text(page, '#engine-wasm-note'), PATIENCE).toMatch(/simd, \d+ thread/);
    await expect.poll(() => text(page, '#engine-webgpu-note'), PATIENCE).not.toBe('');
    const disabled = await page.$eval('#engine-webgpu', (radio) => (radio as HTMLInputElement).disabled);
    const named = /WebGPU|adapter|available/i.test(await text(page, '#engine-webgpu-note'));
    expect(disabled && !named).toBe(false);
    await expect.poll(() => text(page, '#dataset-name'), PATIENCE).toBe('MNIST');
    await expect.poll(() => text(page, '#isolation'), PATIENCE).toBe('threads');
    expect(errors).toEqual([]);
  });

  it('trains as the form says, stays alive meanwhile, and says what it reached', async () => {
    const { page, errors } = await goOn(name);
    await press(page, '#engine summary');
    await press(page, '#engine-wasm');
    await fill(page, { ...SHORT, epochs: '4', seed: '3' });
    await page.evaluate(() => {
      const frames = { times: [] as number[] };
      Object.assign(globalThis, { frames });
      const count = (time: number) => {
        if (document.querySelector('.live[data-phase="training"]')) frames.times.push(time);
        requestAnimationFrame(count);
      };
      requestAnimationFrame(count);
    });
    await press(page, '#train');
    const accuracy = await trained(page);
    const frames = await page.evaluate(
      () => (globalThis as unknown as { frames: { times: number[] } }).frames.times,
    );
    // The longest may be another program's doing.
    const waits = frames.slice(1).map((time, i) => time - frames[i]);
    const [, long] = waits.sort((a, b) => b - a);
    expect(frames.length).toBeGreaterThan(5);
    expect(long).toBeLessThan(500);

    expect(accuracy).toBeGreaterThan(85);
    await expect.poll(() => text(page, '#ran-on'), PATIENCE).toMatch(/^wasm/);
    await expect.poll(() => text(page, '#live-epoch'), PATIENCE).toBe('4 / 4');
    expect(errors).toEqual([]);
  });

  it('reaches 97.6 % with what it offers at first', async () => {
    const { page, errors } = await goOn(name);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThanOrEqual(97.6);
    await expect
      .poll(() => text(page, '.milestones'), PATIENCE)
      .toMatch(/97\.6.%\s+after [\d.]+.s, 2 epochs/);
    await expect.poll(() => text(page, '#live-peak'), PATIENCE).toMatch(/^\d+.% of the peak, \d+ GFLOP/);
    expect(errors).toEqual([]);
  });

  it.each(['webgpu', 'tfjs'])('trains on %s', async (backend) => {
    const { page, errors } = await goOn(name, `#backend=${backend}`);
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
    expect((await text(page, '#ran-on')).split(',')[0]).toBe(backend);
    expect(errors).toEqual([]);
  });

  it('pauses, goes on, and stops with what was reached', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm&schedule=constant');
    await fill(page, LONG);
    await press(page, '#train');
    await learning(page);
    await press(page, '#train');
    await waitForText(page, '#status', 'Paused');
    await new Promise((resolve) => setTimeout(resolve, 700));
    const paused = await epochs(page);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await epochs(page)).toBe(paused);
    await expect.poll(() => text(page, '#status'), PATIENCE).toBe('Paused');

    await expect.poll(() => text(page, '#train'), PATIENCE).toBe('Resume');
    await press(page, '#train');
    await page.waitForFunction(
      (before) => Number.parseInt(document.querySelector('#live-epoch')?.textContent ?? '', 10) > before + 2,
      PATIENCE,
      paused,
    );
    await press(page, '#stop');
    expect(await trained(page)).toBeGreaterThan(70);
    await expect.poll(() => text(page, '#status'), PATIENCE).toMatch(/^Stopped/);
    await expect.poll(() => text(page, '#train'), PATIENCE).toBe('Train');
    expect(errors).toEqual([]);
  });

  inOneBrowser(name)('stops while it is paused', async () => {
    const { page } = await goOn(name, '#backend=wasm&schedule=constant');
    await fill(page, LONG);
    await press(page, '#train');
    await learning(page);
    await press(page, '#train');
    await waitForText(page, '#status', 'Paused');
    await press(page, '#stop');
    expect(await trained(page)).toBeGreaterThan(50);
  });

  inOneBrowser(name)(
    'says what is wrong with the input, loses nothing, and goes on once it is right',
    async () => {
      const { page } = await goOn(name, '#backend=wasm');
      await fill(page, { ...SHORT, network: '784-0-10', seed: '42' });
      await press(page, '#train');
      await waitForText(page, '#problem', '784-0-10');
      await expect.poll(() => value(page, '#network'), PATIENCE).toBe('784-0-10');
      await expect.poll(() => value(page, '#seed'), PATIENCE).toBe('42');
      await type(page, 'network', SHORT.network);
      await waitForText(page, '#problem', '^$');
      await type(page, 'batch', 'many');
      await page.keyboard.press('Enter');
      await waitForText(page, '#problem', '^Batch "many": expected a number');
      await type(page, 'batch', '32');
      await waitForText(page, '#problem', '^$');
      await press(page, '#train');
      expect(await trained(page)).toBeGreaterThan(80);
    },
  );

  inOneBrowser(name)('keeps the form when it is loaded again', async () => {
    const { page } = await goOn(name);
    await fill(page, { network: '784-48-24-10', seed: '11', learningRate: '0.02' });
    // The browser hears of a new address a little later than the page.
    await expect.poll(() => page.url(), PATIENCE).toContain('learningRate=0.02');
    await page.reload();
    await ready(page);
    await expect.poll(() => value(page, '#network'), PATIENCE).toBe('784-48-24-10');
    await expect.poll(() => value(page, '#seed'), PATIENCE).toBe('11');
    await expect.poll(() => value(page, '#learningRate'), PATIENCE).toBe('0.02');
  });

  inOneBrowser(name)('edits hidden layers one by one', async () => {
    const { page } = await goOn(name);
    await press(page, '#add-layer');
    await expect.poll(() => value(page, '#network'), PATIENCE).toBe('784-128-128-10');
    await expect.poll(() => text(page, '#parameters'), PATIENCE).toContain('118,282');
    await press(page, '.layer:first-child button');
    await expect.poll(() => value(page, '#network'), PATIENCE).toBe('784-128-10');
  });

  it('stops at once when asked a second time', async () => {
    const { page } = await goOn(name, '#backend=wasm&schedule=constant&seed=5');
    await fill(page, LONG);
    await press(page, '#train');
    await learning(page);
    await page.evaluate(() => {
      const stop = document.querySelector<HTMLElement>('#stop')!;
      stop.click();
      stop.click();
    });
    await waitForText(page, '#train', 'Train');
    await ready(page);
    await expect.poll(() => text(page, '#problem'), PATIENCE).toBe('');
    await expect.poll(() => value(page, '#seed'), PATIENCE).toBe('5');
    await fill(page, SHORT);
    await press(page, '#train');
    await trained(page);
  });

  inOneBrowser(name)('finds the fastest kernels of a GPU once, if asked to', async () => {
    const { page } = await goOn(name, '#backend=webgpu');
    await expect.poll(() => text(page, '#engine-webgpu-note'), PATIENCE).toContain('no GPU');
    expect(await page.$('#tuning')).toBeNull();
    const gpu = await siteOnGpu();
    const tuned = await openReady(name, `${gpu.url}#backend=webgpu`);
    await expect.poll(() => text(tuned.page, '#engine-webgpu-note'), PATIENCE).toBe('acme one');
    await expect.poll(() => text(tuned.page, '#engine-auto-note'), PATIENCE).toBe('takes WebGPU here');
    // A processor in the place of a GPU takes its time over every product in every tiling: one layer has few.
    await fill(tuned.page, { ...SHORT, network: '784-10', epochs: '1' });
    await press(tuned.page, '#tuning');
    // After a reload the choice is still in the address.
    for (const note of [/^Found for \d+ products/, /^Takes some seconds, once/]) {
      await press(tuned.page, '#train');
      expect(await trained(tuned.page)).toBeGreaterThan(80);
      expect(await text(tuned.page, '#tuning-note')).toMatch(note);
      await tuned.page.reload();
      await ready(tuned.page);
    }
    await tuned.page.close();
    await gpu.close();
  });

  it('recovers when its worker dies in the middle of a training', async () => {
    const { page } = await goOn(name, '#backend=wasm');
    await fill(page, LONG);
    await press(page, '#train');
    await learning(page);
    await endWorker(page, 'engine');
    await waitForText(page, '#problem', 'worker stopped');
    await ready(page);
    await expect
      .poll(() => text(page, '#problem'), PATIENCE)
      .toMatch(/it ended unexpectedly. Press Train to start it again/);
    await expect.poll(() => text(page, '#train'), PATIENCE).toBe('Train');
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
  });

  it('trains at the second press when its worker could not be loaded at first', async () => {
    const { page } = await openPage(name, 'about:blank');
    await page.evaluateOnNewDocument(() => {
      const Original = Worker;
      let first = true;
      globalThis.Worker = class extends Original {
        constructor(url: string | URL, options?: WorkerOptions) {
          super(first ? 'missing.js' : url, options);
          first = false;
        }
      };
    });
    await page.goto(`${await sharedSite()}#backend=wasm`);
    await waitForText(page, '#problem', 'could not be loaded');
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
    await expect.poll(() => text(page, '#problem'), PATIENCE).toBe('');
    await page.close();
  });

  inOneBrowser(name)('trains at the second press when the data could not be loaded at first', async () => {
    const file = 'data/t10k-labels-idx1-ubyte.gz';
    let refused = false;
    const server = await serveStatic(builtPage(packageRoot()), {
      routes: {
        [`GET /${file}`]: (_, response) => {
          if (refused) response.end(readFileSync(join(builtPage(packageRoot()), file)));
          else response.writeHead(503).end();
          refused = true;
        },
      },
    });
    const { page } = await openPage(name, `${server.url}#backend=wasm`);
    await waitForText(page, '#problem', `${file}: the server answered 503`);
    await ready(page);
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
    await page.close();
    await server.close();
  });

  it('trains on one thread when it is not cross-origin isolated', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm&threads=8', plain.url);
    await expect.poll(() => text(page, '#isolation'), PATIENCE).toBe('one thread');
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
    await expect.poll(() => text(page, '#ran-on'), PATIENCE).toMatch(/1 thread$/);
    // That the host has no service worker is all there is to say.
    expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
  });

  it('trains on one thread where it comes over plain HTTP from another machine', async () => {
    const lan = await serveStatic(builtPage(packageRoot()), { host: '0.0.0.0' });
    const [address] = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal);
    expect(address, 'this machine has no address in a network').toBeDefined();
    const { page, errors } = await openReady(name, lan.url.replace('0.0.0.0', address.address));
    expect(await page.evaluate(() => isSecureContext)).toBe(false);
    expect(await text(page, '#engine-webgpu-note')).toMatch(/needs a secure page/);
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(80);
    await page.waitForSelector('#runs tbody tr', PATIENCE);
    expect(errors.filter((error) => !/Cross-Origin-Opener-Policy/.test(error))).toEqual([]);
    await page.close();
    await lan.close();
  });

  it('pauses and stops on one thread too', async () => {
    const { page } = await goOn(name, '#backend=wasm', plain.url);
    await fill(page, LONG);
    await press(page, '#train');
    await learning(page);
    await press(page, '#train');
    await waitForText(page, '#status', 'Paused');
    await press(page, '#stop');
    await trained(page);
  });

  it('fits a narrow phone', async () => {
    const { page } = await goOn(name, '#backend=wasm');
    await onPhone(page, async () => {
      await fill(page, SHORT);
      await press(page, '#train');
      await trained(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });
  });
});

describe.each(TESTED_BROWSERS)('own data in %s', (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-page-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (file: string, content: Uint8Array) => {
    writeFileSync(join(folder, file), content);
    return join(folder, file);
  };

  it('refuses what is no data set, and keeps MNIST', async () => {
    const { page } = await goOn(name);
    await chooseFiles(page, [write('<b>notes<b>.txt', Buffer.from('hello'))]);
    await waitForText(page, '#problem', 'chosen files');
    expect(await page.$('#problem b')).toBeNull();
    await expect.poll(() => text(page, '#dataset-name'), PATIENCE).toBe('MNIST');
  });

  it('may be dropped', async () => {
    const { page } = await goOn(name);
    await page.$eval('.dataset', (area) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(['zebra'], 'train-images-idx3-ubyte'));
      area.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
    });
    await waitForText(page, '#problem', 'chosen files');
  });

  it('is trained on, with a network made to fit, and MNIST is a click away', async () => {
    const { page, errors } = await goOn(name, '#backend=wasm&epochs=20&batch=8');
    await chooseFiles(
      page,
      Object.entries(stripes()).map(([file, content]) => write(file, content)),
    );
    await waitForText(page, '.dataset-name', '4 × 4, 3 classes');
    await expect.poll(() => value(page, '#network'), PATIENCE).toBe('16-128-3');
    await press(page, '#train');
    expect(await trained(page)).toBe(100);
    await press(page, '#use-mnist');
    await waitForText(page, '#dataset-name', 'MNIST');
    await expect.poll(() => value(page, '#network'), PATIENCE).toBe('784-128-10');
    expect(errors).toEqual([]);
  });
});

describe.each(TESTED_BROWSERS)('without WebGPU in %s', (name) => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser(name, { webgpu: false });
  });
  afterAll(() => closeBrowser(browser));

  it('says why, does not offer it, trains and compares on WASM', async () => {
    const page = await browser.newPage();
    await page.goto(await sharedSite());
    await ready(page);
    expect(await page.$eval('#engine-webgpu', (radio) => (radio as HTMLInputElement).disabled)).toBe(true);
    await expect.poll(() => text(page, '#engine-webgpu-note'), PATIENCE).toMatch(/no adapter|no WebGPU/i);
    await fill(page, SHORT);
    await press(page, '#train');
    expect(await trained(page)).toBeGreaterThan(75);
    await expect.poll(() => text(page, '#ran-on'), PATIENCE).toMatch(/^wasm/);

    await visit(
      page,
      '#/compare?engines=webgpu,wasm,tfjs-webgpu&network=784-16-10&trainImages=1000&epochs=1&go=1',
    );
    await press(page, 'compare-view .ask-start');
    await waitForText(page, '#compare-status', '^Finished');
    for (const engine of ['webgpu', 'tfjs-webgpu']) {
      await waitForText(page, `#compare-table [data-engine="${engine}"]`, 'no adapter|no WebGPU');
    }
    const cellsOf = (engine: string) =>
      page.$$eval(`#compare-table [data-engine="${engine}"] td`, (cells) =>
        cells.map((cell) => cell.innerText.trim()),
      );
    expect((await cellsOf('webgpu')).every((cell) => cell === '–')).toBe(true);
    const ours = await cellsOf('wasm');
    expect(ours[0]).toBe('the baseline');
    expect(Number(ours[2])).toBeGreaterThan(0);
    expect(await text(page, '#compare-engine-webgpu-note')).toMatch(/no adapter|no WebGPU/);
  });
});
