// The command line under the Node that follows the one that runs the tests: V8 13.6, with relaxed SIMD.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { NODE_24, node24 } from '../../scripts/node_24.mjs';
import type { BenchReport } from '../../src/bench/report.ts';
import type { ValidateReport } from '../../src/jobs/job.ts';
import type { TrainReport } from '../../src/training/report.ts';

const run = promisify(execFile);

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-node-24-'));

let node: string;
beforeAll(() => {
  node = node24();
}, 300_000);

async function reportOf<Report>(...options: string[]): Promise<Report> {
  const json = join(folder, `${options[0]}.json`);
  await run(node, ['dist/cli.js', ...options, '--json', json]);
  return JSON.parse(readFileSync(json, 'utf8'));
}

describe('in Node 24', () => {
  it.each([1, 2])('trains with relaxed SIMD on %i threads', async (threads) => {
    const options = ['--backend', 'wasm', '--threads', String(threads), '--epochs', '1'];
    const { environment, test } = await reportOf<TrainReport>('train', ...options);
    expect(environment.runtime).toBe(`node ${NODE_24}`);
    expect(environment).toMatchObject({ backend: 'wasm', simd: 'relaxed-simd', threads });
    expect(test.accuracy).toBeGreaterThan(0.965);
  });

  it('validates every build', async () => {
    const report = await reportOf<ValidateReport>('validate', '--backend', 'wasm', '--quick');
    expect(report).toMatchObject({ pass: true, passedOver: [] });
    expect(report.environment.runtime).toBe(`node ${NODE_24}`);
    const builds = new Set(report.kernels.map(({ backend }) => backend));
    expect([...builds].some((each) => each.includes('relaxed'))).toBe(true);
  });

  it('measures', async () => {
    const short = ['--suite', 'step,inference', '--layers', '784-16-10', '--seconds', '0.5', '--no-peers'];
    const { cases, environment } = await reportOf<BenchReport>('bench', '--runtime', 'node', ...short);
    expect(environment.runtime).toBe(`node ${NODE_24}`);
    expect(new Set(cases.map(({ suite }) => suite))).toEqual(new Set(['step', 'inference']));
  });
});
