// A trained network as a LayersModel of TensorFlow.js (tf.loadLayersModel): model.json and its weights.
import { type Activation, LEAK } from '../network/activation.ts';
import type { Parameters } from '../network/initialisation.ts';
import { formatNetwork, layersOf, type NetworkSpec } from '../network/spec.ts';
import { tensorsOf } from './model.ts';

export interface LayersModelFiles {
  readonly 'model.json': string;
  readonly 'weights.bin': Uint8Array;
}

/** Input float32 [batch, inputs] in [0, 1], output logits float32 [batch, classes]. */
export function encodeLayersModel(
  network: NetworkSpec,
  parameters: Parameters,
  hiddenActivation: Activation = 'relu',
): LayersModelFiles {
  const layers = layersOf(network);
  const topology = layers.flatMap(({ index, inputs, units }) => {
    const wanted = index < layers.length - 1 ? hiddenActivation : 'linear';
    const leaky = wanted === 'leaky_relu';
    const config = {
      name: `dense${index}`,
      units,
      activation: leaky ? 'linear' : wanted,
      use_bias: true,
      dtype: 'float32',
      ...(index === 0 && { batch_input_shape: [null, inputs] }),
    };
    const dense = { class_name: 'Dense', config };
    const leak = { class_name: 'LeakyReLU', config: { name: `leaky_relu${index}`, alpha: LEAK } };
    return leaky ? [dense, leak] : [dense];
  });
  const weights = layers
    .flatMap(tensorsOf)
    .map(({ tensor, parameter, shape }) => ({ name: tensor, shape, data: parameters[parameter] }));
  const model = {
    format: 'layers-model',
    generatedBy: 'mnist-kernels',
    convertedBy: null,
    modelTopology: {
      class_name: 'Sequential',
      config: { name: `network${formatNetwork(network)}`, layers: topology },
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })),
      },
    ],
  };
  const bytes = new Uint8Array(weights.reduce((size, { data }) => size + data.byteLength, 0));
  let offset = 0;
  for (const { data } of weights) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return { 'model.json': `${JSON.stringify(model, null, 2)}\n`, 'weights.bin': bytes };
}
