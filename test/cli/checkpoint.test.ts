// A training that is killed goes on from its checkpoint, and ends with the bits that it would have had.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const checkpoint = join(folder, 'kept');
const file = join(checkpoint, 'checkpoint.safetensors');

/** Some seconds, so that there is a checkpoint before its end. */
const TRAINING = '--backend wasm --threads 1 --layers 784-64-10 --train-limit 6000 --epochs 120'.split(' ');

function train(...options: string[]) {
  const child = spawn(process.execPath, ['dist/cli.js', 'train', ...TRAINING, ...options]);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code, stderr })) };
}

const reportOf = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));

it('goes on after a kill as if there had been none', async () => {
  const { child, ended } = train('--checkpoint', checkpoint);
  while (!existsSync(file) && child.exitCode === null) await new Promise((r) => setTimeout(r, 20));
  child.kill('SIGKILL');
  expect((await ended).code).toBeNull();
  const resumed = await train('--checkpoint', checkpoint, '--resume', '--json', join(folder, 'resumed.json'))
    .ended;
  expect(resumed).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/going on after epoch \d+ of 120/),
  });
  const whole = await train('--json', join(folder, 'whole.json')).ended;
  expect(whole.code).toBe(0);
  const [a, b] = [reportOf('resumed.json'), reportOf('whole.json')];
  expect(a.parameters.sha256).toBe(b.parameters.sha256);
  expect(a.stepLosses).toEqual(b.stepLosses);
  expect(a.epochs).toHaveLength(120);
}, 120_000);

it('refuses what belongs to another training, or is broken, in one line', async () => {
  const other = await train('--seed', '2', '--checkpoint', checkpoint, '--resume').ended;
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/is of another training: its seed is 1, this one's 2/);
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length / 2));
  const broken = await train('--checkpoint', checkpoint, '--resume').ended;
  expect(broken.code).toBe(2);
  expect(broken.stderr.trim().split('\n')).toHaveLength(1);
  const nowhere = await train('--resume').ended;
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('--checkpoint <dir>') });
}, 60_000);
