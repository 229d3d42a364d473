// Layers models that are no dense networks, or damaged: each is refused with one line.
import { expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { type NamedFile, readModel } from '../../src/formats/read_model.ts';
import { jsonFile } from './layers_model_file.ts';
import { sampleOf } from './sample.ts';

const small = encodeLayersModel(sampleOf('6-4-3').network, sampleOf('6-4-3').parameters);
const weights = { name: 'weights.bin', bytes: small['weights.bin'] };
interface Listed {
  class_name: string;
  config: Record<string, unknown>;
}
interface Json {
  format: string;
  modelTopology: { class_name: string; config: { layers: Listed[] } };
  weightsManifest: {
    paths: string[];
    weights: { name: string; shape: number[]; dtype: string; quantization?: unknown }[];
  }[];
}
const changed = (change: (json: Json) => void): NamedFile[] => {
  const json: Json = JSON.parse(small['model.json']);
  change(json);
  return [jsonFile(json), weights];
};
const listed = (class_name: string, config: Record<string, unknown> = {}): Listed => ({
  class_name,
  config: { name: 'extra', ...config },
});
const insert = (at: number, layer: Listed) =>
  changed(({ modelTopology }) => modelTopology.config.layers.splice(at, 0, layer));

it.each<[string, NamedFile[], string | RegExp]>([
  [
    'a convolution',
    insert(0, listed('Conv2D')),
    /^folder\/model\.json: layer extra \(Conv2D\): no part of a dense network; accepted are Dense, .* softmax at the end$/,
  ],
  ['a normalisation', insert(1, listed('BatchNormalization')), 'layer extra (BatchNormalization): no part'],
  [
    'another slope',
    insert(1, listed('LeakyReLU', { alpha: 0.3 })),
    'layer extra (LeakyReLU): another slope than 0.2',
  ],
  [
    'a ReLU that is cut',
    insert(1, listed('ReLU', { max_value: 6 })),
    'layer extra (ReLU): expected a plain ReLU',
  ],
  [
    'another scale',
    insert(0, listed('Rescaling', { scale: 2 })),
    'layer extra (Rescaling): another scale than 1/255',
  ],
  [
    'an unknown activation',
    changed((json) => Object.assign(json.modelTopology.config.layers[0].config, { activation: 'gelu' })),
    'layer dense0 (Dense): the activation gelu',
  ],
  [
    'two activations',
    insert(1, listed('Activation', { activation: 'tanh' })),
    'layer extra (Activation): expected a layer without activation before it',
  ],
  ['a softmax within', insert(1, listed('Softmax')), 'layer extra (Softmax): no part'],
  [
    'an activation behind',
    insert(2, listed('Activation', { activation: 'relu' })),
    'layer dense1: the last layer has the activation relu',
  ],
  [
    'images that are not flattened',
    changed((json) =>
      Object.assign(json.modelTopology.config.layers[0].config, { batch_input_shape: [null, 2, 6] }),
    ),
    'layer dense0 (Dense): expected a Flatten between it and the images',
  ],
  [
    'images of other sizes',
    changed((json) =>
      Object.assign(json.modelTopology.config.layers[0].config, { batch_input_shape: [null, 7] }),
    ),
    'layer dense0 (Dense): 6 inputs, where an image has the shape [7]',
  ],
  [
    'a weight of another shape',
    changed((json) =>
      json.weightsManifest[0].weights.splice(
        0,
        2,
        ...json.weightsManifest[0].weights
          .slice(0, 2)
          .map((each, i) => ({ ...each, shape: i ? [4] : [4, 6] })),
      ),
    ),
    'weight dense0/kernel: shape [4, 6], expected [4, 4]',
  ],
  [
    'a weight that is missing',
    changed((json) => {
      json.weightsManifest[0].weights[1].name = 'else';
    }),
    'layer dense0 (Dense): 0 weights dense0/bias, expected one',
  ],
  [
    'a weight too many',
    changed((json) => {
      json.weightsManifest[0].weights.push({ name: 'more', shape: [0], dtype: 'float32' });
    }),
    'weight more: no layer has it',
  ],
  [
    'a weight of another type',
    changed((json) => {
      json.weightsManifest[0].weights[1].dtype = 'string';
    }),
    'weight dense0/bias: type string, expected float32',
  ],
  [
    'a quantisation of another kind',
    changed((json) => {
      json.weightsManifest[0].weights[1].quantization = { dtype: 'uint4' };
    }),
    'weight dense0/bias: type uint4, expected float32',
  ],
  [
    'weights that are too short',
    [changed(() => {})[0], { name: 'w', bytes: weights.bytes.subarray(1) }],
    '171 bytes of weights in weights.bin, expected 172 as model.json says',
  ],
  [
    'its weights left out',
    changed(() => {}).slice(0, 1),
    'its weights are in weights.bin, expected weights.bin along with it',
  ],
  [
    'weights of another name among several',
    [
      ...changed(() => {}).slice(0, 1),
      { name: 'a', bytes: weights.bytes },
      { name: 'b', bytes: weights.bytes },
    ],
    'its weights are in weights.bin, expected weights.bin along with it',
  ],
  [
    'a graph model',
    changed((json) => {
      json.format = 'graph-model';
    }),
    'folder/model.json: a graph-model of TensorFlow.js, expected a layers-model',
  ],
  [
    'no weights manifest',
    changed((json) => {
      Object.assign(json, { weightsManifest: undefined });
    }),
    'weightsManifest is missing or wrong',
  ],
  [
    'another class of model',
    changed((json) => {
      json.modelTopology.class_name = 'Subclassed';
    }),
    'a model of the class Subclassed, expected Sequential or Functional',
  ],
  [
    'JSON of something else',
    [jsonFile({ a: 1 })],
    'modelTopology is missing or wrong, expected the model.json of a tfjs layers model',
  ],
  ['damaged JSON', [{ name: 'm', bytes: new TextEncoder().encode('{"a":') }], 'm: damaged JSON'],
])('is refused with %s', (_, files, message) => {
  expect(() => readModel(files)).toThrow(InputError);
  expect(() => readModel(files)).toThrow(message);
});
