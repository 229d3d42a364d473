// A journal has all that was written, whenever its process was killed, and is nobody else's.
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { begunIn } from '../../src/cli/grid/history.ts';
import { Journal, type NewEntry } from '../../src/cli/grid/journal.ts';
import type { FleetTask } from '../../src/fleet/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'journal.jsonl');
beforeEach(() => rmSync(file, { force: true }));

const TASK: FleetTask = {
  version: '1.2.3',
  command: 'train',
  data: 'MNIST',
  job: {},
  axes: { seed: [1, 2] },
};
const place = { slot: 's', node: 'http://n', browser: 'chrome' };
const ENTRIES: NewEntry[] = [
  { kind: 'opened', session: 'one', place },
  { kind: 'began', job: 'seed 1', attempt: 1, session: 'one' },
  { kind: 'done', job: 'seed 1', session: 'one', result: { kind: 'train', report: { seed: 1 } as never } },
  { kind: 'opened', session: 'twö', place },
  { kind: 'closed', session: 'one' },
];

async function written(): Promise<void> {
  const { journal } = await Journal.open(file, TASK);
  await Promise.all(ENTRIES.map((entry) => journal.append(entry)));
  await journal.close();
}

it('has what was written, in order, with what is left to do', async () => {
  await written();
  const { journal, entries } = await Journal.open(file, TASK);
  expect(entries).toEqual(ENTRIES.map((entry) => ({ at: expect.any(String), ...entry })));
  expect(await journal.read()).toEqual(entries);
  expect(begunIn(entries)).toEqual({ done: new Set(['seed 1']), open: ['twö'] });
  await journal.close();
  expect(existsSync(`${file}.lock`)).toBe(false);
});

it('is whole after a kill at any byte: what was being written is written over', async () => {
  await written();
  const whole = readFileSync(file);
  const starts = [...whole.keys()].filter((at) => whole[at] === 10);
  for (let length = 0; length <= whole.length; length += 7) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    const { journal, entries } = await Journal.open(file, TASK);
    expect(entries, `cut after ${length}`).toHaveLength(
      Math.max(0, starts.filter((at) => at < length).length - 1),
    );
    await journal.append({ kind: 'closed', session: 'last' });
    expect((await journal.read()).at(-1)).toMatchObject({ kind: 'closed', session: 'last' });
    await journal.close();
    expect((await reopened()).at(-1)).toMatchObject({ session: 'last' });
  }
});

async function reopened() {
  const { journal, entries } = await Journal.open(file, TASK);
  await journal.close();
  return entries;
}

it('is not gone on with by another run, or by a file that is none', async () => {
  await written();
  await expect(Journal.open(file, { ...TASK, version: '1.2.4' })).rejects.toThrow(
    /journal\.jsonl is of another run/,
  );
  for (const text of ['nonsense', 'nonsense\n', '{"schema":"other"}\n']) {
    writeFileSync(file, text);
    await expect(Journal.open(file, TASK)).rejects.toThrow(/not a journal of a fleet/);
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});

it('names the line that is damaged', async () => {
  await written();
  appendFileSync(file, 'damage\n');
  await expect(Journal.open(file, TASK)).rejects.toThrow(/line 7 is damaged/);
});

it('has one writer at a time; one that was killed does not count', async () => {
  const { journal } = await Journal.open(file, TASK);
  writeFileSync(`${file}.lock`, String(process.ppid));
  await expect(Journal.open(file, TASK)).rejects.toThrow(`is being written by process ${process.ppid}`);
  await journal.close();
  writeFileSync(`${file}.lock`, '999999999');
  await (await Journal.open(file, TASK)).journal.close();
});

it('says that it cannot be written', async () => {
  await expect(Journal.open(join(folder, 'none', 'journal.jsonl'), TASK)).rejects.toThrow(
    /cannot write .*: there is no folder/,
  );
});
