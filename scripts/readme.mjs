#!/usr/bin/env node
// `npm run readme`: makes README's tables anew from bench/results/.
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
/** @type {{ module: typeof import('../src/bench/rendering/readme.ts') }} */
const { module } = await runnerImport('./src/bench/rendering/readme.ts', {
  configFile: false,
  logLevel: 'error',
});
const file = 'README.md';
writeFileSync(file, module.renderReadme(readFileSync(file, 'utf8')));
