// What scripts share: calls of the built command line, and what is kept of a recipe's trainings, every seed's
// report and the network of one seed. Paths are relative to the repository's root, where such a script goes
// first.
// @ts-check
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Its network ships, whichever seed's is the best. */
const SHIPPED_SEED = '1';

/**
 * @param {readonly string[]} options
 * @param {number} [seconds] after which it is ended
 * @param {string} [node] left out, the one that runs this script
 * @returns whether it succeeded
 */
export function call(options, seconds, node = process.execPath) {
  const timeout = seconds === undefined ? undefined : 1000 * seconds;
  const { status } = spawnSync(node, ['dist/cli.js', ...options], { stdio: 'inherit', timeout });
  return status === 0;
}

/**
 * Writes the report to models/reports/, and the network of the seed that ships, in float16, to
 * models/RECIPE.safetensors.
 * @param {string} recipe
 * @param {string} seed
 * @param {{ stepLosses: readonly number[] }} report what `train --json` wrote
 * @param {string} model the file that `train --out` wrote
 * @returns false if the network ships but could not be written
 */
export function keepTraining(recipe, seed, report, model, folder = 'models') {
  const reports = join(folder, 'reports');
  mkdirSync(reports, { recursive: true });
  // The losses of single steps are many, and can be had again by training again.
  const kept = { ...report, stepLosses: [] };
  writeFileSync(join(reports, `${recipe}-${seed}.json`), `${JSON.stringify(kept)}\n`);
  if (seed !== SHIPPED_SEED) return true;
  const half = ['--format', 'safetensors', '--precision', 'float16'];
  return call(['export', '--model', model, ...half, '--out', join(folder, `${recipe}.safetensors`)], 60);
}
