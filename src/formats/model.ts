// A trained network as a file: safetensors with the layers' tensors, and what made them in the metadata.
import * as v from 'valibot';
import { InputError, messageOf } from '../errors.ts';
import type { Parameters } from '../network/initialisation.ts';
import { checkRecipe, checkSeed, type Recipe } from '../network/recipe.ts';
import { formatNetwork, type Layer, layersOf, type NetworkSpec, parseNetwork } from '../network/spec.ts';
import { recordOf, type TrainingRecord } from '../training/report.ts';
import { recordSchema } from './report.ts';
import { DTYPES, type Precision, readSafetensors, type Tensors, writeSafetensors } from './safetensors.ts';

export interface Model {
  readonly network: NetworkSpec;
  readonly recipe: Recipe;
  readonly seed: number;
  /** On the test set, from 0 to 1; undefined if it was not measured. */
  readonly accuracy: number | undefined;
  /** What it was trained on. */
  readonly dataset: {
    readonly name: string;
    readonly width: number;
    readonly height: number;
    readonly classes: number;
    /** By label; left out where classes are called by their numbers. */
    readonly classNames?: readonly string[];
  };
  readonly parameters: Parameters;
  /** The record of the training that made it: the same training has the same file, to the byte. */
  readonly report?: TrainingRecord;
}

const FORMAT = 'mnist-kernels';

/** From here on float16 rounds to infinity. */
const HALF_LIMIT = 65520;

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const metadataSchema = v.object({
  format: v.literal(FORMAT),
  network: v.string(),
  recipe: v.string(),
  seed: v.string(),
  accuracy: v.optional(v.pipe(v.string(), v.decimal(), v.transform(Number), v.minValue(0), v.maxValue(1))),
  dataset: v.string(),
  report: v.optional(v.string()),
});

const datasetSchema = v.object({
  name: v.string(),
  width: whole,
  height: whole,
  classes: whole,
  classNames: v.optional(v.array(v.string())),
});

/**
 * The tensors of a layer by the names that they have in the file and in {@link Parameters}, with their
 * shapes.
 */
export function tensorsOf({ index, inputs, units }: Layer) {
  return [
    { tensor: `dense${index}/kernel`, parameter: `kernel${index}`, shape: [inputs, units] },
    { tensor: `dense${index}/bias`, parameter: `bias${index}`, shape: [units] },
  ];
}

/**
 * @returns the bytes of a safetensors file with tensors `dense0/kernel` [inputs, units], `dense0/bias`
 * [units], …
 * @throws InputError if a parameter is too large for `precision`
 */
export function encodeModel(model: Model, precision: Precision = 'float32'): Uint8Array {
  const tensors: Tensors = {};
  for (const { tensor, parameter, shape } of layersOf(model.network).flatMap(tensorsOf)) {
    const data = model.parameters[parameter];
    const strange = precision === 'float16' ? data.find((value) => Math.abs(value) >= HALF_LIMIT) : undefined;
    if (strange !== undefined) {
      throw new InputError(`tensor ${tensor}: ${strange} is too large for float16, which ends at 65504`);
    }
    tensors[tensor] = { shape, data };
  }
  const { name, width, height, classes, classNames } = model.dataset;
  const metadata = {
    format: FORMAT,
    network: formatNetwork(model.network),
    recipe: JSON.stringify(model.recipe),
    seed: String(model.seed),
    ...(model.accuracy === undefined ? {} : { accuracy: String(model.accuracy) }),
    dataset: JSON.stringify({ name, width, height, classes, classNames }),
    ...(model.report && { report: JSON.stringify(recordOf(model.report)) }),
  };
  return writeSafetensors(tensors, metadata, precision);
}

/**
 * @param file for messages
 * @throws InputError naming the file and the first thing that is wrong with it
 */
export function decodeModel(bytes: Uint8Array, file: string): Model {
  const { tensors, doubles, metadata } = readSafetensors(bytes, file);
  const [double] = Object.keys(doubles);
  if (double !== undefined)
    throw new InputError(`${file}: tensor ${double}: type F64, expected ${DTYPES.join(' or ')}`);
  const checked = v.safeParse(metadataSchema, metadata);
  if (!checked.success) {
    const key = v.getDotPath(checked.issues[0]);
    throw new InputError(`${file}: metadata "${key}" is missing or wrong, expected a model of ${FORMAT}`);
  }
  const { network, recipe, seed, accuracy, dataset, report } = checked.output;
  return naming(file, () => {
    const spec = parseNetwork(network);
    const model = {
      network: spec,
      recipe: checkRecipe(parseJson('recipe', recipe)),
      seed: checkSeed(seed.trim() === '' ? Number.NaN : Number(seed)),
      accuracy,
      dataset: checkDataset(parseJson('dataset', dataset), spec),
      ...(report !== undefined && { report: checkReport(parseJson('report', report)) }),
    };
    return { ...model, parameters: checkTensors(tensors, spec) };
  });
}

/** Puts the file's name before the message of an InputError. */
function naming<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${file}: ${messageOf(error)}`);
    throw error;
  }
}

function parseJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`metadata "${key}": expected JSON`);
  }
}

/** The network must read the data set's images and tell its classes. */
function checkDataset(candidate: unknown, network: NetworkSpec): Model['dataset'] {
  const result = v.safeParse(datasetSchema, candidate);
  if (!result.success) {
    throw new InputError('metadata "dataset": expected name, width, height and classes');
  }
  const { width, height, classes, classNames } = result.output;
  const { widths } = network;
  if (width * height !== widths[0] || classes !== widths.at(-1)) {
    throw new InputError(
      `data of ${width}×${height} pixels and ${classes} classes does not fit the network ${formatNetwork(network)}`,
    );
  }
  if (classNames && classNames.length !== classes) {
    throw new InputError(`class names: ${classNames.length} given, expected ${classes}, one for each class`);
  }
  return result.output;
}

function checkReport(candidate: unknown): TrainingRecord {
  const result = v.safeParse(recordSchema, candidate);
  if (result.success) return result.output;
  throw new InputError(`metadata "report", ${v.getDotPath(result.issues[0])}: ${result.issues[0].message}`);
}

function checkTensors(tensors: Tensors, network: NetworkSpec): Parameters {
  const expected = layersOf(network).flatMap(tensorsOf);
  const text = formatNetwork(network);
  const known = new Set(expected.map(({ tensor }) => tensor));
  const stranger = Object.keys(tensors).find((name) => !known.has(name));
  if (stranger !== undefined) {
    throw new InputError(`tensor ${stranger} has no place in the network ${text}`);
  }
  const parameters: Parameters = {};
  for (const { tensor, parameter, shape } of expected) {
    if (!Object.hasOwn(tensors, tensor)) throw new InputError(`no tensor ${tensor}, expected by ${text}`);
    const found = tensors[tensor];
    if (found.shape.join() !== shape.join()) {
      throw new InputError(
        `tensor ${tensor}: shape [${found.shape.join(', ')}], expected [${shape.join(', ')}] for ${text}`,
      );
    }
    const strange = found.data.findIndex((value) => !Number.isFinite(value));
    if (strange >= 0) {
      throw new InputError(
        `tensor ${tensor}: ${found.data[strange]} at index ${strange}, expected finite numbers`,
      );
    }
    parameters[parameter] = found.data;
  }
  return parameters;
}
