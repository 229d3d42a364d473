// A training that is killed goes on from its checkpoint, and ends with the bits that it would have had.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointFolder } from '../../src/cli/checkpoint.ts';
import { InputError } from '../../src/errors.ts';
import { decodeCheckpoint, encodeCheckpoint, type TrainingIdentity } from '../../src/formats/checkpoint.ts';
import type { Checkpoint } from '../../src/training/report.ts';
import { killAndResume } from '../soak/kills.ts';
import { RECIPE } from '../training/setup.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const checkpoint = join(folder, 'kept0');
const file = join(checkpoint, 'checkpoint.safetensors');
const before = join(checkpoint, 'checkpoint.before.safetensors');

/** Some seconds, so that there is a checkpoint before its end. */
const TRAINING = '--backend wasm --threads 1 --layers 784-64-10 --train-limit 6000 --epochs 60'.split(' ');

function train(...options: string[]) {
  const child = spawn(process.execPath, ['dist/cli.js', 'train', ...TRAINING, ...options]);
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return { child, ended: once(child, 'close').then(([code]) => ({ code, stderr })) };
}

/** One bit of the last tensor. */
function flipped(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[bytes.length - 3] ^= 0x20;
  return damaged;
}

const at = (name: string) => join(folder, name);
const reportOf = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));

it('goes on after five kills as if there had been none', async () => {
  const { kills, resumed } = await killAndResume(folder, 5, 60, [0.5, 1.2]);
  expect(kills).toBe(5);
  expect(resumed).toBeGreaterThan(0);
}, 120_000);

it('goes on from the one before where the newest is damaged, and says so', async () => {
  const whole = readFileSync(file);
  writeFileSync(before, whole);
  writeFileSync(file, flipped(whole));
  const resumed = await train('--checkpoint', checkpoint, '--resume', '--json', at('again.json')).ended;
  writeFileSync(file, whole);
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).toContain(
    `${file}: it is damaged, its checksum does not match; taking the one before it\n`,
  );
  expect(reportOf('again.json').parameters).toEqual(reportOf('whole.json').parameters);
}, 60_000);

it('says that the bits will differ where it goes on with another build', async () => {
  const whole = readFileSync(file);
  const { checkpoint: kept } = await decodeCheckpoint(whole, file);
  const [build] = kept.builds;
  expect(build).toMatch(/^wasm (relaxed-)?simd$/);
  const { recipe } = reportOf('whole.json');
  const identity = { network: '784-64-10', data: 'MNIST', recipe, seed: 1, trainLimit: 6000 };
  writeFileSync(file, await encodeCheckpoint(identity, { ...kept, builds: ['webgpu ACME One'] }));
  const moved = await train('--checkpoint', checkpoint, '--resume', '--json', at('moved.json')).ended;
  writeFileSync(file, whole);
  expect(moved.stderr).toContain(
    `computed on webgpu ACME One so far, goes on with ${build}: its bits will differ from those of a run without interruption\n`,
  );
  expect(reportOf('moved.json').builds).toEqual(['webgpu ACME One', build]);
}, 60_000);

it('refuses what belongs to another training, or is broken, in one line', async () => {
  const other = await train('--seed', '2', '--checkpoint', checkpoint, '--resume').ended;
  expect(other.code).toBe(2);
  expect(other.stderr).toMatch(/is of another training: its seed is 1, this one's 2/);
  for (const each of [file, before]) writeFileSync(each, readFileSync(each).subarray(0, 5000));
  const broken = await train('--checkpoint', checkpoint, '--resume').ended;
  expect(broken.code).toBe(2);
  expect(broken.stderr.trim().split('\n')).toHaveLength(1);
  expect(broken.stderr).toMatch(
    /checkpoint\.safetensors: .*; .*checkpoint\.before\.safetensors: .*; leave out --resume/,
  );
  const nowhere = await train('--resume').ended;
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('--checkpoint <dir>') });
}, 60_000);

describe('the folder', () => {
  const identity: TrainingIdentity = { network: '4-3', data: 'MNIST', recipe: RECIPE, seed: 5 };
  const kept = (seconds: number): Checkpoint => ({
    builds: ['wasm simd'],
    epochs: [],
    stepLosses: [],
    curve: [],
    seconds,
    buffers: { kernel0: new Float32Array(12).fill(seconds) },
  });
  let own: string;
  const newest = () => join(own, 'checkpoint.safetensors');
  /** What is said of a checkpoint that could be written. */
  const inPlace = () => ({ what: 'checkpoint', place: newest() });
  const earlier = () => join(own, 'checkpoint.before.safetensors');
  const open = () => CheckpointFolder.open(own, identity);
  const found = async () => (await open()).read();

  beforeEach(async () => {
    own = mkdtempSync(join(folder, 'own-'));
    const written = await open();
    for (const seconds of [1, 2, 3]) {
      written.write(kept(seconds));
      expect(await written.settled()).toEqual(inPlace());
    }
  });

  it('leaves out those that a newer one has overtaken', async () => {
    const written = await open();
    for (const seconds of [4, 5, 6]) written.write(kept(seconds));
    expect(await written.settled()).toEqual(inPlace());
    expect(await found()).toEqual({ checkpoint: kept(6), damage: undefined });
    rmSync(newest());
    expect(await found()).toEqual({ checkpoint: kept(4), damage: undefined });
  });

  it('keeps the newest and the one before it, and nothing else', async () => {
    expect(readdirSync(own).sort()).toEqual(['checkpoint.before.safetensors', 'checkpoint.safetensors']);
    expect(await found()).toEqual({ checkpoint: kept(3), damage: undefined });
    rmSync(newest());
    expect(await found()).toEqual({ checkpoint: kept(2), damage: undefined });
    rmSync(earlier());
    expect(await found()).toBeUndefined();
  });

  it.each<[string, (bytes: Buffer) => Uint8Array]>([
    ['a bit of a tensor', flipped],
    ['a bit of the header', (bytes) => Buffer.from(bytes).fill(bytes[200] ^ 4, 200, 201)],
    ['a cut', (bytes) => bytes.subarray(0, -9)],
    ['all bytes lost', () => Buffer.alloc(0)],
  ])('gives the one before after %s, and keeps it until a newer one is whole', async (_, damage) => {
    writeFileSync(newest(), damage(readFileSync(newest())));
    const again = await open();
    expect(await again.read()).toEqual({
      checkpoint: kept(2),
      damage: expect.stringContaining(`${newest()}: `),
    });
    again.write(kept(4));
    expect(await again.settled()).toEqual(inPlace());
    expect(await found()).toEqual({ checkpoint: kept(4), damage: undefined });
    rmSync(newest());
    expect(await found()).toEqual({ checkpoint: kept(2), damage: undefined });
  });

  it('has nothing to go on with where both are damaged, which it says of each', async () => {
    for (const each of [newest(), earlier()]) writeFileSync(each, flipped(readFileSync(each)));
    await expect(found()).rejects.toThrow(
      new InputError(
        `${newest()}: it is damaged, its checksum does not match; ` +
          `${earlier()}: it is damaged, its checksum does not match; leave out --resume to start anew`,
      ),
    );
  });
});
