// Layers models that tfjs itself makes and saves: the logits that tfjs predicts, and what is no dense network.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, it } from 'vitest';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import type { ImportedModel } from '../../src/formats/model.ts';
import { type NamedFile, readModel } from '../../src/formats/read_model.ts';
import { jsonFile } from './layers_model_file.ts';
import { expectSameLogits, IMAGES, logitsOf, pixelsOfMnist } from './logits.ts';
import { sampleOf } from './sample.ts';

const { layers } = tfl;

/** What tfjs has to save of a model. */
async function artifactsOf(model: tfl.LayersModel): Promise<tf.io.ModelArtifacts> {
  let saved: tf.io.ModelArtifacts | undefined;
  const keep = async (artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> => {
    saved = artifacts;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  };
  await model.save(tf.io.withSaveHandler(keep));
  return saved!;
}

/** As tfjs's converter writes them: model.json, and weights in pieces of a size. */
function filesOf(
  { modelTopology, weightSpecs, weightData, generatedBy }: tf.io.ModelArtifacts,
  pieceBytes = Infinity,
): NamedFile[] {
  const bytes = new Uint8Array(weightData as ArrayBuffer);
  const count = Math.max(1, Math.ceil(bytes.length / pieceBytes));
  const pieces = Array.from({ length: count }, (_, i) => ({
    name: `folder/group1-shard${i + 1}of${count}.bin`,
    bytes: count === 1 ? bytes : bytes.slice(i * pieceBytes, (i + 1) * pieceBytes),
  }));
  const paths = pieces.map(({ name }) => name.replace('folder/', ''));
  const json = {
    format: 'layers-model',
    generatedBy,
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths, weights: weightSpecs }],
  };
  return [...pieces.reverse(), jsonFile(json)];
}

async function predict(
  model: tfl.LayersModel,
  extents: readonly number[],
  scale = 1,
): Promise<ArrayLike<number>> {
  const pixels = (await pixelsOfMnist()).map((pixel) => scale * pixel);
  return (model.predict(tf.tensor(pixels, [IMAGES, ...extents])) as tf.Tensor).data();
}

const initial = (seed: number) => ({
  kernelInitializer: tfl.initializers.glorotUniform({ seed }),
  biasInitializer: tfl.initializers.randomNormal({ seed: seed + 1, stddev: 0.1 }),
});
const dense = (units: number, config: Partial<Parameters<typeof layers.dense>[0]> = {}) =>
  layers.dense({ units, ...initial(units), ...config });

const read = (files: readonly NamedFile[]) => readModel(files) as ImportedModel;

describe('a layers model of tfjs', () => {
  it('gives the logits that tfjs predicts: Sequential, images, dropout, softmax, weights in pieces', async () => {
    const logits = [
      layers.flatten({ inputShape: [28, 28, 1] }),
      dense(40, { activation: 'relu' }),
      layers.dropout({ rate: 0.5 }),
      dense(24, { activation: 'relu' }),
      dense(10),
    ];
    const origin = tfl.sequential({ layers: logits });
    const model = tfl.sequential({ layers: [...logits, layers.softmax()] });
    const imported = read(filesOf(await artifactsOf(model), 50_000));
    expect(imported).toMatchObject({
      source: expect.stringMatching(/^layers model of TensorFlow\.js, written by TensorFlow\.js/),
      network: { widths: [784, 40, 24, 10] },
      activation: 'relu',
      dataset: { name: 'unknown data', width: 28, height: 28, classes: 10 },
    });
    expectSameLogits(await logitsOf(imported), await predict(origin, [28, 28, 1]));
  });

  it('gives the logits that tfjs predicts: Functional, no biases, an activation of its own, a scale', async () => {
    const input = tfl.input({ shape: [28, 28] });
    const scaled = layers.rescaling({ scale: 1 / 255 }).apply(input) as tfl.SymbolicTensor;
    const flat = layers.reshape({ targetShape: [784] }).apply(scaled) as tfl.SymbolicTensor;
    const hidden = dense(32, { useBias: false }).apply(flat) as tfl.SymbolicTensor;
    const active = layers.activation({ activation: 'sigmoid' }).apply(hidden) as tfl.SymbolicTensor;
    const last = dense(10);
    const logits = last.apply(active) as tfl.SymbolicTensor;
    const outputs = layers.activation({ activation: 'softmax' }).apply(logits) as tfl.SymbolicTensor;
    const imported = read(filesOf(await artifactsOf(tfl.model({ inputs: input, outputs }))));
    expect(imported).toMatchObject({ network: { widths: [784, 32, 10] }, activation: 'sigmoid' });
    const origin = tfl.model({ inputs: input, outputs: logits });
    expectSameLogits(await logitsOf(imported), await predict(origin, [28, 28], 255));
  });

  it.each(['uint8', 'uint16', 'float16'] as const)(
    'gives the logits of tfjs with weights of %s',
    async (dtype) => {
      const model = tfl.sequential({
        layers: [dense(30, { inputShape: [784], activation: 'tanh' }), dense(10)],
      });
      const { modelTopology, weightSpecs, weightData } = await artifactsOf(model);
      const values = new Float32Array(weightData as ArrayBuffer);
      const [scale, min] = [0.4 / (dtype === 'uint8' ? 255 : 65535), -0.2];
      const codes = Array.from(values, (value) => Math.max(0, Math.round((value - min) / scale)));
      // As float16 any bits below those of 1 are numbers that a weight may have.
      const bits = Array.from(values, (_, i) => (i * 37) % 0x3000);
      const quantized =
        dtype === 'uint8'
          ? Uint8Array.from(codes, (code) => Math.min(code, 255))
          : Uint16Array.from(dtype === 'float16' ? bits : codes);
      const specs = weightSpecs!.map((spec) => ({
        ...spec,
        quantization: {
          dtype,
          ...(dtype === 'float16' ? {} : { scale, min }),
          original_dtype: 'float32' as const,
        },
      }));
      const artifacts = {
        modelTopology,
        weightSpecs: specs,
        weightData: quantized.buffer,
      } as tf.io.ModelArtifacts;
      const origin = await tfl.loadLayersModel(tf.io.fromMemory(artifacts));
      expectSameLogits(await logitsOf(read(filesOf(artifacts))), await predict(origin, [784]));
    },
  );

  it.each(['relu', 'leaky_relu', 'tanh', 'sigmoid', 'linear'] as const)(
    'that this project exported is read back to the bit: %s',
    (activation) => {
      const { network, parameters } = sampleOf('20-8-5-3', 1, activation);
      const files = encodeLayersModel(network, parameters, activation);
      const model = read([
        { name: 'any name', bytes: new TextEncoder().encode(files['model.json']) },
        { name: 'another', bytes: files['weights.bin'] },
      ]);
      expect(model).toMatchObject({ network, activation, parameters });
    },
  );

  it('is read as the converter from Keras writes it', () => {
    const { network, parameters } = sampleOf('20-8-3');
    const { 'model.json': json, 'weights.bin': bytes } = encodeLayersModel(network, parameters);
    const { modelTopology, weightsManifest } = JSON.parse(json);
    const [{ weights }] = weightsManifest;
    const renamed = weights.map(({ name, ...rest }: { name: string }) => ({ name: `net/${name}`, ...rest }));
    const [dense0, dense1] = modelTopology.config.layers;
    const { batch_input_shape: _, ...hidden } = dense0.config;
    const input = {
      class_name: 'InputLayer',
      config: { batch_input_shape: [null, 4, 5], name: 'flatten_input' },
    };
    const flat = { class_name: 'Flatten', config: { name: 'flatten', data_format: 'channels_last' } };
    const rest = [
      { ...dense0, config: { ...hidden, kernel_initializer: { class_name: 'GlorotUniform', config: {} } } },
      { ...dense1, config: { ...dense1.config, activation: 'softmax' } },
    ];
    const model = {
      format: 'layers-model',
      generatedBy: 'keras v2.15.0',
      convertedBy: 'TensorFlow.js Converter v4.22.0',
      modelTopology: {
        keras_version: '2.15.0',
        backend: 'tensorflow',
        model_config: { class_name: 'Sequential', config: { name: 'net', layers: [input, flat, ...rest] } },
      },
      weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights: renamed }],
    };
    expect(read([jsonFile(model), { name: 'group1-shard1of1.bin', bytes }])).toMatchObject({
      source: 'layers model of TensorFlow.js, written by keras v2.15.0',
      network,
      activation: 'relu',
      dataset: { width: 5, height: 4 },
      parameters,
    });
  });

  it('is refused with branches, which only a Functional one can have', async () => {
    const input = tfl.input({ shape: [6] });
    const left = dense(4).apply(input) as tfl.SymbolicTensor;
    const right = dense(4, { name: 'right' }).apply(input) as tfl.SymbolicTensor;
    const outputs = layers.add({ name: 'sum' }).apply([left, right]) as tfl.SymbolicTensor;
    const files = filesOf(await artifactsOf(tfl.model({ inputs: input, outputs })));
    expect(() => read(files)).toThrow(
      'layer sum (Add): expected one input, which is the output of another layer',
    );
  });
});
