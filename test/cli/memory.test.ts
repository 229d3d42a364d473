// What the command line holds while it trains.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** MNIST, and the weights of 784-512-512-10 with AdamW's two moments, in bytes. */
const IMAGES = 70_000 * 784;
const WEIGHTS = 4 * 3 * 669_706;

it('trains with its images held once', async () => {
  const options = [
    'train',
    '--backend',
    'wasm',
    '--threads',
    '1',
    '--layers',
    '784-512-512-10',
    // So that half of the time and more is spent with training, also on a busy machine.
    '--epochs',
    '3',
  ];
  const preload = ['--import', './test/cli/memory.mjs'];
  const { stderr } = await promisify(execFile)(process.execPath, [...preload, 'dist/cli.js', ...options]);
  const held = Number(/holds (\d+)/.exec(stderr)?.[1]);
  // The activations of a batch with their lists take 9 MB, and this program 14.
  expect(held).toBeGreaterThan(IMAGES + WEIGHTS);
  expect(held).toBeLessThan(90e6);
});
