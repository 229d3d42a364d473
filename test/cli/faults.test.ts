// Disks that are full, broken or not ours: a training loses nothing that was there, and no model that it made.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeCheckpoint } from '../../src/formats/checkpoint.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { writeIdxFolder } from './idx_folder.ts';
import { runCli } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);

const CODES = ['ENOSPC', 'EACCES', 'EIO'];

interface FaultyRun {
  readonly code: number;
  /** What it said, without progress. */
  readonly lines: readonly string[];
  readonly operations: number;
}

/** A training that keeps checkpoints and writes a model, a report and a page, in a folder of its own. */
function train(where: string, failAt = 0, seed = 2): Promise<FaultyRun> {
  const options = [
    ...['train', '--backend', 'wasm', '--threads', '1', '--layers', '20-8-3', '--data', at('data')],
    ...['--epochs', '3', '--seed', String(seed), '--checkpoint', join(where, 'kept')],
    ...['--checkpoint-seconds', '0', '--out', join(where, 'model'), '--json', join(where, 'json')],
    ...['--html', join(where, 'html')],
  ];
  const env = {
    ...process.env,
    TMPDIR: join(where, 'tmp'),
    FAIL_AT: String(failAt),
    FAIL_CODE: CODES[failAt % CODES.length],
  };
  const faulty = new URL('./faulty_fs.mjs', import.meta.url).href;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', faulty, 'dist/cli.js', ...options],
      { env },
      (error, _, stderr) => {
        const lines = stderr.trimEnd().split('\n');
        const operations = Number(/^(\d+) file operations$/.exec(lines.pop()!)?.[1]);
        const said = lines.filter((line) => !/^epoch \d|^20-8-3, recipe|^engine: |^ {2}not /.test(line));
        resolve({ code: error ? Number(error.code) : 0, lines: said, operations });
      },
    );
  });
}

/** A folder with what an earlier training left. */
function freshCopy(name: string): string {
  cpSync(at('before'), at(name), { recursive: true });
  return at(name);
}

const OUTPUTS = ['model', 'json', 'html'];

describe('a training whose n-th file operation fails', () => {
  let operations: number;
  /** The bytes of a training without a fault. */
  let after: Map<string, Buffer>;
  beforeAll(async () => {
    writeIdxFolder(at('data'));
    mkdirSync(join(at('before'), 'tmp'), { recursive: true });
    await train(at('before'), 0, 1);
    const whole = freshCopy('whole');
    const done = await train(whole);
    expect(done).toMatchObject({ code: 0, lines: [] });
    operations = done.operations;
    after = new Map(OUTPUTS.map((name) => [name, readFileSync(join(whole, name))]));
  });

  /** Leaves what was there, or the whole of what is new, and says which. */
  async function check(failAt: number): Promise<void> {
    const where = freshCopy(`at ${failAt}`);
    const { code, lines } = await train(where, failAt);
    const what = `operation ${failAt}: ${lines.join(' | ')}`;
    const isNew = (name: string) => {
      const bytes = readFileSync(join(where, name));
      // A report has times, the model has not.
      const whole = name === 'model' ? after.get(name)! : undefined;
      if (whole?.equals(bytes)) return true;
      if (bytes.equals(readFileSync(join(at('before'), name)))) return false;
      expect(whole, what).toBeUndefined();
      if (name === 'json') JSON.parse(bytes.toString());
      else expect(bytes.toString(), what).toMatch(/<\/html>\s*$/);
      return true;
    };
    const states = OUTPUTS.map(isNew);
    if (code === 0) {
      expect(states, what).toEqual([true, true, true]);
      expect(lines.length, what).toBeLessThanOrEqual(1);
    } else {
      expect(lines.length, what).toBeGreaterThan(0);
      expect(lines.at(-1), what).toMatch(/the disk is full|no permission|EIO/);
      for (const [index, name] of OUTPUTS.entries())
        if (code === 1 && !states[index]) expect(lines.at(-1), what).toContain(join(where, name));
    }
    if (code === 2) expect(states, what).toEqual([false, false, false]);
    if (code === 1 && !states[0]) {
      const rescued = /the model is in (\S+.*)$/.exec(
        lines
          .at(-1)!
          .split('; ')
          .find((line) => /is in/.test(line))!,
      );
      expect(readFileSync(rescued![1]).equals(after.get('model')!), what).toBe(true);
    }
    await expectCheckpoint(where, what);
  }

  it('has all that is asked for, or the last whole state, for every n', async () => {
    expect(operations).toBeGreaterThan(30);
    let next = 1;
    const work = async () => {
      while (next <= operations) await check(next++);
    };
    await Promise.all([work(), work()]);
  }, 120_000);
});

async function expectCheckpoint(where: string, what: string): Promise<void> {
  const files = readdirSync(join(where, 'kept')).filter((name) => name.endsWith('.safetensors'));
  const whole = await Promise.all(
    files.map((name) =>
      decodeCheckpoint(readFileSync(join(where, 'kept', name)), name).then(
        () => true,
        () => false,
      ),
    ),
  );
  expect(whole.length, what).toBeGreaterThan(0);
  expect(whole.every(Boolean), what).toBe(true);
}

describe.runIf(process.platform === 'linux')('a full device', () => {
  const TRAIN = [
    'train',
    '--backend',
    'wasm',
    '--threads',
    '1',
    '--layers',
    '20-3',
    '--epochs',
    '1',
    '--data',
  ];
  beforeAll(() => void writeIdxFolder(at('small')));

  it('as the report loses no model, and is told of', async () => {
    const ended = await runCli([...TRAIN, at('small'), '--json', '/dev/full', '--out', at('kept')]);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('test accuracy');
    expect(ended.stderr.trimEnd().split('\n').at(-1)).toBe('cannot write /dev/full: the disk is full');
    expect(decodeModel(readFileSync(at('kept')), 'kept').network.widths).toEqual([20, 3]);
  });
});
