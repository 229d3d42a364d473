// The folder of `train --checkpoint`: the newest checkpoint and the one before it, each replaced as a whole.
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readBytes } from '../data/file_node.ts';
import { InputError, messageOf } from '../errors.ts';
import {
  checkIdentity,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingIdentity,
} from '../formats/checkpoint.ts';
import type { Checkpoint } from '../training/report.ts';
import { OutputFile, reasonOf, unlessMissing } from './output_file.ts';
import type { Saved } from './save_training.ts';

/** Node reads no more at once. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** Of parameters and the optimizer's state, so that the rest has room in the file. */
export const MAX_CHECKPOINT_BYTES = MAX_FILE_BYTES - 2 ** 28;

/** Milliseconds. */
const MOMENT = 5;

/** What a folder has to go on with. */
export interface Found {
  readonly checkpoint: Checkpoint;
  /** Why it is not the newest. */
  readonly damage?: string;
}

export class CheckpointFolder {
  private readonly newest: string;
  private readonly before: string;
  /** It is not worth keeping as the one before. */
  private newestIsDamaged = false;
  /** The next that is to be written; one that is newer takes its place. */
  private next: Checkpoint | undefined;
  private writing: Promise<void> | undefined;
  private tried = false;
  /** Why the last one could not be written. */
  private problem: string | undefined;

  private constructor(
    folder: string,
    private readonly identity: TrainingIdentity,
    private readonly onProblem: (why: string) => void,
  ) {
    this.newest = join(folder, 'checkpoint.safetensors');
    this.before = join(folder, 'checkpoint.before.safetensors');
  }

  /**
   * @param onProblem told why a checkpoint could not be written
   * @throws InputError if there is no such folder and none can be made, or nothing can be written there
   */
  static async open(
    folder: string,
    identity: TrainingIdentity,
    onProblem: (why: string) => void = () => {},
  ): Promise<CheckpointFolder> {
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw new InputError(`cannot write into ${folder}: ${reasonOf(error, folder)}`);
    });
    const made = new CheckpointFolder(folder, identity, onProblem);
    await (await OutputFile.open(made.newest)).discard();
    return made;
  }

  /**
   * The newest that is whole.
   * @returns undefined if there is none yet
   * @throws InputError if all are damaged, or if it is of another training
   */
  async read(): Promise<Found | undefined> {
    const damages: string[] = [];
    for (const file of [this.newest, this.before]) {
      const found = await decoded(file).catch((error: unknown) => {
        damages.push(messageOf(error));
      });
      if (!found) continue;
      checkIdentity(found, this.identity, file);
      this.newestIsDamaged = damages.length > 0;
      return { checkpoint: found.checkpoint, damage: damages[0] };
    }
    if (damages.length === 0) return undefined;
    throw new InputError(`${damages.join('; ')}; leave out --resume to start anew`);
  }

  /**
   * Beside the others, to the disk, and then in the newest's place: a kill at any moment leaves one that is
   * whole. One that cannot be written is told of at once; the next one is another try. While one is being
   * written only the newest waits.
   */
  write(checkpoint: Checkpoint): void {
    this.next = checkpoint;
    this.tried = true;
    this.writing ??= this.writeAll();
  }

  private async writeAll(): Promise<void> {
    while (this.next) {
      const checkpoint = this.next;
      this.next = undefined;
      await this.writeOne(checkpoint);
    }
    this.writing = undefined;
  }

  private async writeOne(checkpoint: Checkpoint): Promise<void> {
    try {
      const bytes = await encodeCheckpoint(this.identity, checkpoint);
      const file = await OutputFile.open(this.newest);
      await file.write(bytes, async () => {
        if (!this.newestIsDamaged) await rename(this.newest, this.before).catch(unlessMissing);
      });
      this.newestIsDamaged = false;
      this.problem = undefined;
    } catch (error) {
      this.problem = messageOf(error);
      this.onProblem(this.problem);
    }
  }

  /**
   * Lets what is being written get on, for some milliseconds at most: a training on this very thread leaves
   * it but a moment now and then, and a file takes many.
   */
  async getOn(): Promise<void> {
    if (this.writing) await Promise.race([this.writing, sleep(MOMENT)]);
  }

  /** @returns the checkpoint that was written last, or why it could not be; undefined if there was none */
  async settled(): Promise<Saved | undefined> {
    await this.writing;
    if (!this.tried) return undefined;
    return { what: 'checkpoint', place: this.newest, problem: this.problem };
  }
}

/** @returns undefined if there is no such file */
async function decoded(file: string) {
  if (!(await stat(file).catch(unlessMissing))) return undefined;
  return decodeCheckpoint(await readBytes(file, MAX_FILE_BYTES), file);
}
