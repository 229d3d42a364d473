// The folder of `train --checkpoint`: the newest checkpoint and the one before it, each replaced as a whole.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, messageOf } from '../errors.ts';
import {
  checkIdentity,
  decodeCheckpoint,
  encodeCheckpoint,
  type TrainingIdentity,
} from '../formats/checkpoint.ts';
import type { Checkpoint } from '../training/report.ts';

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

  private constructor(
    folder: string,
    private readonly identity: TrainingIdentity,
  ) {
    this.newest = join(folder, 'checkpoint.safetensors');
    this.before = join(folder, 'checkpoint.before.safetensors');
  }

  /** @throws InputError if there is no such folder and none can be made */
  static async open(folder: string, identity: TrainingIdentity): Promise<CheckpointFolder> {
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw new InputError(`--checkpoint ${folder}: ${messageOf(error)}`);
    });
    return new CheckpointFolder(folder, identity);
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
   * whole.
   */
  write(checkpoint: Checkpoint): void {
    this.writing = this.writing.then(async () => {
      const beside = `${this.newest}.new`;
      const handle = await open(beside, 'w');
      try {
        await handle.writeFile(await encodeCheckpoint(this.identity, checkpoint));
        await handle.sync();
      } finally {
        await handle.close();
      }
      if (!this.newestIsDamaged) await rename(this.newest, this.before).catch(unlessMissing);
      await rename(beside, this.newest);
      this.newestIsDamaged = false;
    });
    this.writing.catch(() => {}); // settled() tells
  }

  /** @throws InputError if the last checkpoint could not be written */
  settled(): Promise<void> {
    return this.writing.catch((error: unknown) => {
      throw new InputError(`cannot write ${this.newest}: ${messageOf(error)}`);
    });
  }
}

/** @returns undefined if there is no such file */
async function decoded(file: string) {
  const bytes = await readFile(file).catch(unlessMissing);
  return bytes && decodeCheckpoint(bytes, file);
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
