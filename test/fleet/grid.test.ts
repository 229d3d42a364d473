// Whole runs over a real Selenium Grid: a hub, nodes with two browsers, and everything that ends too early.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInBrowser } from '../../src/cli/browser/run_in_browser.ts';
import { builtPage, serveStatic } from '../../src/cli/browser/server.ts';
import type { Entry } from '../../src/cli/grid/journal.ts';
import { parseReports } from '../../src/fleet/read_reports.ts';
import type { FleetReport } from '../../src/fleet/report.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { findRecipe } from '../../src/training/recipes.ts';
import { type Ended, runCli } from '../cli/run_cli.ts';
import { gridProblem, type RealGrid, type RealNode, startGrid } from './real_grid.ts';

const problem = gridProblem();
if (problem !== undefined) {
  if (process.env.REQUIRE_BROWSERS?.includes('grid')) throw new Error(`no Selenium Grid: ${problem}`);
  console.log(`Selenium Grid is left out: ${problem}`);
}

/** Small enough for a moment each. */
const TRAINING = ['--layers', '784-16-10', '--epochs', '2', '--train-limit', '6000', '--hold-out', '1000'];
const ENGINE = ['--backend', 'wasm', '--threads', '1'];
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-fleet-'));
afterAll(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);
const reportIn = (name: string) => JSON.parse(readFileSync(inFolder(name), 'utf8')) as FleetReport;
const entriesIn = (name: string) =>
  readFileSync(inFolder(name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Entry);

/** "seed 7: 81.20 %, chrome 156 at http://…" of each result that standard error tells of. */
const resultsIn = (stderr: string) =>
  [...stderr.matchAll(/^seed (\d+): [\d.]+ %, \S+ \S+ at (\S+)$/gm)].map(([, seed, node]) => ({
    seed: Number(seed),
    node,
  }));

/** By training and build: what the parameters came to. */
function bitsIn({ trainings = [] }: FleetReport): Map<string, string | null> {
  return new Map(
    trainings.map(({ values, report }) => [
      `seed ${values.seed} on ${report.builds?.join()}`,
      report.parameters.sha256,
    ]),
  );
}

describe.skipIf(problem !== undefined)('over a Selenium Grid', () => {
  let grid: RealGrid;
  /** A node that joins while the benchmark runs. */
  let spare: Promise<RealNode> | undefined;
  beforeAll(async () => {
    grid = await startGrid(1);
    living = [grid.webkit, ...grid.chromium];
  });
  afterAll(async () => grid?.close());

  /** The nodes that nobody has killed. */
  let living: readonly RealNode[];

  /** Sessions that the hub still has on them. */
  const sessions = async () =>
    (await grid.slots()).filter(
      ({ session, node }) => session !== undefined && living.some(({ url }) => url === node),
    );

  const trainSeeds = (name: string, onError?: Parameters<typeof runCli>[1]): Promise<Ended> => {
    const files = ['--journal', inFolder(`${name}.jsonl`), '--json', inFolder(`${name}.json`)];
    return runCli(
      ['train', '--grid', grid.url, '--seeds', '1..20', ...TRAINING, ...ENGINE, ...files],
      onError,
    );
  };

  it('benches both browsers, one after the other on one machine, and merges them into one report', async () => {
    const what = ['--suite', 'step', '--layers', '784-16-10', '--no-peers', '--seconds', '0.05'];
    const files = ['json', 'html', 'markdown', 'csv'].flatMap((kind) => [
      `--${kind}`,
      inFolder(`bench.${kind}`),
    ]);
    const journal = ['--journal', inFolder('bench.jsonl')];
    const run = ['bench', '--grid', grid.url, ...what, '--threads', '1', ...files, ...journal];
    const { code, stderr } = await runCli(run, (text) => {
      // For the next test; this run has its nodes.
      if (text.includes('2 jobs over 2 slots')) spare ??= grid.addChromium();
    });
    expect(code, stderr).toBe(0);
    const report = reportIn('bench.json');
    const [chromium, webkit] = ['chromium', 'webkit'].map((name) =>
      report.benchmarks!.find((each) => each.report.environment.runtime.startsWith(name)),
    );
    expect(chromium!.place).toMatchObject({ node: grid.chromium[0].url });
    expect(webkit!.place).toMatchObject({ node: grid.webkit.url });
    expect(report.failures).toEqual([]);
    const named = parseReports(JSON.stringify(report), 'bench.json');
    expect(named.map(({ name }) => name)).toEqual(report.benchmarks!.map(({ name }) => name));
    const html = readFileSync(inFolder('bench.html'), 'utf8');
    for (const { name } of report.benchmarks!) expect(html).toContain(name);
    expect(readFileSync(inFolder('bench.csv'), 'utf8')).toMatch(/^machine,runtime,.*\r\n"\S+ \S+ at http/);
    // Nodes of one machine share its processors.
    const kinds = entriesIn('bench.jsonl').flatMap(({ kind }) =>
      kind === 'began' || kind === 'done' ? [kind] : [],
    );
    expect(kinds).toEqual(['began', 'done', 'began', 'done']);
    expect(await sessions()).toEqual([]);
  });

  it('trains twenty seeds while a node is killed: twenty results, none run more than twice', async () => {
    const added = await spare!;
    let killed: RealNode | undefined;
    const { code, stderr } = await trainSeeds('killed', (text) => {
      const found = resultsIn(text);
      if (killed || found.length < 4) return;
      killed = [...grid.chromium, added].find(({ url }) => found.some(({ node }) => node === url));
      killed?.kill();
    });
    expect(code, stderr).toBe(0);
    const report = reportIn('killed.json');
    expect(
      report.trainings!.map(({ values }) => values.seed).toSorted((a, b) => Number(a) - Number(b)),
    ).toEqual(SEEDS);
    const lost = report.failures.filter(({ job, place }) => job !== undefined && place?.node === killed!.url);
    expect(lost).toEqual([
      expect.objectContaining({ attempt: 1, why: expect.stringContaining('existing session') }),
    ]);
    const again = report.trainings!.find(({ name }) => name === lost[0].job)!;
    expect(again).toMatchObject({ attempt: 2 });
    expect(again.place.node).not.toBe(killed!.url);
    const begun = entriesIn('killed.jsonl').flatMap((entry) => (entry.kind === 'began' ? [entry.job] : []));
    expect(begun).toHaveLength(21);
    expect(report.bits.differences).toEqual([]);
    living = [grid.webkit, ...[...grid.chromium, added].filter((node) => node !== killed)];
    expect(await sessions()).toEqual([]);
  });

  it('goes on after a kill with the rest only, in slots that the killed command had left taken', async () => {
    const first = await trainSeeds('resumed', (text, child) => {
      if (resultsIn(text).length >= 6) child.kill('SIGKILL');
    });
    expect(first.code).toBeNull();
    const done = entriesIn('resumed.jsonl').filter(({ kind }) => kind === 'done').length;
    const second = await trainSeeds('resumed');
    expect(second.code, second.stderr).toBe(0);
    expect(second.stderr).toContain(`${done} are done already`);
    expect(resultsIn(second.stderr)).toHaveLength(20 - done);
    const seeds = entriesIn('resumed.jsonl').flatMap((entry) => (entry.kind === 'done' ? [entry.job] : []));
    expect(seeds.toSorted()).toEqual(SEEDS.map((seed) => `seed ${seed}`).toSorted());
    // The same seeds were trained before, by whichever browser.
    const [before, after] = [bitsIn(reportIn('killed.json')), bitsIn(reportIn('resumed.json'))];
    const both = [...after.keys()].filter((key) => before.has(key));
    expect(both.length).toBeGreaterThan(4);
    for (const key of both) expect(after.get(key), key).toBe(before.get(key));
    const third = await trainSeeds('resumed');
    expect(third.stderr).toContain('all 20 are done');
    expect(resultsIn(third.stderr)).toEqual([]);
  });

  it('ends its sessions on Ctrl-C, and reports what is there', async () => {
    const { code, stderr } = await trainSeeds('interrupted', (text, child) => {
      if (resultsIn(text).length >= 2) child.kill('SIGINT');
    });
    expect(code, stderr).toBe(130);
    const { jobs, trainings } = reportIn('interrupted.json');
    expect(jobs.done).toBe(trainings!.length);
    expect(jobs.done).toBeGreaterThan(1);
    expect(jobs.waiting).toBe(20 - jobs.done);
    expect(await sessions()).toEqual([]);
  });

  it('sweeps over two hyperparameters by held-out images, on a page of another host, and fetches the models', async () => {
    // Without headers: the page's service worker isolates it, so that there are threads.
    const host = await serveStatic(builtPage(packageRoot()), { isolated: false });
    try {
      const axes = ['--learning-rate', '0.001,0.01', '--batch', '64,128', '--address', host.url];
      const kinds = ['json', 'html', 'journal'];
      const files = kinds.flatMap((kind) => [`--${kind}`, inFolder(`sweep.${kind}`)]);
      const what = [
        '--layers',
        '784-64-10',
        '--epochs',
        '1',
        '--train-limit',
        '3000',
        '--models',
        inFolder('models'),
      ];
      const engine = ['--backend', 'wasm', '--threads', '2'];
      const { code, stderr } = await runCli([
        'sweep',
        '--grid',
        grid.url,
        ...axes,
        ...what,
        ...engine,
        ...files,
      ]);
      expect(code, stderr).toBe(0);
    } finally {
      await host.close();
    }
    const { trainings, failures } = reportIn('sweep.json');
    expect(failures).toEqual([]);
    expect(trainings).toHaveLength(4);
    for (const { values, report, model } of trainings!) {
      expect(report.recipe).toMatchObject({ learningRate: values['learning rate'], batch: values.batch });
      expect(report.dataset).toMatchObject({ train: 3000, test: 10_000 });
      const { accuracy, parameters } = decodeModel(readFileSync(model!), model!);
      expect(accuracy).toBeUndefined();
      expect(parameters.kernel0).toHaveLength(784 * 64);
    }
    const best = Math.max(...trainings!.map(({ report }) => report.test.accuracy));
    const html = readFileSync(inFolder('sweep.html'), 'utf8');
    expect(html).toContain(`The best is learning rate 0.01`);
    expect(html).toContain(`${(100 * best).toFixed(2)}`);
    expect(html).toContain('Loss by epoch');
  });

  it('serves --connect as any WebDriver server does', async () => {
    const job = {
      kind: 'train',
      backend: 'wasm',
      ...findRecipe('quick'),
      seed: 1,
      trainLimit: 3000,
    } as const;
    const { report } = await runInBrowser(job, {
      runtime: 'webkit',
      connect: grid.url,
      dataset: { kind: 'mnist' },
    });
    expect(report.environment.runtime).toContain('webkit');
    expect(report.test.accuracy).toBeGreaterThan(0.8);
  });
});
