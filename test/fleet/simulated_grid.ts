// Starts a simulated Grid, and runs jobs over it with what the command line has for a real one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { WebDriverServer } from '../../src/cli/browser/webdriver.ts';
import { type DispatchOptions, dispatch, type FleetJob } from '../../src/cli/grid/dispatcher.ts';
import { type Entry, Journal, type NewEntry } from '../../src/cli/grid/journal.ts';
import { encodeWire } from '../../src/formats/wire.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { findRecipe } from '../../src/training/recipes.ts';

export interface SimulatedGridOptions {
  readonly slots: number;
  /** Of a job. */
  readonly seconds: number;
  /** All nodes have one host. */
  readonly onOneMachine?: boolean;
  /** By slot. */
  readonly faults?: { readonly [slot: number]: string };
}

export interface SimulatedGrid {
  readonly url: string;
  /** Sessions: opened so far, open at once at most, open now. */
  counts(): Promise<{ opened: number; most: number; now: number }>;
  close(): void;
}

/** A training's report of the usual size. */
const REPORT = {
  schema: 'mnist-kernels/train@1',
  ...findRecipe('quick'),
  builds: ['wasm relaxed-simd'],
  epochs: Array.from({ length: 20 }, (_, epoch) => ({
    epoch,
    trainLoss: 0.123456789,
    testAccuracy: 0.987654321,
  })),
  test: { accuracy: 0.98, loss: 0.1, confusion: Array.from({ length: 10 }, () => Array(10).fill(1234)) },
  parameters: { count: 101_770, sha256: 'a'.repeat(64) },
};

export async function startSimulatedGrid(options: SimulatedGridOptions): Promise<SimulatedGrid> {
  const outcome = encodeWire({ report: REPORT });
  const script = join(packageRoot(), 'test/fleet/simulated_grid.mjs');
  const child = spawn(process.execPath, [script, JSON.stringify({ ...options, version, outcome })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  const url = first.toString().trim();
  return {
    url,
    counts: () => new WebDriverServer(url).command('GET', '/counts'),
    close: () => child.kill(),
  };
}

export const jobsNamed = (ids: readonly string[]): FleetJob[] => {
  const job = { kind: 'train', backend: 'wasm', ...findRecipe('quick'), seed: 1 } as const;
  return ids.map((id) => ({ id, task: { job, dataset: { kind: 'mnist' }, model: false } }));
};

/** Runs jobs to their end. @returns what the journal has then */
export async function runOver(
  { url }: SimulatedGrid,
  jobs: readonly FleetJob[],
  options: Partial<DispatchOptions> = {},
): Promise<Entry[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-dispatch-'));
  const task = { version, command: 'train', data: 'MNIST', job: {}, axes: {} } as const;
  const { journal } = await Journal.open(join(folder, 'journal.jsonl'), task);
  try {
    await dispatch({
      server: new WebDriverServer(url),
      page: 'http://page/runner.html',
      jobs,
      alone: false,
      journal,
      keep: async (_, { report }) => ({ kind: 'train', report }) as never,
      patience: 60,
      signal: new AbortController().signal,
      onEntry: (_: NewEntry) => {},
      onProgress: () => {},
      ...options,
    });
    return await journal.read();
  } finally {
    await journal.close();
    rmSync(folder, { recursive: true });
  }
}
