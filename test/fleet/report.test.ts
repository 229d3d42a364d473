// A fleet's report: what it says, whether bits differ and where, and that its file fits its schema and is read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { BenchReport } from '../../src/bench/report.ts';
import { bitsOf, type Fingerprint } from '../../src/fleet/bits.ts';
import type { Place } from '../../src/fleet/place.ts';
import { parseReports } from '../../src/fleet/read_reports.ts';
import { type Findings, fleetReport } from '../../src/fleet/report.ts';
import { renderFleetReport } from '../../src/fleet/report_html.ts';
import { fleetSentences, fleetTables } from '../../src/fleet/tables.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';

const inPackage = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const validate = new Ajv().compile(JSON.parse(inPackage('bench/schema.json')));

const place = (name: string): Place => ({
  slot: `slot of ${name}`,
  node: `http://${name}`,
  browser: 'chrome 156',
});
const print = (
  where: string,
  sha256: string | null,
  training = 'seed 1',
  build = 'wasm simd',
): Fingerprint => ({
  training,
  build,
  sha256,
  place: place(where),
});

describe('bits', () => {
  it('are compared where one training ran on one build in several places', () => {
    const bits = bitsOf([
      print('a', '1'),
      print('b', '1'),
      print('c', '2', 'seed 1', 'wasm relaxed-simd'),
      print('a', '3', 'seed 2'),
    ]);
    expect(bits).toEqual({ compared: 1, places: 2, builds: ['wasm simd'], differences: [] });
  });

  it('that differ are told with their places, the most frequent first', () => {
    const { differences } = bitsOf([print('a', '1'), print('b', '2'), print('c', '2'), print('c', '2')]);
    expect(differences).toEqual([
      {
        training: 'seed 1',
        build: 'wasm simd',
        results: [
          { sha256: '2', places: [place('b'), place('c')] },
          { sha256: '1', places: [place('a')] },
        ],
      },
    ]);
  });

  it('are unknown where a browser has no crypto', () => {
    expect(bitsOf([print('a', null), print('b', '1')])).toMatchObject({ compared: 0, differences: [] });
  });
});

const { stepLosses: _, ...trained } = JSON.parse(inPackage('models/reports/quick-1.json'));
const bench = JSON.parse(inPackage('bench/results/wasm-2-cores-chromium.json')) as BenchReport;

const rest = {
  grid: 'http://grid:4444',
  started: '2026-01-01T00:00:00.000Z',
  ended: '2026-01-01T00:01:00.000Z',
  failures: [
    {
      at: '2026-01-01T00:00:30.000Z',
      why: 'a <b>node</b> died',
      job: 'seed 2',
      attempt: 1,
      place: place('b'),
    },
  ],
  checks: [print('a', 'x'), print('b', 'y')],
};

const swept: Findings = {
  ...rest,
  task: { version: '1', command: 'sweep', data: 'MNIST', job: {}, axes: { batch: [32, 64] } },
  jobs: { total: 3, done: 2, failed: 1, waiting: 0 },
  results: [32, 64].map((batch, index) => ({
    job: `batch ${batch}`,
    values: { batch },
    place: place(index === 0 ? 'a' : 'b'),
    attempt: index + 1,
    result: {
      kind: 'train',
      report: { ...trained, test: { ...trained.test, accuracy: 0.9 + index / 100 } },
    },
  })),
};

const benched: Findings = {
  ...rest,
  task: { version: '1', command: 'bench', job: {} as never },
  jobs: { total: 2, done: 2, failed: 0, waiting: 0 },
  checks: [],
  results: ['a', 'b'].map((name) => ({
    job: name,
    values: {},
    place: place(name),
    attempt: 1,
    result: { kind: 'bench', report: bench },
  })),
};

describe.each([
  ['sweep', swept],
  ['bench', benched],
])('the report of a %s', (_name, findings) => {
  it('fits its schema', () => {
    const report = JSON.parse(JSON.stringify(fleetReport(findings)));
    expect(validate(report) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...report, places: 'none' })).toBe(false);
  });

  it('is a page that shows every table, and no markup of others', () => {
    const report = fleetReport(findings);
    const html = renderFleetReport(report);
    for (const { title, rows } of fleetTables(report)) {
      expect(html).toContain(`<h2>${title}</h2>`);
      expect(rows.length).toBeGreaterThan(0);
    }
    expect(html).toContain('a &lt;b&gt;node&lt;/b&gt; died');
  });
});

it('a sweep names its best, shows its curve, and tells of other bits', () => {
  const report = fleetReport(swept);
  const sentences = fleetSentences(report).join(' ');
  expect(sentences).toContain('2 of 3 jobs done in 2 places.');
  expect(sentences).toContain('The best is batch 64: 91.00 % of the held-out images.');
  expect(sentences).toContain('other bits on the same build: 1 difference');
  const [first] = fleetTables(report).find(({ title }) => title === 'Trainings')!.rows;
  expect(first.slice(0, 2)).toEqual(['64', '91.00 %']);
  expect(renderFleetReport(report)).toContain('aria-label="Accuracy by epoch"');
});

it('a benchmark has a row for each machine and case, and the ratio to the first with its interval', () => {
  const { rows } = fleetTables(fleetReport(benched))[0];
  expect(rows).toHaveLength(2 * bench.cases.length);
  expect(rows[0].slice(-2)).toEqual(['', '']);
  expect(rows[1].at(-2)).toBe('1.00×');
  const [low, high] = rows[1].at(-1)!.split(' to ').map(Number);
  expect(low).toBeLessThanOrEqual(1);
  expect(high).toBeGreaterThanOrEqual(1);
});

describe('a file of benchmarks', () => {
  it('of a fleet has one for each machine', () => {
    const text = JSON.stringify(fleetReport(benched));
    const read = parseReports(text, 'fleet.json');
    expect(read.map(({ name }) => name)).toEqual(['chrome 156 at http://a', 'chrome 156 at http://b']);
    expect(read[1].report.cases).toHaveLength(bench.cases.length);
  });

  it('of one machine has its name', () => {
    expect(parseReports(JSON.stringify(bench), 'one.json')).toMatchObject([{ name: 'one.json' }]);
  });

  it.each([
    [JSON.stringify(fleetReport(swept)), 'x.json: a result of a fleet without a benchmark'],
    ['{"schema":"mnist-kernels/fleet@1"}', /^x\.json: not a result of a fleet: version: /],
    ['nonsense', /^x\.json: not JSON/],
  ])('that is none is refused', (text, message) => {
    expect(() => parseReports(text, 'x.json')).toThrow(message);
  });
});
