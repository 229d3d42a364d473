#!/usr/bin/env node
// `npm run models -- RECIPE [SEED…]`: trains a recipe in Chromium once for each seed (1 to 5 unless they are
// named), and keeps in models/ what keep_training.mjs says. A training that was interrupted goes on from its
// last checkpoint. It needs the built dist/.
// @ts-check
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call, keepTraining } from './keep_training.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

const [recipe, ...named] = process.argv.slice(2);
if (recipe === undefined) {
  console.error('npm run models -- RECIPE [SEED…]: which recipe?');
  process.exit(2);
}

for (const seed of named.length > 0 ? named : ['1', '2', '3', '4', '5']) {
  const work = join('build/models', `${recipe}-${seed}`);
  mkdirSync(work, { recursive: true });
  const [json, model] = [join(work, 'train.json'), join(work, 'model.safetensors')];
  const trained = call([
    ...['train', '--runtime', 'chromium', '--backend', 'wasm', '--recipe', recipe, '--seed', seed],
    ...['--checkpoint', work, '--resume', '--json', json, '--out', model],
  ]);
  if (!trained || !keepTraining(recipe, seed, JSON.parse(readFileSync(json, 'utf8')), model)) process.exit(1);
  rmSync(work, { recursive: true });
}
