// Models in files that the user picks or drops: those of this page, of PyTorch, ONNX and TensorFlow.js.
import { InputError } from '../../errors.ts';
import { MAX_MODEL_BYTES, mayBeModel, type NamedFile } from '../../formats/read_model.ts';

/** Enough of a file to tell its kind. */
const START_BYTES = 64;

/** Whether one of the files is meant as a model, and none as an image. */
export async function areModel(files: readonly File[]): Promise<boolean> {
  if (files.some(({ type }) => type.startsWith('image/'))) return false;
  // Weights without their model.json look like anything.
  if (files.some(({ name }) => name.endsWith('.bin'))) return true;
  const starts = files.map((file) => bytesOf(file.slice(0, START_BYTES)));
  return (await Promise.all(starts)).some(mayBeModel);
}

/** What several files are called together. */
export function titleOf(files: readonly File[]): string {
  if (files.length <= 2) return files.map(({ name }) => name).join(', ');
  const { name } = files.find((file) => file.name.endsWith('.json')) ?? files[0];
  return `${name} and ${files.length - 1} more files`;
}

/** @throws InputError if they are larger than any model; Error if one cannot be read any more */
export async function readFiles(files: readonly File[]): Promise<NamedFile[]> {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  if (size > MAX_MODEL_BYTES) {
    throw new InputError(`${size} bytes, expected at most ${MAX_MODEL_BYTES}`);
  }
  return Promise.all(files.map(async (file) => ({ name: file.name, bytes: await bytesOf(file) })));
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}
