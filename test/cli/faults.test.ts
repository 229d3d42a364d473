// Disks that are full, broken or not ours: a training loses nothing that was there, and no model that it made.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
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

/** As test/cli/faulty_fs.mjs takes it. */
type Fault = { readonly [F in `FAIL_${'AT' | 'BELOW' | 'TIMES' | 'CODE'}`]?: string };

/** A training that keeps checkpoints and writes a model, a report and a page, in a folder of its own. */
function train(where: string, fault: Fault = {}, seed = 2): Promise<FaultyRun> {
  const options = [
    ...['train', '--backend', 'wasm', '--threads', '1', '--layers', '20-8-3', '--data', at('data')],
    ...['--epochs', '3', '--seed', String(seed), '--checkpoint', join(where, 'kept')],
    ...['--checkpoint-seconds', '0', '--out', join(where, 'model'), '--json', join(where, 'json')],
    ...['--html', join(where, 'html')],
  ];
  const env = { ...process.env, TMPDIR: join(where, 'tmp'), ...fault };
  const faulty = new URL('./faulty_fs.mjs', import.meta.url).href;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', faulty, 'dist/cli.js', ...options],
      { env },
      (error, _, stderr) => {
        const lines = stderr.trimEnd().split('\n');
        const operations = Number(/^(\d+) file operations$/.exec(lines.pop()!)?.[1]);
        const said = lines.filter(
          (line) =>
            !/^epoch \d|^20-8-3, recipe|^engine: |^ {2}not |^(model|report|web page|checkpoint): /.test(line),
        );
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
    await train(at('before'), {}, 1);
    const whole = freshCopy('whole');
    const done = await train(whole);
    expect(done).toMatchObject({ code: 0, lines: [] });
    operations = done.operations;
    after = new Map(OUTPUTS.map((name) => [name, readFileSync(join(whole, name))]));
  });

  /** Leaves what was there, or the whole of what is new, and says which. */
  async function check(failAt: number): Promise<void> {
    const where = freshCopy(`at ${failAt}`);
    const FAIL_CODE = CODES[failAt % CODES.length];
    const { code, lines } = await train(where, { FAIL_AT: String(failAt), FAIL_CODE });
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

  it('tells of each checkpoint that finds the disk full, and saves the model', async () => {
    const where = freshCopy('no checkpoints');
    const full = `cannot write ${join(where, 'kept', 'checkpoint.safetensors')}: the disk is full`;
    const ended = await train(where, { FAIL_BELOW: join(where, 'kept'), FAIL_CODE: 'ENOSPC' });
    expect(ended).toMatchObject({ code: 1 });
    const told = ended.lines.slice(0, -1);
    expect(told.length).toBeGreaterThan(0);
    expect(new Set(told)).toEqual(new Set([`${full}; the training goes on`]));
    expect(ended.lines.at(-1)).toBe(full);
    expect(readFileSync(join(where, 'model')).equals(after.get('model')!)).toBe(true);
    await expectCheckpoint(where, 'the one of the training before');
  });

  it('tries the next checkpoint again', async () => {
    const where = freshCopy('late checkpoints');
    const fault = { FAIL_BELOW: join(where, 'kept'), FAIL_TIMES: '1', FAIL_CODE: 'ENOSPC' };
    const ended = await train(where, fault);
    expect(ended.code).toBe(0);
    expect(ended.lines).toEqual([expect.stringContaining('is full; the training goes on')]);
    const kept = readFileSync(join(where, 'kept', 'checkpoint.safetensors'));
    expect((await decodeCheckpoint(kept, 'kept')).checkpoint.epochs).toHaveLength(3);
  });

  it('keeps a model whose place is full elsewhere, or says that it is lost', async () => {
    const where = freshCopy('no room');
    const rescued = await train(where, { FAIL_BELOW: join(where, 'model'), FAIL_CODE: 'ENOSPC' });
    expect(rescued.code).toBe(1);
    const [, elsewhere] = /^cannot write .*: the disk is full; the model is in (.+)$/.exec(rescued.lines[0])!;
    expect(readFileSync(elsewhere).equals(after.get('model')!)).toBe(true);
    const lost = await train(where, { FAIL_BELOW: where, FAIL_CODE: 'ENOSPC' });
    expect(lost.code).toBe(1);
    expect(lost.lines.at(-1)).toMatch(/model: the disk is full; the model is lost; cannot write .*json: /);
  });
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

  it('as standard output is a failure, and loses no model', async () => {
    const stdout = openSync('/dev/full', 'w');
    const options = [...TRAIN, at('small'), '--out', at('kept too')];
    const child = spawn(process.execPath, ['dist/cli.js', ...options], { stdio: ['ignore', stdout, 'pipe'] });
    const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'close')]);
    closeSync(stdout);
    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^cannot write the result: .*ENOSPC/);
    expect(decodeModel(readFileSync(at('kept too')), 'kept').network.widths).toEqual([20, 3]);
  });

  it('is told from a reader who has seen enough', async () => {
    const command = `"${process.execPath}" dist/cli.js predict --help | head -1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await promisify(execFile)('bash', ['-c', command]);
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0');
  });
});
