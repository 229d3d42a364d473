// What a command writes: opened before its work, so that nothing is computed in vain, and put in its place as
// a whole, so that a full disk leaves the file that was there before.
import { constants, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.ts';

export class OutputFile {
  /** It has been written, or given up. */
  private settled = false;

  private constructor(
    /** As the user named it. */
    readonly file: string,
    private readonly handle: FileHandle,
    /** The unfinished file and its later place; a device or a pipe has none and is written to directly. */
    private readonly move: { readonly from: string; readonly to: string } | undefined,
  ) {}

  /** @throws InputError if nothing could be written there */
  static async open(file: string): Promise<OutputFile> {
    const refuse = (why: string) => new InputError(`cannot write ${file}: ${why}`);
    try {
      const present = await stat(file).catch(unlessMissing);
      if (present?.isDirectory()) throw refuse('it is a folder');
      if (present && !present.isFile()) return new OutputFile(file, await open(file, 'w'), undefined);
      if (present) await (await open(file, constants.O_WRONLY)).close(); // its owner may not want it replaced
      // What a link names is replaced, not the link.
      const to = present ? await realpath(file) : file;
      const from = `${to}.new`;
      return new OutputFile(file, await open(from, 'w', present?.mode), { from, to });
    } catch (error) {
      throw error instanceof InputError ? error : refuse(reasonOf(error, file));
    }
  }

  /**
   * Once.
   * @param beforeMove done when all is on the disk, before it takes its place
   * @throws Error naming the file; what was there before is there still
   */
  async write(contents: string | Uint8Array, beforeMove?: () => Promise<void>): Promise<void> {
    try {
      await this.handle.writeFile(contents);
      if (this.move) await this.handle.sync();
      await this.handle.close();
      await beforeMove?.();
      if (this.move) await rename(this.move.from, this.move.to);
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
    if (this.move) await rm(this.move.from, { force: true }).catch(() => {});
  }
}

/** In the order of their names; undefined where none was given. */
export type Outputs = readonly (OutputFile | undefined)[];

/**
 * Opens the files that are named before any work is done; those that the work does not write stay as they are.
 * @throws InputError if nothing could be written to one of them, or one is named twice
 */
export async function withOutputs<T>(
  files: readonly (string | undefined)[],
  work: (outputs: Outputs) => Promise<T>,
): Promise<T> {
  const twice = files.find((file, index) => file !== undefined && files.indexOf(file) < index);
  if (twice !== undefined) throw new InputError(`${twice} is named twice: two results cannot be one file`);
  const outputs: (OutputFile | undefined)[] = [];
  try {
    for (const file of files) outputs.push(file === undefined ? undefined : await OutputFile.open(file));
    return await work(outputs);
  } finally {
    for (const output of outputs) await output?.discard();
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
