#!/usr/bin/env node
// `npm run compiled`: writes bench/results/compiled-radv.json, what Mesa's compiler for AMD's GPUs makes of
// our products and of our peers', on any Linux machine with Mesa's Vulkan drivers and spirv-tools. It needs
// no GPU and no build.
// @ts-check
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** @type {typeof import('../test/compiled/compiled.ts')} */
const { compileAll } = await load('/test/compiled/compiled.ts');
/** @type {typeof import('../test/compiled/peers.ts')} */
const { peerProducts } = await load('/test/compiled/peers.ts');
const file = 'bench/results/compiled-radv.json';
const compiled = await compileAll(await peerProducts());
writeFileSync(file, `${JSON.stringify(compiled, null, 2)}\n`);
console.log(
  `${compiled.kernels.length} compiled kernels in ${file}; npm run readme makes BENCHMARKS.md's table of them`,
);
process.exit();
