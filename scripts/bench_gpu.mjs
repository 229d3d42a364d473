#!/usr/bin/env node
// `npm run bench:gpu`: checks, tunes and measures the WebGPU engine on this machine's device through Node and
// Dawn, trains the recipe `record` there, and writes it all down in bench/results/ and models/. It needs the
// built dist/ and nothing else; on an adapter that runs on the processor the same steps run at a reduced
// size, and models/ stays as it is. Interrupted, it goes on with the step that was under way, and within a
// training from its last checkpoint. `npm run bench:gpu -- 1` trains `record` with that seed alone.
// @ts-check
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { call, keepTraining } from './keep_training.mjs';

/** One of the recipe `record`, at most. */
const TRAINING_SECONDS = 3600;

// Paths are relative, so that the results do not name this machine's folders.
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const results = 'bench/results';
const work = join(results, '.unfinished');
mkdirSync(work, { recursive: true });
const finished = join(work, 'steps.json');
/** @type {{ [step: string]: { seconds: number, options: string, ok: boolean, result: any } }} */
const steps = existsSync(finished) ? JSON.parse(readFileSync(finished, 'utf8')) : {};
if (existsSync(finished))
  console.error(`going on after ${Object.keys(steps).join(', ')}; without ${work} all is done anew`);

const validated = run('validate', ['validate', '--backend', 'webgpu']);
const adapter = String(validated?.environment?.adapter ?? 'unknown').split(',')[0];
const software = /swiftshader|llvmpipe|lavapipe|software/i.test(adapter);
console.error(`${adapter}${software ? ', on the processor: a reduced size' : ''}`);

const gpu = ['bench', '--runtime', 'node', '--backend', 'webgpu', '--autotune'];
const peers = ['--peers', 'tfjs-webgpu,jax-js webgpu'];
const small = software ? '784-32-10' : '784-128-10';
const large = software ? '784-64-64-10' : '784-512-512-10,784-2048-2048-10';
const [few, many] = software ? ['128', '128'] : ['128', '1024'];
const seconds = ['--seconds', software ? '2' : '4'];
run('kernels', [...gpu, '--suite', 'kernels', '--layers', `${small},${large}`, '--batch', many, ...seconds]);
const batches = [...new Set([few, many])].join();
run('epoch', [...gpu, '--suite', 'epoch', '--layers', small, '--batch', batches, '--no-peers', ...seconds]);
const contest = [...gpu, ...peers, ...seconds];
run('step-small', [...contest, '--suite', 'step,inference', '--layers', small, '--batch', few]);
run('step-large', [...contest, '--suite', 'step', '--layers', large, '--batch', many]);
const contestants = software ? ['--no-peers', '--seeds', '1'] : peers;
run('time-to-accuracy', [...gpu, '--suite', 'time-to-accuracy', ...contestants]);
const quick = ['train', '--backend', 'webgpu', '--recipe', 'quick', '--profile'];
run('quick', software ? [...quick, '--layers', small, '--train-limit', '6000'] : quick);
const lacksHalf = validated?.passedOver.some((/** @type {any} */ { what }) => what.endsWith('mixed'));
if (!lacksHalf) run('quick-mixed', [...quick, '--precision', 'mixed']);

const seeds = process.argv.length > 2 ? process.argv.slice(2) : software ? ['1'] : ['1', '2', '3', '4', '5'];
for (const seed of seeds) trainRecord(seed);

const name = adapter
  .toLowerCase()
  .replaceAll(/[^a-z0-9]+/g, '-')
  .replaceAll(/^-|-$/g, '');
const { roofline } = steps.kernels?.result ?? {};
const floors = roofline && [
  floorOf('784-128-10', 128, roofline),
  floorOf('784-128-10', 1024, roofline),
  floorOf('784-512-512-10', 1024, roofline),
  floorOf('784-2048-2048-10', 1024, roofline),
];
for (const { network, batch, milliseconds } of floors ?? [])
  console.error(`an epoch of ${network}, batch ${batch}, takes ${milliseconds.toFixed(1)} ms at least`);

const file = join(results, `webgpu-node-${name}.json`);
const minutes = Object.values(steps).reduce((sum, step) => sum + step.seconds, 0) / 60;
writeFileSync(
  file,
  `${JSON.stringify({ schema: 'mnist-kernels/campaign@1', adapter, software, minutes, floors, steps })}\n`,
);
rmSync(work, { recursive: true });
const failed = Object.entries(steps).filter(([, { ok }]) => !ok);
for (const [step, { options }] of failed) console.error(`failed: ${step} (${options})`);
console.error(`${minutes.toFixed(1)} minutes; written to ${file}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * What an epoch on 60,000 images takes if the device does nothing but its multiply-adds at their peak, or
 * moves the weights, the momentum and the pixels at the speed of a copy, whichever is longer, and each
 * dispatch waits for the one before it.
 * @param {string} network
 * @param {number} batch
 * @param {{ gflops: number, gigabytesPerSecond: number, overheads: { dispatch: number } }} ceilings
 */
function floorOf(network, batch, { gflops, gigabytesPerSecond, overheads }) {
  const widths = network.split('-').map(Number);
  const products = widths.slice(1).map((units, layer) => units * widths[layer]);
  const weights = products.reduce((sum, each) => sum + each, 0);
  const operations = batch * (6 * weights - 2 * products[0]);
  const bytes = 4 * 4 * weights + batch * widths[0];
  // One for the first layer, one for each further one up to the output layer, then back, and one for all
  // weights: test/engine/webgpu_fusions.test.ts counts them.
  const dispatches = 2 * products.length - 1;
  const step = Math.max(operations / gflops / 1e6, bytes / gigabytesPerSecond / 1e6);
  const milliseconds = Math.ceil(60_000 / batch) * (step + (dispatches * overheads.dispatch) / 1000);
  return { network, batch, milliseconds };
}

/** @param {string} seed */
function trainRecord(seed) {
  const reduced = software ? ['--layers', large, '--epochs', '2', '--train-limit', '2000'] : [];
  const model = join(work, `record-${seed}.safetensors`);
  const survive = ['--checkpoint', join(work, `record-${seed}`), '--resume'];
  const recipe = ['--recipe', 'record', '--seed', seed, ...reduced];
  const options = ['train', '--backend', 'webgpu', ...recipe, ...survive, '--out', model];
  const report = run(`record-${seed}`, options, TRAINING_SECONDS);
  if (report) keepTraining('record', seed, report, model, software ? work : 'models');
}

/**
 * A step: one call of the command line; what it prints is shown, and its JSON kept.
 * @param {string} step
 * @param {readonly string[]} options
 * @returns {any}
 */
function run(step, options, seconds = 240) {
  const text = options.join(' ');
  if (steps[step]?.ok && steps[step].options === text) return steps[step].result;
  const json = join(work, `${step}.json`);
  console.error(`\n${step}: ${text}`);
  const start = performance.now();
  const ok = call([...options, '--json', json], seconds);
  let result = null;
  try {
    result = JSON.parse(readFileSync(json, 'utf8'));
  } catch {
    // The step failed before it could write.
  }
  // The numbers of every shape are the tests' business; here the verdict counts.
  if (step === 'validate' && result)
    result.kernels = result.kernels.filter((/** @type {any} */ row) => !row.pass);
  // The losses of single steps are many, and can be had again.
  if (result?.stepLosses) result.stepLosses = [];
  steps[step] = { seconds: (performance.now() - start) / 1000, options: text, ok, result };
  writeFileSync(finished, JSON.stringify(steps));
  return result;
}
