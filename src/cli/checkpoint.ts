// The folder of `train --checkpoint`: the newest checkpoint and the one before it, each replaced as a whole.
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
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

/** The largest network with the optimizer's state: Node reads no more at once. */
const MAX_BYTES = 2 ** 31 - 1;

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
  /** Writes one after the other. */
  private writing: Promise<void> = Promise.resolve();
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
   * whole. One that cannot be written is told of at once; the next one is another try.
   */
  write(checkpoint: Checkpoint): void {
    this.writing = this.writing.then(async () => {
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
    });
  }

  /** @returns why the last checkpoint could not be written, if it could not */
  async settled(): Promise<string | undefined> {
    await this.writing;
    return this.problem;
  }
}

/** @returns undefined if there is no such file */
async function decoded(file: string) {
  if (!(await stat(file).catch(unlessMissing))) return undefined;
  return decodeCheckpoint(await readBytes(file, MAX_BYTES), file);
}
