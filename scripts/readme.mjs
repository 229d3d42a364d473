#!/usr/bin/env node
// `npm run readme`: makes the documents' tables anew, of README.md and BENCHMARKS.md from bench/results/, and
// of docs/CLI.md from the commands.
// @ts-check
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, vite } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** @type {typeof import('../src/bench/rendering/documents.ts')} */
const { DOCUMENT_FILES, renderDocument } = await load('/src/bench/rendering/documents.ts');
/** @type {typeof import('../src/cli/reference.ts')} */
const { REFERENCE, renderReference } = await load('/src/cli/reference.ts');

for (const file of DOCUMENT_FILES) writeFileSync(file, renderDocument(file, readFileSync(file, 'utf8')));
writeFileSync(REFERENCE, renderReference(readFileSync(REFERENCE, 'utf8')));
await vite.close();
