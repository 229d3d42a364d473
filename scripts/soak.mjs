#!/usr/bin/env node
// `npm run soak -- --minutes N --kills N`: a training that is killed again and again, then trainings,
// evaluations and predictions for a long time, in one process and in one page; what they take is to stay as
// it is.
// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { load, vite } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const command = new Command('npm run soak --')
  .description('runs for a long time, and holds what it takes against what it took at first')
  .option('--minutes <number>', 'in the process and in the page', Number, 30)
  .option('--kills <number>', 'of a training that goes on each time', Number, 50)
  .parse();
const { minutes, kills } = command.opts();
if (!(minutes >= 0 && kills >= 0)) command.error('expected --minutes and --kills of 0 or more');

/** @typedef {import('../test/soak/sizes.ts').Sizes} Sizes */

// A process that can collect its garbage before it is measured.
if (!globalThis.gc) {
  const { status } = spawnSync(process.execPath, ['--expose-gc', ...process.argv.slice(1)], {
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}

let failed = false;
if (kills > 0) {
  /** @type {typeof import('../test/soak/kills.ts')} */
  const { killAndResume } = await load('/test/soak/kills.ts');
  const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-soak-'));
  const killed = await killAndResume(folder, kills, 400, [0.5, 5], console.log);
  rmSync(folder, { recursive: true });
  console.log(
    `${killed.kills} kills of ${killed.trainings} trainings, all with the bits of one without a kill`,
  );
}
if (minutes > 0) {
  /** @type {typeof import('../test/soak/process_loop.ts')} */
  const { soakProcess } = await load('/test/soak/process_loop.ts');
  /** @type {typeof import('../test/soak/page_loop.ts')} */
  const { soakPage } = await load('/test/soak/page_loop.ts');
  const until = performance.now() + 60_000 * minutes;
  const [own, page] = await Promise.all([
    soakProcess(until, logOf('process')),
    soakPage(until, logOf('page')),
  ]);
  await report('process', own);
  await report('page', page);
}
await vite.close();
process.exit(failed ? 1 : 0);

/**
 * Twice a minute.
 * @param {string} what
 */
function logOf(what) {
  let last = 0;
  return (/** @type {Sizes} */ sizes) => {
    if (performance.now() < last + 30_000) return;
    last = performance.now();
    const values = Object.entries(sizes).map(([name, value]) => `${name} ${value.toFixed(0)}`);
    console.log(`${new Date().toLocaleTimeString()} ${what}: ${values.join(', ')}`);
  };
}

/**
 * @param {string} what
 * @param {readonly Sizes[]} samples
 */
async function report(what, samples) {
  /** @type {typeof import('../test/soak/sizes.ts')} */
  const { coursesOf } = await load('/test/soak/sizes.ts');
  /** @type {typeof import('../src/cli/output.ts')} */
  const { table } = await load('/src/cli/output.ts');
  const courses = coursesOf(samples);
  failed ||= courses.some(({ flat }) => !flat);
  console.log(
    table(
      [`${what}, ${samples.length} rounds`, 'early', 'late', 'most', ''],
      courses.map(({ name, early, late, most, flat }) => [
        name,
        early.toFixed(1),
        late.toFixed(1),
        most.toFixed(1),
        flat ? 'flat' : 'GROWS',
      ]),
    ),
  );
}
