#!/usr/bin/env node
// `npm run models -- RECIPE [SEED…]`: trains a recipe in Chromium once for each seed (1 to 5 unless they are named), keeps every
// report in models/reports/, and the network of seed 1, whichever that is, as models/RECIPE.safetensors. A training that was
// interrupted goes on from its last checkpoint. It needs the built dist/.
// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const [recipe, ...named] = process.argv.slice(2);
if (recipe === undefined) {
  console.error('npm run models -- RECIPE [SEED…]: which recipe?');
  process.exit(2);
}
const REPORTS = 'models/reports';
mkdirSync(REPORTS, { recursive: true });
const SHIPPED_SEED = '1';

for (const seed of named.length > 0 ? named : ['1', '2', '3', '4', '5']) {
  const work = join('build/models', `${recipe}-${seed}`);
  mkdirSync(work, { recursive: true });
  const [json, model] = [join(work, 'train.json'), join(work, 'model.safetensors')];
  const where = ['--runtime', 'chromium', '--backend', 'wasm'];
  const survive = ['--checkpoint', work, '--resume'];
  run('train', ...where, '--recipe', recipe, '--seed', seed, ...survive, '--json', json, '--out', model);
  // The losses of single steps are many, and can be had again by training again.
  const report = { ...JSON.parse(readFileSync(json, 'utf8')), stepLosses: [] };
  writeFileSync(join(REPORTS, `${recipe}-${seed}.json`), `${JSON.stringify(report, null, 1)}\n`);
  if (seed === SHIPPED_SEED) {
    const half = ['--format', 'safetensors', '--precision', 'float16'];
    run('export', '--model', model, ...half, '--out', `models/${recipe}.safetensors`);
  }
  rmSync(work, { recursive: true });
}

/** @param {string[]} options */
function run(...options) {
  const { status } = spawnSync(process.execPath, ['dist/cli.js', ...options], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
