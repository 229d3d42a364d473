// Files that are read as a whole, with limits that are checked before anything is allocated.
import { constants, open } from 'node:fs/promises';
import { InputError, messageOf } from '../errors.ts';

/** A model of as many parameters as a network may have, with the largest header that its format allows. */
const MAX_BYTES = 2 ** 30 + 100_000_000;

/**
 * A regular file's bytes.
 * @param most bytes that it may have
 * @throws InputError naming the file if it cannot be read, is none, or is larger
 */
export async function readBytes(file: string, most = MAX_BYTES): Promise<Uint8Array> {
  const refuse = (why: string) => new InputError(`cannot read ${file}: ${why}`);
  // Without waiting: a pipe that nobody writes to would never open.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch(
    (error: unknown) => {
      throw refuse(messageOf(error));
    },
  );
  try {
    const found = await handle.stat();
    if (found.isDirectory()) throw refuse('it is a folder');
    if (!found.isFile()) throw refuse('expected a regular file, no device or pipe');
    if (found.size > most) throw refuse(`it has ${found.size} bytes, expected at most ${most}`);
    const { buffer, byteOffset, byteLength } = await handle.readFile().catch((error: unknown) => {
      throw refuse(messageOf(error));
    });
    return new Uint8Array(buffer, byteOffset, byteLength);
  } finally {
    await handle.close();
  }
}
