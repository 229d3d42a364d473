// The page in WebKit: every view at its main job, as WebKitGTK comes, and with the shared memory and relaxed
// SIMD that Safari has. The language is the one under which WebKit names none that Intl takes.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtPage, type StaticServer, serveStatic } from '../../src/cli/browser/server.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { LONG, SHORT } from './page_steps.ts';
import { WebKitPage } from './webkit_steps.ts';

const SEVEN = [
  [0.27, 0.22],
  [0.74, 0.22],
  [0.6, 0.5],
  [0.44, 0.82],
] as const;

const VARIANTS = [
  { title: 'as it comes', sharedMemory: false },
  { title: 'with shared memory and relaxed SIMD', sharedMemory: true },
];

let server: StaticServer;
beforeAll(async () => {
  vi.stubEnv('LC_ALL', 'C.UTF-8');
  server = await serveStatic(builtPage(packageRoot()));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server?.close();
});

describe.each(VARIANTS)('the page in WebKit $title', { timeout: 180_000 }, ({ sharedMemory }) => {
  let page: WebKitPage;
  beforeAll(async () => {
    page = await WebKitPage.start({ sharedMemory });
    await page.open(server.url);
    await ready();
  });
  afterAll(() => page?.close());

  // What does not depend on the variant is tried in one of them.
  const asItComes = sharedMemory ? () => {} : it;
  const asSafari = sharedMemory ? it : () => {};

  /** Until the engines were looked for and the data is there. */
  async function ready(): Promise<void> {
    await page.untilText('#status', /^Ready$/);
    await page.untilText('#engine-wasm-note', /thread/);
  }

  /** The accuracy as the Train view shows it, once the training under way has ended. */
  async function trained(): Promise<number> {
    await page.untilText('#train', /^Train$/);
    return Number.parseFloat(await page.untilText('#accuracy', /%/));
  }

  it('says what there is, trains to 97.6 % with what it offers at first, and shows the results', async () => {
    expect(await page.text('#isolation')).toBe(sharedMemory ? 'threads' : 'one thread');
    const why = await page.run(() => document.querySelector<HTMLElement>('#isolation')!.title);
    expect(why).toContain(
      sharedMemory ? 'shares memory' : 'one thread: this browser does not let threads share memory',
    );
    expect(await page.text('#engine-wasm-note')).toMatch(
      sharedMemory ? /^relaxed-simd unfused, \d+ threads$/ : /^simd, 1 thread$/,
    );
    expect(await page.text('#engine-webgpu-note')).toContain('no WebGPU');

    await page.click('#train');
    const accuracy = await trained();
    expect(accuracy).toBeGreaterThanOrEqual(97.6);
    expect((await page.texts('.specimen.right')).length).toBeGreaterThan(8);
    await page.element('network-panel canvas[aria-label^="The network: the image, 16 of 128 units"]');
    expect(await page.text('#ran-on')).toMatch(sharedMemory ? /^wasm, relaxed-simd/ : /^wasm, simd/);
    expect(await page.errors()).toEqual([]);

    await page.click('#to-results-view');
    expect(await page.untilText('#results-accuracy', /%/)).toContain(accuracy.toFixed(2));
    const counts = (await page.texts('#confusion tbody td')).map(Number);
    expect(counts.filter(Number.isFinite).reduce((a, b) => a + b)).toBe(10_000);
    await page.element('#mistakes .thumbnail');
    await page.click('#results-share');
    await page.element('#share-download:enabled');
    expect(await page.errors()).toEqual([]);

    await page.visit('#/train');
    await page.click('#runs .menu-button');
    await page.click('#runs .menu [data-action="delete"]');
    await page.untilText('runs-panel', /seed 1 deleted/);
    await page.click('#undo-deletion');
    await page.click('#runs .menu-button');
    await page.click('#runs .menu [data-action="results"]');
    expect(await page.run(() => location.hash)).toMatch(/^#\/results\?run=[\d-]+&seed=1/);
    expect(await page.untilText('#results-accuracy', /%/)).toContain(accuracy.toFixed(2));
    expect(await page.errors()).toEqual([]);
  });

  it('pauses, and goes on, also after a reload', async () => {
    const epoch = async () => Number.parseInt(await page.text('#live-epoch'), 10);
    const beyond = (before: number) =>
      page.until(
        async () => ((await epoch()) > before ? true : undefined),
        () => `no epoch after ${before}`,
      );
    await page.visit('#backend=wasm&schedule=constant');
    await page.fill(LONG);
    await page.click('#train');
    await page.untilText('#live-test-accuracy', /%/);
    await page.click('#train');
    await page.untilText('#status', /^Paused$/);
    const paused = await epoch();
    await page.untilText('#train', /^Resume$/);
    await page.click('#train');
    await beyond(paused + 1);

    // Snapshots are kept every other second.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await page.reload();
    await ready();
    const offer = await page.untilText('#unfinished', /^A training of 784-64-10 was cut short after \d+/);
    await page.click('#resume');
    await beyond(Number(/after (\d+)/.exec(offer)![1]));
    await page.click('#stop');
    await trained();
    expect(await page.errors()).toEqual([]);
  });

  asItComes('trains on tfjs', async () => {
    await page.visit('#backend=tfjs');
    await page.fill(SHORT);
    await page.click('#train');
    expect(await trained()).toBeGreaterThan(80);
    expect(await page.errors()).toEqual([]);
  });

  asSafari('reads a seven that is drawn', async () => {
    await page.visit('#/draw');
    await page.untilText('#draw-facts', /trained on/);
    expect(await page.text('#draw-winner')).toBe('?');
    await page.draw('#draw-pad', SEVEN);
    await page.untilText('#draw-winner', /^7$/);
    await page.untilText('#draw-certainty', /% sure$/);
    const lit = () => document.querySelector('#draw-activity canvas')!.getAttribute('aria-label');
    expect(await page.run(lit)).toMatch(/ of 512 hidden units active, .*, answer 7/);
    expect(await page.errors()).toEqual([]);
  });

  asSafari('compares its engine with tfjs step by step', async () => {
    const race = 'network=784-16-10&trainImages=1000&batch=50&epochs=2';
    await page.visit(`#/compare?engines=wasm-1,tfjs-wasm&seed=5&${race}&go=1`);
    await page.click('compare-view .ask-start');
    await page.untilText('#compare-status', /^Finished: 784-16-10 on 1,000 images, 2 epochs/);
    const [, tfjs] = await page.texts('#compare-table tbody tr');
    expect(tfjs).toMatch(/tfjs-backend-wasm/);
    expect(tfjs).toMatch(/yes, within \d(\.\d)?e-[6-9]/);
    expect(await page.errors()).toEqual([]);
  });

  it('times a training step beside peers, of which one may need threads', async () => {
    const peers = ['tfjs-wasm threads', ...(sharedMemory ? ['jax-js wasm'] : []), 'plain TypeScript'];
    const query = new URLSearchParams({
      suite: 'step',
      layers: '784-16-10',
      batch: '64',
      peers: peers.join(','),
      seconds: '0.2',
      go: '1',
    });
    await page.visit(`#/benchmark?${query}`);
    await page.click('benchmark-view .ask-start');
    // With more threads than processors tfjs takes its time.
    await page.untilText('#benchmark-status', /^Finished: \d+ cases/, 100_000);
    const rows = await page.texts('#benchmark-own tr');
    for (const peer of peers) {
      const row = rows.find((each) => each.startsWith(peer));
      const runs = sharedMemory || peer !== 'tfjs-wasm threads';
      expect(row).toMatch(runs ? /×/ : /it needs threads: this browser does not let threads share memory/);
    }
    expect(await page.errors()).toEqual([]);
  });

  asSafari('teaches from raw pixels to mistakes', async () => {
    const turnTo = async (number: number) => {
      await page.click('#learn-next');
      await page.untilText('#learn-title', new RegExp(`^${number}\\. `));
    };
    await page.visit('#/learn');
    await page.untilText('#learn-label', /^\d$/);
    await page.press('ARROW_RIGHT', '#learn-pixels canvas');
    await page.untilText('#learn-pixels output', /: \d+ of 255\./);
    await turnTo(2);
    await page.untilText('#learn-parameters', /^25,450$/);
    await turnTo(3);
    await page.untilText('#learn-logits', /\d/);
    await turnTo(4);
    await page.untilText('#learn-loss', /\d/);
    await turnTo(5);
    await page.untilText('#learn-slope', /\d/);
    await turnTo(6);
    await page.element('#learn-rates');
    await page.click('#learn-step');
    await page.untilText('#learn-taken', /^1$/);
    await turnTo(7);
    await page.click('#learn-train');
    await page.untilText('#learn-trained', /recognised/);
    const accuracy = await page.text('#learn-trained strong');
    expect(Number.parseFloat(accuracy)).toBeGreaterThanOrEqual(97.6);
    await turnTo(8);
    expect(await page.text('#learn-accuracy')).toBe(accuracy);
    await turnTo(9);
    expect(await page.texts('.learn-mistakes label')).toHaveLength(24);
    expect(await page.errors()).toEqual([]);
  });
});
