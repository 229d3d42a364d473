// Files as they are handed over: the bytes of each, and the name that it goes by.
import { InputError } from '../errors.ts';

export interface NamedFile {
  /** For messages, and to find the weights of a model among several files. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A path's last part. */
const last = (path: string) => path.split(/[\\/]/).at(-1);

/**
 * The bytes of a file that a model names, among those that were given along with it.
 * @param paths all that the model names; if it is one, and one file was given, that goes by any name
 * @throws InputError if it is not there, or there twice
 */
export function fileOf(path: string, paths: readonly string[], files: readonly NamedFile[]): Uint8Array {
  const fitting = files.filter(({ name }) => last(name) === last(path));
  const candidates = paths.length === 1 && files.length === 1 ? files : fitting;
  if (candidates.length === 1) return candidates[0].bytes;
  throw new InputError(
    candidates.length === 0
      ? `its weights are in ${paths.join(', ')}, expected ${last(path)} along with it`
      : `${candidates.length} files are called ${last(path)}, expected one`,
  );
}
