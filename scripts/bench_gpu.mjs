#!/usr/bin/env node
// `npm run bench:gpu`: checks, tunes and measures the WebGPU engine on this machine's device through Node and Dawn, and
// writes it down in bench/results/. It needs the built dist/ and nothing else; on an adapter that runs on the processor
// the same steps run at a reduced size.
// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'bench/results');
const work = join(results, '.unfinished');
rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const begin = performance.now();
/** @type {{ [step: string]: { seconds: number, options: string, ok: boolean, result: unknown } }} */
const steps = {};

const validated = run('validate', ['validate', '--backend', 'webgpu']);
const adapter = String(validated?.environment?.adapter ?? 'unknown').split(',')[0];
const software = /swiftshader|llvmpipe|lavapipe|software/i.test(adapter);
console.error(`${adapter}${software ? ', on the processor: a reduced size' : ''}`);

const gpu = ['bench', '--runtime', 'node', '--backend', 'webgpu', '--autotune'];
const small = software ? '784-32-10' : '784-128-10';
const large = software ? '784-64-64-10' : '784-512-512-10,784-2048-2048-10';
const [few, many] = software ? ['128', '128'] : ['128', '1024'];
const seconds = ['--seconds', software ? '2' : '4'];
run('kernels', [...gpu, '--suite', 'kernels', '--layers', `${small},${large}`, '--batch', many, ...seconds]);
run('epoch', [...gpu, '--suite', 'epoch', '--layers', small, '--batch', few, '--no-peers', ...seconds]);
run('step-small', [...gpu, '--suite', 'step,inference', '--layers', small, '--batch', few, ...seconds]);
run('step-large', [...gpu, '--suite', 'step', '--layers', large, '--batch', many, ...seconds]);
const quick = ['train', '--backend', 'webgpu', '--recipe', 'quick', '--profile'];
run('quick', software ? [...quick, '--layers', small, '--train-limit', '6000'] : quick);
const lacksHalf = validated?.passedOver.some((/** @type {any} */ { what }) => what.endsWith('mixed'));
if (!lacksHalf) run('quick-mixed', [...quick, '--precision', 'mixed']);

const name = adapter
  .toLowerCase()
  .replaceAll(/[^a-z0-9]+/g, '-')
  .replaceAll(/^-|-$/g, '');
const file = join(results, `webgpu-node-${name}.json`);
const minutes = (performance.now() - begin) / 60_000;
writeFileSync(
  file,
  `${JSON.stringify({ schema: 'mnist-kernels/campaign@1', adapter, software, minutes, steps }, null, 1)}\n`,
);
rmSync(work, { recursive: true });
const failed = Object.entries(steps).filter(([, { ok }]) => !ok);
for (const [step, { options }] of failed) console.error(`failed: ${step} (${options})`);
console.error(`${minutes.toFixed(1)} minutes; written to ${file}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * One call of the command line; what it prints is shown, and its JSON kept.
 * @param {string} step
 * @param {readonly string[]} options
 * @returns {any}
 */
function run(step, options) {
  const json = join(work, `${step}.json`);
  console.error(`\n${step}: ${options.join(' ')}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...options, '--json', json], {
    stdio: 'inherit',
    timeout: 240_000,
  });
  let result = null;
  try {
    result = JSON.parse(readFileSync(json, 'utf8'));
  } catch {
    // The step failed before it could write.
  }
  // The numbers of every shape are the tests' business; here the verdict counts.
  if (step === 'validate' && result)
    result.kernels = result.kernels.filter((/** @type {any} */ row) => !row.pass);
  const took = (performance.now() - start) / 1000;
  steps[step] = { seconds: took, options: options.join(' '), ok: status === 0, result };
  return result;
}
