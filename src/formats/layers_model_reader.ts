// A dense network out of a layers model of TensorFlow.js: model.json and the files of its weights.
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import type { DenseStack } from './dense_stack.ts';
import { DenseChain, type LayerConfig } from './layers_model_chain.ts';
import { manifestSchema, weightsOf } from './layers_model_weights.ts';
import type { NamedFile } from './named_files.ts';

/** A topology has some kilobytes. */
const MAX_JSON_BYTES = 2 ** 24;

const layerSchema = v.object({
  class_name: v.string(),
  config: v.looseObject({}),
  inbound_nodes: v.optional(v.array(v.unknown())),
});

type ListedLayer = v.InferOutput<typeof layerSchema>;

const layersSchema = v.array(layerSchema);

/** Of a Sequential model the list of layers, with or without a name around it. */
const sequentialSchema = v.union([layersSchema, v.object({ layers: layersSchema })]);

const functionalSchema = v.object({ layers: layersSchema, output_layers: v.array(v.unknown()) });

const networkSchema = v.object({ class_name: v.string(), config: v.unknown() });

const modelSchema = v.object({
  format: v.optional(v.string()),
  generatedBy: v.nullish(v.string()),
  /** What a converter from Keras writes has the network one level deeper. */
  modelTopology: v.union([networkSchema, v.object({ model_config: networkSchema })]),
  weightsManifest: manifestSchema,
});

/**
 * @param files the weights
 * @throws InputError naming the first layer that is no part of a dense network, or what is wrong with the files
 */
export function readLayersModel(bytes: Uint8Array, files: readonly NamedFile[]): DenseStack {
  const { generatedBy, modelTopology, weightsManifest } = parseModel(bytes);
  const network = 'model_config' in modelTopology ? modelTopology.model_config : modelTopology;
  const chain = new DenseChain(weightsOf(weightsManifest, files));
  for (const layer of layersOf(network)) chain.add(layer);
  const by = generatedBy ? `, written by ${generatedBy}` : '';
  return { source: `layers model of TensorFlow.js${by}`, ...chain.finish() };
}

function parseModel(bytes: Uint8Array): v.InferOutput<typeof modelSchema> {
  if (bytes.length > MAX_JSON_BYTES) {
    throw new InputError(`${bytes.length} bytes of JSON, expected at most ${MAX_JSON_BYTES}`);
  }
  const json = parseJson(bytes);
  const { success, output, issues } = v.safeParse(modelSchema, json);
  const format = success ? output.format : Object(json).format;
  if (typeof format === 'string' && format !== 'layers-model') {
    throw new InputError(`a ${format} of TensorFlow.js, expected a layers-model`);
  }
  if (success) return output;
  const key = v.getDotPath(issues[0]) ?? 'modelTopology';
  throw new InputError(`${key} is missing or wrong, expected the model.json of a tfjs layers model`);
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new InputError('damaged JSON, expected the model.json of a tfjs layers model');
  }
}

/** The layers from the input to the output. */
function layersOf({ class_name, config }: v.InferOutput<typeof networkSchema>): readonly LayerConfig[] {
  const refuse = () =>
    new InputError(`the configuration of the ${class_name} model is not that of a tfjs layers model`);
  if (class_name === 'Sequential') {
    const { success, output } = v.safeParse(sequentialSchema, config);
    if (!success) throw refuse();
    return (Array.isArray(output) ? output : output.layers).map(named);
  }
  if (class_name !== 'Model' && class_name !== 'Functional') {
    throw new InputError(`a model of the class ${class_name}, expected Sequential or Functional`);
  }
  const { success, output } = v.safeParse(functionalSchema, config);
  if (!success) throw refuse();
  return inOrder(output.layers, nameOfNode(single(output.output_layers)));
}

function named({ class_name, config }: ListedLayer): LayerConfig {
  const { name } = config;
  return { name: typeof name === 'string' ? name : class_name, kind: class_name, config };
}

/** Dense layers, activations and all others; more take long to put in order. */
const MAX_LAYERS = 1000;

/** From the output back to the input, along what each layer takes in. */
function inOrder(layers: readonly ListedLayer[], output: string | undefined): LayerConfig[] {
  if (layers.length > MAX_LAYERS) {
    throw new InputError(`${layers.length} layers, expected at most ${MAX_LAYERS}`);
  }
  const byName = new Map(layers.map((layer) => [named(layer).name, layer]));
  const path: LayerConfig[] = [];
  for (let name = output; ; ) {
    const layer = name === undefined ? undefined : byName.get(name);
    if (!layer) throw new InputError('the layers do not lead from one input to one output');
    const found = named(layer);
    path.unshift(found);
    if (path.length > layers.length) throw new InputError(`layer ${found.name}: part of a circle`);
    if (layer.class_name === 'InputLayer') return path;
    const calls = layer.inbound_nodes ?? [];
    name = nameOfNode(single(single(calls)));
    if (name === undefined) {
      throw new InputError(
        `layer ${found.name} (${found.kind}): expected one input, which is the output of another layer`,
      );
    }
  }
}

/** The only one of a list. */
function single(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? list[0] : undefined;
}

/** Of ["name", call, output, …]. */
function nameOfNode(node: unknown): string | undefined {
  const name: unknown = Array.isArray(node) ? node[0] : undefined;
  return typeof name === 'string' ? name : undefined;
}
