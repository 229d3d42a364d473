// A session in a browser: in a worker of its own, with threads.
import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { openPage, TESTED_BROWSERS } from '../browser/setup.ts';

let site: StaticServer;
beforeAll(async () => {
  site = await serveStatic(join(packageRoot(), 'dist'));
});
afterAll(() => site?.close());

/** Runs a function body in the page with the library's exports; what it returns is plain data. */
function inPage(page: Page, body: string): Promise<unknown> {
  return page.evaluate(`(async () => {
    const { createSession, loadMnist, loadModel, recipes, saveModel } = await import('/library/browser.js');
    ${body}
  })()`);
}

describe.each(TESTED_BROWSERS)('the library in %s', (name) => {
  it('trains, answers meanwhile, ends when told to, and passes errors on', async () => {
    const { page, errors } = await openPage(name, `${site.url}web/licenses.md`);
    const said = await inPage(
      page,
      `
      const session = await createSession({ backend: 'wasm' });
      const mnist = await loadMnist('/web/data/');
      const steps = [];
      const model = await session.train(mnist, {
        network: '784-16-10', trainLimit: 4000, onProgress: ({ step }) => steps.push(step),
      });
      const reader = await session.predictor(await loadModel(saveModel(model)));
      const image = (n) => mnist.test.images.subarray(784 * n, 784 * n + 784);
      const stop = new AbortController();
      const long = session
        .train(mnist, { recipe: { ...recipes.quick, epochs: 1000 }, signal: stop.signal })
        .then(() => 'trained', (error) => error.name);
      const one = await reader.predict(image(0));
      const many = await reader.predict([image(1), image(2)]);
      stop.abort();
      const failure = (promise) => promise.then(() => 'nothing', (error) => error.constructor.name + ': ' + error.message);
      const ended = await long;
      const refused = await failure(session.train(mnist, { recipe: 'slow' }));
      const nowhere = await failure(loadMnist('/nowhere'));
      const { y } = await session.runKernel(
        'dense_forward',
        { x: Float32Array.of(2), kernel: Float32Array.of(3), bias: Float32Array.of(1) },
        { rows: 1, inputs: 1, units: 1 },
      );
      const valid = (await session.validate(['sgd'])).every(({ pass }) => pass);
      const { accuracy } = await session.evaluate(model, mnist);
      await session.close();
      const closed = await failure(session.predictor(model));
      return {
        engine: session.engine, steps: steps.at(-1), accuracy, same: accuracy === model.accuracy, ended, refused,
        labels: [one, ...many].map(({ label }) => label), y: [...y], valid, nowhere, closed,
      };`,
    );
    expect(said).toMatchObject({
      engine: { backend: 'wasm', threads: expect.any(Number) },
      steps: 2 * Math.ceil(4000 / 128),
      same: true,
      ended: 'AbortError',
      refused: 'InputError: recipe "slow": expected one of quick, standard, record',
      labels: [7, 2, 1],
      y: [7],
      valid: true,
      nowhere: expect.stringMatching(
        /cannot load .*nowhere\/.*404.*; the command npx mnist-kernels data DIR/,
      ),
      closed: expect.stringMatching(/it was stopped/),
    });
    expect((said as { accuracy: number }).accuracy).toBeGreaterThan(0.85);
    expect(errors.filter((error) => !error.includes('404'))).toEqual([]);
    await page.close();
  });

  it('says why a backend cannot be had, and leaves no worker behind', async () => {
    const { page } = await openPage(name, `${site.url}web/licenses.md`);
    expect(
      await inPage(
        page,
        `return createSession({ backend: 'tfjs' }).catch(({ name, message }) => name + ': ' + message);`,
      ),
    ).toBe('InputError: backend "tfjs": expected auto, webgpu or wasm');
    await page.close();
  });
});
