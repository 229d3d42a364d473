// Models of this and of other programs, told apart by what is in their files.
import { InputError } from '../errors.ts';
import type { Activation } from '../network/activation.ts';
import { modelOfStack } from './dense_stack.ts';
import { readLayersModel } from './layers_model_reader.ts';
import { activationOfModel, isOurs, type Model, modelOfSafetensors, naming } from './model.ts';
import type { NamedFile } from './named_files.ts';
import { readOnnx } from './onnx_reader.ts';
import { readLinearLayers } from './pytorch.ts';
import { readSafetensors, type Safetensors } from './safetensors.ts';

export type { NamedFile };

export interface ReadOptions {
  /**
   * Of the hidden units, for formats that do not tell it (safetensors of PyTorch): relu if left out. Where the
   * file tells it, it must be the same.
   */
  readonly activation?: Activation;
}

/** A network of as many parameters as there may be, and a header as long as safetensors allows. */
export const MAX_MODEL_BYTES = 2 ** 30 + 100_000_000;

const EXPECTED =
  'expected a safetensors file, an ONNX model, or the model.json of a tfjs layers model with its weights';

/**
 * Reads a dense network: a safetensors file of this project, or of PyTorch's Linear layers, an ONNX model, or a
 * layers model of TensorFlow.js.
 * @param files one file; of a tfjs layers model, or an ONNX model with external data, all its files in any order
 * @throws InputError naming the file and the first thing of it that is wrong, or is no part of a dense network
 */
export function readModel(files: readonly NamedFile[], options: ReadOptions = {}): Model {
  if (files.length === 0) throw new InputError(`no file, ${EXPECTED}`);
  const file = files.length === 1 ? files[0] : mainOf(files);
  const others = files.filter((each) => each !== file);
  const { name, bytes } = file;
  if (isSafetensors(bytes)) {
    const contents = readSafetensors(bytes, name);
    const model = isOurs(contents) ? modelOfSafetensors(contents, name) : linear(contents, name, options);
    return naming(name, () => checkActivation(model, options));
  }
  return naming(name, () => {
    const unreadable = unreadableKind(bytes);
    if (unreadable) throw new InputError(unreadable);
    const stack = isJson(bytes) ? readLayersModel(bytes, others) : readOnnx(bytes, others);
    if (!stack) throw new InputError(`no model that is known here, ${EXPECTED}`);
    return checkActivation(modelOfStack(stack), options);
  });
}

/** The one that says what is in the others: JSON, or the ONNX model, which is smaller than its data. */
function mainOf(files: readonly NamedFile[]): NamedFile {
  const bySize = files.toSorted((a, b) => a.bytes.length - b.bytes.length);
  const main = files.find(({ bytes }) => isJson(bytes)) ?? bySize.find(({ bytes }) => isOnnx(bytes));
  if (main) return main;
  throw new InputError(
    `${files.length} files and neither a model.json nor an ONNX model among them, ${EXPECTED}`,
  );
}

function linear(contents: Safetensors, name: string, { activation }: ReadOptions): Model {
  return naming(name, () => modelOfStack(readLinearLayers(contents, activation)));
}

/** An activation that was asked for must be the model's, if it has hidden units. */
function checkActivation(model: Model, { activation }: ReadOptions): Model {
  const found = activationOfModel(model);
  if (activation === undefined || activation === found || model.network.widths.length === 2) return model;
  throw new InputError(`the activation ${found}, where ${activation} was asked for`);
}

/** Whether a file may be meant as a model, from its first bytes: for those who take files of other kinds, too. */
export function mayBeModel(start: Uint8Array): boolean {
  return isJson(start) || isSafetensors(start) || isOnnx(start) || unreadableKind(start) !== undefined;
}

/** `{`, and what may follow it. */
function isJson(bytes: Uint8Array): boolean {
  const start = new TextDecoder().decode(bytes.subarray(0, 64));
  return /^\uFEFF?\s*\{\s*("|\}|$)/.test(start);
}

/** A header's length below 4 GiB, and the header's first character. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === '{'.charCodeAt(0) && bytes.subarray(4, 8).every((byte) => byte === 0);
}

/** The number of its first field, and a version of the format. */
function isOnnx([key, version]: Uint8Array): boolean {
  return key === 0x08 && version > 0 && version < 32;
}

const startsWith = (bytes: Uint8Array, ...start: readonly number[]) =>
  start.every((byte, index) => bytes[index] === byte);

/** What to do with files of other kinds that people have; safetensors may begin with the same numbers. */
function unreadableKind(bytes: Uint8Array): string | undefined {
  if (startsWith(bytes, 0x50, 0x4b, 3, 4)) {
    return 'a ZIP archive, as torch.save and Keras write it: save the model as safetensors or ONNX';
  }
  if (startsWith(bytes, 0x89, 0x48, 0x44, 0x46)) {
    return 'an HDF5 file, as Keras writes it: save the model as ONNX or as a tfjs layers model';
  }
  if (startsWith(bytes, 0x80) && bytes[1] <= 5) {
    return 'a pickle of Python, which could run code: save the model as safetensors or ONNX';
  }
  return undefined;
}
