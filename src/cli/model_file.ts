// Models by the names of their files.
import { readBytes } from '../data/file_node.ts';
import type { Model } from '../formats/model.ts';
import { MAX_MODEL_BYTES, type ReadOptions, readModel } from '../formats/read_model.ts';

/**
 * Reads a model of any format that readModel() knows.
 * @param files one file, or a tfjs model.json or ONNX model and its weights
 * @throws InputError naming the file and what is wrong with it
 */
export async function loadModels(files: readonly string[], options: ReadOptions = {}): Promise<Model> {
  const contents: { name: string; bytes: Uint8Array }[] = [];
  for (const name of files) contents.push({ name, bytes: await readBytes(name, MAX_MODEL_BYTES) });
  return readModel(contents, options);
}

export function loadModel(file: string): Promise<Model> {
  return loadModels([file]);
}
