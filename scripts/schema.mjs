#!/usr/bin/env node
// `npm run schema`: makes bench/schema.json anew.
// @ts-check
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
/** @type {{ module: typeof import('../src/jobs/json_schema.ts') }} */
const { module } = await runnerImport('./src/jobs/json_schema.ts', { configFile: false, logLevel: 'error' });
writeFileSync('bench/schema.json', module.renderJsonSchema());
