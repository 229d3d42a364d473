#!/usr/bin/env node
// `npm run fuzz -- --minutes N`: wrong inputs for every reader, others each time. It needs no build.
// @ts-check
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { load, vite } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** Inputs of one reader before the next one has its turn. */
const CASES = 500;

const command = new Command('npm run fuzz --')
  .description('gives every reader of files, addresses and messages inputs that are wrong')
  .option('--minutes <number>', 'how long', Number, 1)
  .option('--seed <number>', 'begins with this one', Number, Math.floor(Math.random() * 2 ** 31))
  .parse();
const { minutes, seed: first } = command.opts();
if (!(minutes > 0 && Number.isInteger(first))) command.error('expected --minutes above 0 and a whole --seed');

/** @type {typeof import('../test/fuzz/fuzz.ts')} */
const { fuzz, READERS } = await load('/test/fuzz/fuzz.ts');

const end = performance.now() + 60_000 * minutes;
let cases = 0;
let seed = first;
/** Readers that have failed once. @type {Set<string>} */
const failed = new Set();
for (; performance.now() < end && failed.size < READERS.length; seed++) {
  for (const reader of READERS) {
    if (failed.has(reader.name)) continue;
    const finding = await fuzz(reader, CASES, seed);
    cases += CASES;
    if (!finding) continue;
    failed.add(reader.name);
    console.log(`${reader.name}, seed ${seed}: ${finding.complaint}\n  kept as ${finding.file}`);
  }
}
await vite.close();
console.log(
  `${cases} inputs of ${READERS.length} readers, seeds ${first} to ${seed - 1}: ${failed.size} findings`,
);
process.exitCode = failed.size === 0 ? 0 : 1;
