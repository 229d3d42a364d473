// The folder of `train --checkpoint`: one file, replaced as a whole.
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readBytes } from '../data/mnist_node.ts';
import { InputError, messageOf } from '../errors.ts';
import { decodeCheckpoint, encodeCheckpoint, type TrainingIdentity } from '../formats/checkpoint.ts';
import type { Snapshot } from '../training/trainer.ts';

export class CheckpointFolder {
  private readonly file: string;
  /** Writes one after the other. */
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    folder: string,
    private readonly identity: TrainingIdentity,
  ) {
    this.file = join(folder, 'checkpoint.safetensors');
  }

  /** @throws InputError if there is no such folder and none can be made */
  static async open(folder: string, identity: TrainingIdentity): Promise<CheckpointFolder> {
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw new InputError(`--checkpoint ${folder}: ${messageOf(error)}`);
    });
    return new CheckpointFolder(folder, identity);
  }

  /**
   * @returns undefined if there is none yet
   * @throws InputError if it is of another training
   */
  async read(): Promise<Snapshot | undefined> {
    const bytes = await readBytes(this.file).catch(() => undefined);
    return bytes && decodeCheckpoint(bytes, this.identity, this.file);
  }

  /** Beside the old one, to the disk, and then in its place: a kill at any moment leaves one of the two. */
  write(snapshot: Snapshot): void {
    this.writing = this.writing.then(async () => {
      const beside = `${this.file}.new`;
      const handle = await open(beside, 'w');
      try {
        await handle.writeFile(encodeCheckpoint(this.identity, snapshot));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(beside, this.file);
    });
    this.writing.catch(() => {}); // settled() tells
  }

  /** @throws InputError if the last snapshot could not be written */
  settled(): Promise<void> {
    return this.writing.catch((error: unknown) => {
      throw new InputError(`cannot write ${this.file}: ${messageOf(error)}`);
    });
  }
}
