// The benchmark in real browsers: each peer in a worker of its own, threads of peers, and a fresh start.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { idx } from '../cli/idx_folder.ts';
import { RUNTIMES } from './runtimes.ts';

/** The first images of MNIST: some peers take seconds for 10,000. */
const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-bench-'));
beforeAll(async () => {
  const { train, test } = await loadMnistNode();
  for (const [part, { images, labels }, count] of [
    ['train', train, 2000],
    ['t10k', test, 500],
  ] as const) {
    const pixels = images.subarray(0, count * 784);
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idx([count, 28, 28], pixels));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idx([count], labels.subarray(0, count)));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Between them all; WebKit's view of the benchmark has steps too (webkit.test.ts). */
const SUITES = {
  chromium: ['step', 'start'],
  firefox: ['step', 'inference'],
  webkit: ['inference', 'start'],
} as const;

/**
 * In Firefox a worker that starts its own threads, as some peers do, may stand still for good; WebKit shares
 * no memory.
 */
const PEERS = {
  chromium: ['tfjs-wasm threads', 'jax-js wasm', 'onnxruntime-web wasm threads', 'plain TypeScript'],
  firefox: ['tfjs-wasm', 'onnxruntime-web wasm', 'litert wasm', 'plain TypeScript'],
  webkit: ['tfjs-wasm', 'onnxruntime-web wasm', 'litert wasm', 'plain TypeScript'],
} as const;

/** What a start may load: the worker's script, the build, and the script of helper threads. */
const MOST_BYTES = 45_000;
/** With the script of a helper thread, and what threads take beside. */
const MOST_BYTES_OF_TWO = 47_000;

it.each(RUNTIMES)('times peers in %s', { timeout: 120_000 }, async (runtime) => {
  const peers = PEERS[runtime];
  const suites = SUITES[runtime];
  const training = peers.filter((name) => !/^(onnxruntime|litert)/.test(name));
  const events: string[] = [];
  const { cases, environment } = await runInBrowser(
    {
      kind: 'bench',
      backend: 'wasm',
      suites,
      threads: runtime === 'chromium' ? undefined : 1,
      networks: ['784-16-10'],
      batches: [64],
      seconds: 0.2,
      peers,
    },
    {
      runtime,
      dataset: { kind: 'folder', dir: folder },
      onEvent: (event) => {
        if (event.kind === 'benching') events.push(`${event.done + 1}/${event.total} ${event.what}`);
      },
    },
  );
  const batchOf = { step: ', batch 64', inference: '', start: ', batch 64' };
  expect(events).toEqual(suites.map((suite, i) => `${i + 1}/2 ${suite} 784-16-10${batchOf[suite]}`));
  expect(environment.commit).toMatch(/^([0-9a-f]{7,}(-dirty)?|unknown)$/);
  for (const suite of suites) {
    const names = suite === 'inference' ? peers : training;
    const found = cases.find((each) => each.suite === suite)!;
    for (const name of names) {
      const peer = found.peers.find((each) => each.name === name);
      expect(peer, `${suite} ${name}`).toMatchObject({ name, ratio: { median: expect.any(Number) } });
    }
    if (suite !== 'start') continue;
    const { downloaded } = found.subject.start!;
    if (runtime === 'webkit') {
      expect(downloaded).toBeUndefined();
      continue;
    }
    // The page's engine and kernels, without tfjs.
    expect(downloaded).toBeGreaterThan(20_000);
    expect(downloaded).toBeLessThan(MOST_BYTES);
    const threads = `${environment.processors} threads`;
    const many = cases.find((each) => each.suite === suite && each.name === `784-16-10 ${threads}`)!;
    expect(many.subject).toMatchObject({ threads: environment.processors });
    // The script of a helper thread as well.
    expect(many.subject.start!.downloaded).toBeGreaterThan(downloaded! + 1000);
    expect(many.subject.start!.downloaded).toBeLessThan(MOST_BYTES_OF_TWO);
  }
  const { threads } = cases[0].peers.find(({ name }) => name === peers[0])!;
  expect(threads).toBe(runtime === 'chromium' ? environment.processors : 1);
});
