// What the command line refuses of a run over a Grid: one line that says what is accepted, before anything runs.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toSeeds } from '../../src/cli/grid/grid_options.ts';
import { writeIdxFolder } from '../cli/idx_folder.ts';
import { refusal } from '../cli/run_cli.ts';
import { type SimulatedGrid, startSimulatedGrid } from './simulated_grid.ts';

let grid: SimulatedGrid;
const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-refused-'));
const journal = join(folder, 'journal.jsonl');
beforeAll(async () => {
  grid = await startSimulatedGrid({ slots: 1, seconds: 1 });
});
afterAll(() => {
  grid.close();
  rmSync(folder, { recursive: true });
});

const NOWHERE = ['--grid', 'http://127.0.0.1:47123'];
const SWEPT = ['--batch', '64,128'];

describe('the command line refuses', () => {
  it.each<[string, string[], string | RegExp]>([
    ['a sweep without a Grid', ['sweep', ...SWEPT], /say where with --grid <url>/],
    [
      'a sweep over nothing',
      ['sweep', ...NOWHERE, '--batch', '64'],
      /^nothing to sweep over: give options several/,
    ],
    [
      'a value twice',
      ['sweep', ...NOWHERE, '--batch', '64,64'],
      /Expected different values joined by commas/,
    ],
    ['seeds without a Grid', ['train', '--seeds', '1..3'], /^--seeds is of a run in a Selenium Grid/],
    ['a journal without a Grid', ['bench', '--journal', 'x'], /^--journal is of a run in a Selenium Grid/],
    [
      'seeds that are none',
      ['train', ...NOWHERE, '--seeds', '3..1'],
      /Expected seeds as in 1\.\.20 or 1,2,5\.\.9/,
    ],
    ['one model of many', ['train', ...NOWHERE, '--out', 'x'], /^--out is of one training.*--models <dir>/],
    ['a Grid that is no address', ['train', '--grid', 'here'], /^--grid here: expected http/],
    [
      'a Grid that is not there',
      ['train', ...NOWHERE],
      /^no Selenium Grid at http:\/\/127\.0\.0\.1:47123: connect ECONNREFUSED/,
    ],
    [
      'Node as a browser',
      ['train', ...NOWHERE, '--runtime', 'node'],
      /^--runtime node: a Selenium Grid has browsers/,
    ],
    ['a Grid and a browser', ['bench', ...NOWHERE, '--connect', 'ws://x'], /^--grid and --connect/],
    ['a training that cannot be', ['sweep', ...NOWHERE, '--batch', '64,70000'], /batch/],
    [
      'a patience of none',
      ['train', ...NOWHERE, '--patience', '0'],
      /^--patience 0: expected 1 or more seconds/,
    ],
  ])('%s', async (_, options, message) => {
    expect(await refusal(...options)).toMatch(message);
  });

  it('a Grid without the browser that is asked for', async () => {
    const text = await refusal('train', '--grid', grid.url, '--runtime', 'firefox', '--journal', journal);
    expect(text).toBe(`the Grid at ${grid.url} has no slot for this`);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('a port without an address, and data for a page of another host', async () => {
    const run = ['train', '--grid', grid.url, '--journal', journal];
    expect(await refusal(...run, '--port', '8080')).toMatch(/^--port is of --address/);
    const data = writeIdxFolder(join(folder, 'data'));
    const text = await refusal(
      ...run,
      '--data',
      data,
      '--layers',
      '20-8-3',
      '--address',
      'https://example.org/',
    );
    expect(text).toMatch(/^--data: the page at https:\/\/example\.org\/ has MNIST alone; with --port/);
    expect(readdirSync(folder)).toEqual(['data']);
  });

  it('a journal of another run', async () => {
    writeFileSync(journal, '{"schema":"mnist-kernels/journal@1","task":{}}\n');
    expect(await refusal('train', '--grid', grid.url, '--journal', journal)).toMatch(
      /is of another run; choose another/,
    );
  });
});

it.each([
  ['1..4', [1, 2, 3, 4]],
  ['7', [7]],
  ['1,2,5..7, 2', [1, 2, 5, 6, 7]],
])('seeds %s', (text, seeds) => {
  expect(toSeeds(text)).toEqual(seeds);
});
