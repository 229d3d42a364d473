// The exported model, loaded and run by TensorFlow.js.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { ACTIVATIONS, type Activation } from '../../src/network/activation.ts';
import { sampleOf } from './sample.ts';

it.each(['7-3', ...ACTIVATIONS.map((activation) => `20-8-5-4, ${activation}`)])(
  '%s computes the same logits in tfjs',
  async (title) => {
    const [text, activation = 'relu'] = title.split(', ') as [string, Activation?];
    const { network, parameters, rows, pixels, logits: expected } = sampleOf(text, 3, activation);
    const files = encodeLayersModel(network, parameters, activation);
    const { modelTopology, weightsManifest, ...rest } = JSON.parse(files['model.json']);
    expect(rest).toEqual({ format: 'layers-model', generatedBy: 'mnist-kernels', convertedBy: null });
    expect(weightsManifest[0].paths).toEqual(['weights.bin']);
    const weightSpecs = weightsManifest[0].weights;
    const weightData = Uint8Array.from(files['weights.bin']).buffer;
    const model = await tfl.loadLayersModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
    const logits = model.predict(tf.tensor2d(pixels, [rows, network.widths[0]])) as tf.Tensor;
    expect(logits.shape).toEqual([rows, network.widths.at(-1)]);
    for (const [i, value] of [...(await logits.data())].entries())
      expect(value).toBeCloseTo(expected.flat()[i], 5);
  },
);
