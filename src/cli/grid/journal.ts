// The journal of a fleet's run: a line of JSON for each thing that happened, on the disk before anything follows
// from it. Whoever reads it knows what is done, what failed, and which sessions were left open.
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import type { Place } from '../../fleet/place.ts';
import type { FleetTask, Result } from '../../fleet/report.ts';
import { isRunning, reasonOf } from '../output_file.ts';

export type Entry = { readonly at: string } /** A session was opened, and where. */ & (
  | { readonly kind: 'opened'; readonly session: string; readonly place: Place }
  | { readonly kind: 'closed'; readonly session: string }
  /** What the session made of the training that every session begins with. */
  | {
      readonly kind: 'checked';
      readonly session: string;
      readonly build: string;
      readonly sha256: string | null;
    }
  | { readonly kind: 'began'; readonly job: string; readonly attempt: number; readonly session: string }
  | { readonly kind: 'done'; readonly job: string; readonly session: string; readonly result: Result }
  /** A session could not be opened, was of no use, or its job failed. */
  | {
      readonly kind: 'failed';
      readonly why: string;
      readonly job?: string;
      readonly attempt?: number;
      readonly session?: string;
      /** The browser that was asked for, if there is no session. */
      readonly browser?: string;
    }
);

/** An entry before it is written: the journal says when. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never;

const SCHEMA = 'mnist-kernels/journal@1';

interface Header {
  readonly schema: typeof SCHEMA;
  readonly task: FleetTask;
}

export class Journal {
  private pending: string[] = [];
  private writing: Promise<void> | undefined;
  private failure: Error | undefined;

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    private readonly header: string,
  ) {}

  /**
   * Begins a journal, or goes on with one of the same task.
   * @returns what it has so far
   * @throws InputError if the file is of another task, damaged, or being written by another process
   */
  static async open(file: string, task: FleetTask): Promise<{ journal: Journal; entries: Entry[] }> {
    await lock(file);
    try {
      const header = JSON.stringify({ schema: SCHEMA, task } satisfies Header);
      const { entries, length } = await readJournal(file, header);
      const handle = await open(file, length === 0 ? 'w' : 'r+').catch((error: unknown) => {
        throw new InputError(`cannot write ${file}: ${reasonOf(error, file)}`);
      });
      await handle.truncate(length);
      const journal = new Journal(file, handle, header);
      journal.position = length;
      if (length === 0) await journal.write(`${header}\n`);
      return { journal, entries };
    } catch (error) {
      await unlock(file);
      throw error;
    }
  }

  /** Where the next line goes: what a kill left behind the last whole line is written over. */
  private position = 0;

  /**
   * Settles when the entry is on the disk. Entries that come while others are being written go together.
   * @throws Error if it cannot be written; nothing can be from then on
   */
  append(entry: NewEntry): Promise<void> {
    this.pending.push(`${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
    this.writing ??= this.writePending();
    return this.writing;
  }

  private async writePending(): Promise<void> {
    try {
      // Those of the same moment.
      await Promise.resolve();
      while (this.pending.length > 0) {
        const lines = this.pending.join('');
        this.pending = [];
        await this.write(lines);
      }
    } finally {
      this.writing = undefined;
    }
  }

  private async write(text: string): Promise<void> {
    if (this.failure) throw this.failure;
    try {
      const bytes = Buffer.from(text);
      await this.handle.write(bytes, 0, bytes.length, this.position);
      await this.handle.datasync();
      this.position += bytes.length;
    } catch (error) {
      this.failure = new Error(`cannot write ${this.file}: ${reasonOf(error, this.file)}`);
      throw this.failure;
    }
  }

  /** All entries: they are many, and nobody has them in memory. */
  async read(): Promise<Entry[]> {
    await this.writing;
    return (await readJournal(this.file, this.header)).entries;
  }

  async close(): Promise<void> {
    await this.writing?.catch(() => {});
    await this.handle.close();
    await unlock(this.file);
  }
}

/**
 * @returns the entries, and the bytes of all whole lines; nothing of a file that is not there
 * @throws InputError if it is of another task, or damaged
 */
async function readJournal(file: string, header: string): Promise<{ entries: Entry[]; length: number }> {
  const entries: Entry[] = [];
  let length = 0;
  let line = 0;
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(file)) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      const end = rest.lastIndexOf('\n') + 1;
      if (end === 0) continue;
      for (const text of rest.toString('utf8', 0, end - 1).split('\n')) {
        line++;
        if (line === 1) checkHeader(text, header, file);
        else entries.push(parsed(text, file, line));
      }
      length += end;
      rest = rest.subarray(end);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new InputError(`cannot read ${file}: ${reasonOf(error, file)}`);
  }
  // Without its end, the last line was being written when the process was killed.
  if (length === 0 && !header.startsWith(rest.toString())) checkHeader(rest.toString(), header, file);
  return { entries, length };
}

function checkHeader(line: string, header: string, file: string): void {
  if (!line.startsWith(`{"schema":"${SCHEMA}"`))
    throw new InputError(`${file}: not a journal of a fleet; choose another file with --journal`);
  if (line !== header)
    throw new InputError(`${file} is of another run; choose another file with --journal, or remove this one`);
}

function parsed(line: string, file: string, number: number): Entry {
  try {
    return JSON.parse(line) as Entry;
  } catch {
    throw new InputError(`${file}: line ${number} is damaged; choose another file with --journal`);
  }
}

/** A file beside it names the process that writes. */
const lockOf = (file: string) => `${file}.lock`;

async function lock(file: string): Promise<void> {
  for (let tried = 0; ; tried++) {
    try {
      await writeFile(lockOf(file), String(process.pid), { flag: 'wx' });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tried > 1)
        throw new InputError(`cannot write ${file}: ${reasonOf(error, file)}`);
      const owner = Number(await readFile(lockOf(file), 'utf8').catch(() => ''));
      if (owner > 0 && owner !== process.pid && isRunning(owner))
        throw new InputError(`${file} is being written by process ${owner}: wait for its end`);
      await unlock(file);
    }
  }
}

const unlock = (file: string) => rm(lockOf(file), { force: true });
