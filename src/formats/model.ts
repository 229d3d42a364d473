// A trained network as a file: safetensors with the layers' tensors, and what made them in the metadata.
import * as v from 'valibot';
import { InputError, messageOf } from '../errors.ts';
import { ACTIVATIONS, type Activation } from '../network/activation.ts';
import type { Parameters } from '../network/initialisation.ts';
import { dequantise, type QuantisedLayer } from '../network/quantisation.ts';
import { activationOf, checkRecipe, checkSeed, type Recipe } from '../network/recipe.ts';
import { formatNetwork, type Layer, layersOf, type NetworkSpec, parseNetwork } from '../network/spec.ts';
import { recordOf, type TrainingRecord } from '../training/report.ts';
import { checkHalf } from './half.ts';
import { quantisedTensors, readQuantised } from './quantised.ts';
import { recordSchema } from './report.ts';
import {
  checkFloats,
  PRECISIONS,
  readSafetensors,
  type Safetensors,
  type Tensors,
  writeSafetensors,
} from './safetensors.ts';

/** What every model has. */
interface ModelFacts {
  readonly network: NetworkSpec;
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
  /** It runs in these integers; `parameters` are what they stand for. */
  readonly quantised?: readonly QuantisedLayer[];
}

export interface TrainedModel extends ModelFacts {
  readonly recipe: Recipe;
  readonly seed: number;
  /** The record of the training that made it: the same training has the same file, to the byte. */
  readonly report?: TrainingRecord;
}

/** It was read from another program's file, which does not tell how it was trained. */
export interface ImportedModel extends ModelFacts {
  /** The program or format that it comes from, in words. */
  readonly source: string;
  /** Of the hidden units. */
  readonly activation: Activation;
  readonly recipe?: undefined;
  readonly seed?: undefined;
  readonly report?: undefined;
}

export type Model = TrainedModel | ImportedModel;

/** What the model's hidden units put out. */
export function activationOfModel(model: Model): Activation {
  return model.recipe ? activationOf(model.recipe) : model.activation;
}

/** How a model's file has its parameters: `int8` of those that are quantised. */
export const MODEL_PRECISIONS = [...PRECISIONS, 'int8'] as const;
export type ModelPrecision = (typeof MODEL_PRECISIONS)[number];

const FORMAT = 'mnist-kernels';

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const metadataSchema = v.object({
  format: v.literal(FORMAT),
  network: v.string(),
  accuracy: v.optional(v.pipe(v.string(), v.decimal(), v.transform(Number), v.minValue(0), v.maxValue(1))),
  dataset: v.string(),
});

const trainedSchema = v.object({ recipe: v.string(), seed: v.string(), report: v.optional(v.string()) });

const importedSchema = v.object({ source: v.string(), activation: v.picklist(ACTIVATIONS) });

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
export function encodeModel(
  model: Model,
  precision: ModelPrecision = model.quantised ? 'int8' : 'float32',
): Uint8Array {
  const { quantised } = model;
  if (precision === 'int8') {
    if (!quantised)
      throw new InputError('the model is not quantised: int8 needs images to calibrate it with');
    const tensors = quantisedTensors(model.network, quantised);
    return writeSafetensors(tensors, { ...metadataOf(model), precision });
  }
  const tensors: Tensors = {};
  for (const { tensor, parameter, shape } of layersOf(model.network).flatMap(tensorsOf)) {
    const data = model.parameters[parameter];
    if (precision === 'float16') checkHalf(tensor, data);
    tensors[tensor] = { shape, data };
  }
  return writeSafetensors(tensors, metadataOf(model), precision);
}

function metadataOf(model: Model): Record<string, string> {
  const { name, width, height, classes, classNames } = model.dataset;
  return {
    format: FORMAT,
    network: formatNetwork(model.network),
    ...originOf(model),
    ...(model.accuracy === undefined ? {} : { accuracy: String(model.accuracy) }),
    dataset: JSON.stringify({ name, width, height, classes, classNames }),
    ...(model.report && { report: JSON.stringify(recordOf(model.report)) }),
  };
}

/** What made the model, as metadata. */
function originOf(model: Model): Record<string, string> {
  return model.recipe
    ? { recipe: JSON.stringify(model.recipe), seed: String(model.seed) }
    : { source: model.source, activation: model.activation };
}

/**
 * @param file for messages
 * @throws InputError naming the file and the first thing that is wrong with it
 */
export function decodeModel(bytes: Uint8Array, file: string): Model {
  return modelOfSafetensors(readSafetensors(bytes, file), file);
}

/** Whether a model of ours is what the file says that it is. */
export function isOurs({ metadata }: Safetensors): boolean {
  return metadata.format === FORMAT;
}

/** @throws InputError naming the file and the first thing that is wrong with it */
export function modelOfSafetensors(contents: Safetensors, file: string): Model {
  const { metadata } = contents;
  return naming(file, () => {
    const { network, accuracy, dataset } = checkMetadata(metadataSchema, metadata);
    const origin = readOrigin(metadata);
    const spec = parseNetwork(network);
    const facts = {
      network: spec,
      ...origin,
      accuracy,
      dataset: checkDataset(parseJson('dataset', dataset), spec),
    };
    if (metadata.precision !== 'int8') {
      checkFloats(contents);
      return { ...facts, parameters: checkTensors(contents.tensors, spec) };
    }
    const quantised = readQuantised(contents, spec);
    return { ...facts, quantised, parameters: dequantise(spec, quantised) };
  });
}

function checkMetadata<T>(schema: v.GenericSchema<unknown, T>, metadata: Safetensors['metadata']): T {
  const checked = v.safeParse(schema, metadata);
  if (checked.success) return checked.output;
  const key = v.getDotPath(checked.issues[0]);
  throw new InputError(`metadata "${key}" is missing or wrong, expected a model of ${FORMAT}`);
}

/** What made the model: a training here, or another program. */
function readOrigin(metadata: Safetensors['metadata']) {
  if (Object.hasOwn(metadata, 'source')) return checkMetadata(importedSchema, metadata);
  const { recipe, seed, report } = checkMetadata(trainedSchema, metadata);
  return {
    recipe: checkRecipe(parseJson('recipe', recipe)),
    seed: checkSeed(seed.trim() === '' ? Number.NaN : Number(seed)),
    ...(report !== undefined && { report: checkReport(parseJson('report', report)) }),
  };
}

/** Puts the file's name before the message of an InputError. */
export function naming<T>(file: string, read: () => T): T {
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

/** @throws InputError naming the first number that is not finite */
export function checkFinite(tensor: string, data: Float32Array): void {
  const strange = data.findIndex((value) => !Number.isFinite(value));
  if (strange < 0) return;
  throw new InputError(`tensor ${tensor}: ${data[strange]} at index ${strange}, expected finite numbers`);
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
    checkFinite(tensor, found.data);
    parameters[parameter] = found.data;
  }
  return parameters;
}
