// A browser that the command line started does not outlive it, however it ends, and leaves no folder behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { descendantsOf, runningOf } from './processes.ts';
import { RUNTIMES } from './runtimes.ts';

/** Temporary files go here, so that what is left behind shows. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-killed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Dying processes, and a folder that is removed, need a moment. */
const PATIENCE = { timeout: 10_000, interval: 100 };

/** A training that would last for hours. */
function startTraining(runtime: string): ChildProcess {
  return start('train', '--runtime', runtime, '--backend', 'wasm', '--threads', '1', '--epochs', '10000');
}

function start(...options: string[]): ChildProcess {
  return spawn(process.execPath, [join(packageRoot(), 'dist/cli.js'), ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });
}

function whenSaid(what: string, cli: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    cli.stderr!.on('data', (chunk) => {
      said += chunk;
      if (said.includes(what)) resolve();
    });
    cli.once('exit', () => reject(new Error(`it ended: ${said}`)));
  });
}

async function expectNothingLeftAfter(signal: NodeJS.Signals, cli: ChildProcess): Promise<void> {
  const started = descendantsOf(cli.pid!).map(({ pid }) => pid);
  expect(started.length).toBeGreaterThan(1); // the watchdog, and the browser
  const ended = once(cli, 'exit');
  cli.kill(signal);
  expect((await ended)[1]).toBe(signal);
  await expect.poll(() => runningOf(started), PATIENCE).toEqual([]);
  await expect.poll(() => readdirSync(folder), PATIENCE).toEqual([]);
}

/** What ends by itself is the same for each browser; what only the watchdog can end is not. */
const ends = (signal: NodeJS.Signals) => [
  ...RUNTIMES.map((runtime) => [runtime, 'SIGKILL'] as const),
  ['chromium', signal] as const,
];

it.each(ends('SIGTERM'))('%s ends when %s ends a training in it', async (runtime, signal) => {
  const cli = startTraining(runtime);
  await whenSaid('epoch 1', cli);
  await expectNothingLeftAfter(signal, cli);
});

it.each(ends('SIGHUP'))('%s ends when %s comes while it starts', async (runtime, signal) => {
  const cli = startTraining(runtime);
  await expect.poll(() => descendantsOf(cli.pid!).length, PATIENCE).toBeGreaterThan(1);
  await expectNothingLeftAfter(signal, cli);
});

it('chromium ends when Ctrl-C ends a benchmark in it', async () => {
  const cli = start('bench', '--suite', 'step', '--seconds', '600', '--threads', '1');
  await whenSaid('step 784-128-10', cli);
  await expectNothingLeftAfter('SIGINT', cli);
});

it('a validation that Ctrl-C stops says so, and passes no verdict', async () => {
  const cli = start('validate', '--backend', 'wasm', '--json', join(folder, 'report.json'));
  await whenSaid('wasm simd', cli);
  cli.kill('SIGINT');
  expect((await once(cli, 'exit'))[0]).toBe(130);
  const { stopped, pass } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  expect({ stopped, pass }).toEqual({ stopped: true, pass: false });
});
