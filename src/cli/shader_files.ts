// `--shader NAME=FILE`: own WGSL in place of a file of shaders/.
import { InvalidArgumentError } from 'commander';
import { readBytes } from '../data/file_node.ts';
import { InputError } from '../errors.ts';

/** A file of shaders/ without `.wgsl`, and what takes its place. */
export interface ShaderFile {
  readonly name: string;
  readonly file: string;
}

/** Far more than any shader is long. */
const MAX_BYTES = 1_000_000;

/** For an option that may stand several times. */
export function toShaderFile(text: string, before: readonly ShaderFile[] = []): readonly ShaderFile[] {
  const [, name, file] = /^([\w]+)=(.+)$/s.exec(text) ?? [];
  if (!name) throw new InvalidArgumentError('Expected NAME=FILE, such as dense_forward=my.wgsl.');
  if (before.some((each) => each.name === name)) throw new InvalidArgumentError(`${name} is there twice.`);
  return [...before, { name, file }];
}

/** @throws InputError naming a file that cannot be read or is no text */
export async function readShaders(
  files: readonly ShaderFile[] | undefined,
): Promise<{ readonly [shader: string]: string } | undefined> {
  if (!files) return undefined;
  const read = async ({ name, file }: ShaderFile) => [name, textOf(await readBytes(file, MAX_BYTES), file)];
  return Object.fromEntries(await Promise.all(files.map(read)));
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`cannot read ${file}: it is no text in UTF-8`);
  }
}
