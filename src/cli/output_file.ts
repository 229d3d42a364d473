// What a command writes: opened before its work, so that nothing is computed in vain, and put in its place as
// a whole, so that a full disk leaves the file that was there before.
import { unlinkSync } from 'node:fs';
import {
  constants,
  type FileHandle,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.ts';

/** The unfinished files of this process, by the places that they will take. */
const unfinished = new Map<string, string>();

export class OutputFile {
  /** It has been written, or given up. */
  private settled = false;

  private constructor(
    /** As the user named it. */
    readonly file: string,
    private readonly handle: FileHandle,
    /** Where it will be, if it is written beside its place first. */
    private readonly place: string | undefined,
  ) {}

  /** @throws InputError if nothing could be written there, or this process is about to write there already */
  static async open(file: string): Promise<OutputFile> {
    const refuse = (why: string) => new InputError(`cannot write ${file}: ${why}`);
    try {
      const present = await stat(file).catch(unlessMissing);
      if (present?.isDirectory()) throw refuse('it is a folder');
      // A device or a pipe.
      if (present && !present.isFile()) return new OutputFile(file, await open(file, 'w'), undefined);
      // What a link names is replaced, not the link.
      const place = present ? await realpath(file) : join(await realpath(dirname(file)), basename(file));
      if (unfinished.has(place)) throw refuse('another result of this command goes there');
      const itself = present && (await open(file, constants.O_WRONLY)); // its owner may not want it replaced
      try {
        const beside = await openBeside(place, present?.mode);
        await itself?.close().catch(() => {}); // nothing was written
        return new OutputFile(file, beside, place);
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException;
        // The folder lets nothing beside it.
        if (itself && ['EACCES', 'EPERM', 'EROFS'].includes(code))
          return new OutputFile(file, itself, undefined);
        await itself?.close().catch(() => {});
        throw error;
      }
    } catch (error) {
      throw error instanceof InputError ? error : refuse(reasonOf(error, file));
    }
  }

  /**
   * Writes the file, which can be done once.
   * @param beforeMove done when all is on the disk, before it takes its place
   * @throws Error naming the file; what was there before is there still, if it could be written beside it
   */
  async write(contents: string | Uint8Array, beforeMove?: () => Promise<void>): Promise<void> {
    try {
      if (this.place === undefined) await this.handle.truncate(0).catch(() => {}); // a device has no length
      await this.handle.writeFile(contents);
      if (this.place !== undefined) await this.handle.sync();
      await this.handle.close();
      await beforeMove?.();
      if (this.place !== undefined) await moveInto(this.place, contents);
      this.settled = true;
    } catch (error) {
      await this.discard();
      throw new Error(`cannot write ${this.file}: ${reasonOf(error, this.file)}`);
    }
  }

  /** Leaves what was there before; nothing once it has been written. */
  async discard(): Promise<void> {
    if (this.settled) return;
    this.settled = true;
    await this.handle.close().catch(() => {});
    const beside = this.place !== undefined && unfinished.get(this.place);
    if (!beside) return;
    await rm(beside, { force: true }).catch(() => {});
    unfinished.delete(this.place!);
  }
}

/** What unfinished files are called: the process that writes them is part of their names. */
const unfinishedName = (place: string, pid: number) => `${place}.${pid}.new`;

async function openBeside(place: string, mode?: number): Promise<FileHandle> {
  await removeAbandoned(place);
  const beside = unfinishedName(place, process.pid);
  const handle = await open(beside, 'wx', mode);
  unfinished.set(place, beside);
  return handle;
}

/** Files that a process was writing when it was killed, or that this one could not remove. */
async function removeAbandoned(place: string): Promise<void> {
  const folder = dirname(place);
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(/\.(\d+)\.new$/.exec(name)?.[1]);
    if (join(folder, name) !== unfinishedName(place, pid)) continue;
    if (pid === process.pid || !isRunning(pid)) await rm(join(folder, name), { force: true }).catch(() => {});
  }
}

/** Whether there is such a process on this machine. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function moveInto(place: string, contents: string | Uint8Array): Promise<void> {
  const beside = unfinished.get(place)!;
  try {
    await rename(beside, place);
  } catch (error) {
    // A file that is mounted by itself, as containers do, cannot be replaced.
    if (!['EBUSY', 'EXDEV'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await writeFile(place, contents);
    await rm(beside, { force: true });
  }
  unfinished.delete(place);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Removes unfinished files where a signal ends this process; one that somebody else heeds is theirs. */
function leave(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  for (const beside of unfinished.values()) {
    try {
      unlinkSync(beside);
    } catch {
      // It has taken its place.
    }
  }
  process.off(signal, leave);
  process.kill(process.pid, signal);
}

/** As the files were named; undefined where none was. */
export type Outputs = readonly (OutputFile | undefined)[];

/**
 * Opens the files that are named before any work is done; those that the work does not write stay as they are.
 * @throws InputError if nothing could be written to one of them, or two are one file
 */
export async function withOutputs<T>(
  files: readonly (string | undefined)[],
  work: (outputs: Outputs) => Promise<T>,
): Promise<T> {
  const outputs: (OutputFile | undefined)[] = [];
  // Before the others, which no longer count once they have been called.
  for (const signal of SIGNALS) process.prependListener(signal, leave);
  try {
    for (const file of files) outputs.push(file === undefined ? undefined : await OutputFile.open(file));
    return await work(outputs);
  } finally {
    for (const output of outputs) await output?.discard();
    for (const signal of SIGNALS) process.off(signal, leave);
  }
}

/** Why a file or folder cannot be written; in words where the system has a code. */
export function reasonOf(error: unknown, file: string): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return `there is no folder ${dirname(resolve(file))}`;
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EROFS':
      return 'the disk cannot be written to';
    default:
      return messageOf(error);
  }
}

/** @returns undefined if there is no such file */
export function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
