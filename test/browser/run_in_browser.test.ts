// Jobs in real browsers, driven from the terminal: outcomes and events come back, and every way to fail is
// one line.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RunInBrowserOptions, runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import type { Reading } from '../../src/data/dataset.ts';
import { loadFolder } from '../../src/data/mnist_node.ts';
import { InputError } from '../../src/errors.ts';
import { nodeHost } from '../../src/hosts/node.ts';
import type { Job, JobEvent } from '../../src/jobs/run.ts';
import { runTrainJob } from '../../src/jobs/train.ts';
import type { Recipe } from '../../src/network/recipe.ts';
import { idx } from '../cli/idx_folder.ts';
import { writeLetters } from '../data/letters.ts';
import { childrenOf, descendantsOf } from './processes.ts';
import { RUNTIMES } from './runtimes.ts';
import { TESTED_BROWSERS } from './setup.ts';

/** Profiles of browsers go here, so that what is left behind shows. */
const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-run-'));
const { TMPDIR } = process.env;

const RECIPE: Recipe = {
  name: 'test',
  epochs: 2,
  batch: 32,
  optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0 },
  learningRate: 0.05,
  schedule: { kind: 'constant' },
  initialisation: 'he',
  dropout: 0,
  labelSmoothing: 0,
};

const JOB = {
  kind: 'train',
  backend: 'wasm',
  threads: 1,
  network: '784-16-10',
  recipe: RECIPE,
  seed: 1,
  trainLimit: 600,
} as const satisfies Job;

const MNIST = { kind: 'mnist' } as const;

beforeAll(() => {
  process.env.TMPDIR = folder;
});
afterEach(() => {
  expect(readdirSync(folder).filter((name) => name.includes('profile'))).toEqual([]);
});
afterAll(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with a runner.html whose script is the given one. */
function pageWith(script: string): string {
  const root = mkdtempSync(join(folder, 'page-'));
  writeFileSync(join(root, 'runner.html'), '<!doctype html><script src="./script.js"></script>');
  writeFileSync(join(root, 'script.js'), script);
  return root;
}

/** Four IDX files: `count` images of 2×2 pixels in two classes. */
function smallDataset(count: number): string {
  const dir = join(folder, 'small');
  mkdirSync(dir);
  const labels = Uint8Array.from({ length: count }, (_, index) => index % 2);
  const images = Uint8Array.from({ length: count * 4 }, (_, index) => 255 * labels[index >> 2]);
  for (const part of ['train', 't10k']) {
    writeFileSync(join(dir, `${part}-images-idx3-ubyte`), idx([count, 2, 2], images));
    writeFileSync(join(dir, `${part}-labels-idx1-ubyte`), idx([count], labels));
  }
  return dir;
}

async function failureOf(job: Job, options: RunInBrowserOptions): Promise<Error> {
  const outcome = await runInBrowser(job, options).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Error);
  expect((outcome as Error).message).not.toContain('\n');
  return outcome as Error;
}

describe.each(RUNTIMES)('runInBrowser in %s', (runtime) => {
  it('trains on the MNIST of the page, brings events and parameters back, and stops when asked to', async () => {
    const events: JobEvent[] = [];
    const stopping = new AbortController();
    const job = { ...JOB, recipe: { ...RECIPE, epochs: 100_000 } };
    const { report, parameters } = await runInBrowser(job, {
      runtime,
      dataset: MNIST,
      signal: stopping.signal,
      onEvent: (event) => {
        events.push(event);
        if (event.kind === 'epoch' && event.report.epoch === 2) stopping.abort();
      },
    });
    expect(report.environment.runtime).toMatch(new RegExp(`^${runtime} `));
    expect(report.dataset).toEqual({ name: 'MNIST', train: 600, test: 10_000 });
    expect(report.stopped).toBe(true);
    expect(report.epochs.length).toBeGreaterThanOrEqual(2);
    expect(report.epochs.length).toBeLessThan(100_000);
    expect(report.test.accuracy).toBeGreaterThan(0.6);
    expect(parameters.kernel0).toBeInstanceOf(Float32Array);
    expect(parameters.kernel0).toHaveLength(784 * 16);
    expect(events.filter(({ kind }) => kind === 'epoch')).toEqual(
      report.epochs.map((epoch) => ({ kind: 'epoch', report: epoch })),
    );
  });

  // WebKit's driver is the child there, not its browser.
  const victims = runtime === 'webkit' ? (['child', 'descendant'] as const) : (['child'] as const);
  it.skipIf(process.platform === 'win32').each(victims)(
    'tells when every %s process is killed',
    async (victim) => {
      const processesOf = victim === 'child' ? childrenOf : descendantsOf;
      const others = processesOf(process.pid).map(({ pid }) => pid);
      const job = { ...JOB, recipe: { ...RECIPE, epochs: 1000 } };
      let killed = false;
      const error = await failureOf(job, {
        runtime,
        dataset: MNIST,
        onEvent: () => {
          if (killed) return;
          killed = true;
          const started = processesOf(process.pid).filter(({ pid }) => !others.includes(pid));
          for (const { pid } of started) process.kill(pid, 'SIGKILL');
        },
      });
      expect(error.message).toMatch(/ended unexpectedly|closed/);
    },
  );

  it('tells when the page goes away in the middle of the job', async () => {
    const root = pageWith(`
      const run = '/run/' + location.hash.slice(1);
      fetch(run + '/job').then(() => {
        new EventSource(run + '/stop').onopen = () => location.replace('about:blank');
      });`);
    expect((await failureOf(JOB, { runtime, dataset: MNIST, root })).message).toBe(
      `${runtime}: the page ended unexpectedly`,
    );
  });
});

// What is the command line's and the page's alone is the same in every browser.
describe('runInBrowser', () => {
  const runtime = 'chromium';

  it('trains on a folder of IDX files', async () => {
    const dir = smallDataset(64);
    try {
      const job = { ...JOB, network: '4-8-2', trainLimit: undefined, recipe: { ...RECIPE, batch: 8 } };
      const { report } = await runInBrowser(job, { runtime, dataset: { kind: 'folder', dir } });
      expect(report.dataset).toEqual({ name: 'small', train: 64, test: 64 });
      expect(report.test.accuracy).toBe(1);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('reads a folder as it is asked to, as Node does', async () => {
    const dir = await writeLetters(join(folder, 'letters'), 300, 100);
    const classNames = Array.from({ length: 26 }, (_, index) => `letter ${index + 1}`);
    const engine = { backend: 'wasm', build: 'simd', threads: 1 } as const;
    const job = { ...JOB, ...engine, network: '784-26', trainLimit: undefined } as const;
    const inBrowser = async (reading: Reading) =>
      (await runInBrowser(job, { runtime, dataset: { kind: 'folder', dir, ...reading } })).report;
    const inNode = async (reading: Reading) =>
      (await runTrainJob(job, await loadFolder(dir, reading), nodeHost())).report;
    for (const reading of [{}, { transpose: false, classNames }]) {
      const [here, there] = [await inNode(reading), await inBrowser(reading)];
      expect(there.parameters).toEqual(here.parameters);
      expect(there.dataset).toEqual(here.dataset);
    }
    expect((await inNode({})).parameters).not.toEqual((await inNode({ transpose: false })).parameters);
  });

  it('hands on what is wrong with the job', async () => {
    const error = await failureOf({ ...JOB, trainLimit: 60_001 }, { runtime, dataset: MNIST });
    expect(error).toEqual(new InputError('train limit 60001: expected a whole number from 1 to 60000'));
  });

  it('ends with what the receiver of events throws', async () => {
    const run = runInBrowser(JOB, {
      runtime,
      dataset: MNIST,
      onEvent: () => {
        throw new Error('full disk');
      },
    });
    await expect(run).rejects.toThrow(new Error('full disk'));
  });

  it('takes reports from its own page only', async () => {
    const root = pageWith(`
      const post = (token, name) => fetch('/run/' + token + '/error', {
        method: 'POST',
        body: JSON.stringify({ name: 'Error', message: name }),
      });
      post('0'.repeat(32), 'a stranger').then(({ status }) => post(location.hash.slice(1), 'refused with ' + status));`);
    expect((await failureOf(JOB, { runtime, dataset: MNIST, root })).message).toBe(
      `${runtime}: refused with 405`,
    );
  });
});

// WebDriver's own commands, by which WebKit is driven, do not tell of errors.
it.each(TESTED_BROWSERS)('runInBrowser in %s tells of an error in the page', async (runtime) => {
  const root = pageWith('throw new Error("broken on purpose\\nsecond line");');
  expect((await failureOf(JOB, { runtime, dataset: MNIST, root })).message).toMatch(/broken on purpose/);
});

it('runInBrowser tells when there is no page to run jobs', async () => {
  const root = mkdtempSync(join(folder, 'page-'));
  const error = await failureOf(JOB, { runtime: 'chromium', dataset: MNIST, root });
  expect(error).toEqual(new InputError(`no page to run jobs in ${root}: npm run build makes it`));
});
