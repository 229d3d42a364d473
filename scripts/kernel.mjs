#!/usr/bin/env node
// `npm run kernel -- NAME [--engine wasm|webgpu] [--once]`: compiles the kernel, holds it against the oracle
// on all its shapes, and does so again whenever a source changes. It needs no build.
// @ts-check
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Argument, Command, Option } from 'commander';
import { load } from './load.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

/** @returns {Promise<typeof import('../test/kernels/loop.ts')>} as its sources are now */
const loadLoop = () => load('/test/kernels/loop.ts');

const { KERNELS, ENGINES, checkOnce } = await loadLoop();
const command = new Command('npm run kernel --')
  .description('holds a kernel against the oracle after every change of its sources')
  .addArgument(new Argument('<name>', 'of the kernel').choices(KERNELS))
  .addOption(new Option('--engine <name>', 'both if left out').choices(ENGINES))
  .option('--once', 'do not wait for changes')
  .parse();
const [name] = command.args;
const { engine, once } = command.opts();
const engines = engine ? [engine] : ENGINES;

await checkOnce(name, engines);
if (!once) {
  let changed = false;
  let running = false;
  const again = async () => {
    changed = true;
    if (running) return;
    running = true;
    while (changed) {
      // A file is saved in several steps.
      await setTimeout(100);
      changed = false;
      console.log(`\n${new Date().toLocaleTimeString()}`);
      try {
        await (await loadLoop()).checkOnce(name, engines);
      } catch (error) {
        // A source that cannot be loaded as it is: the next save may mend it.
        console.error(String(error));
      }
    }
    running = false;
  };
  for (const folder of ['assembly', 'shaders', 'src']) watch(folder, { recursive: true }, again);
  console.log('waiting for changes in assembly/, shaders/ and src/');
} else process.exit();
