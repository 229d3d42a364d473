// Model files: what goes in comes out, and what does not fit together is refused with one line.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { decodeModel, encodeModel, type ImportedModel, type TrainedModel } from '../../src/formats/model.ts';
import { readSafetensors, type Tensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { sha256Of } from '../../src/formats/sha256.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { initialParameters } from '../../src/network/initialisation.ts';
import { DEFAULT_OPTIMIZERS, type Recipe } from '../../src/network/recipe.ts';
import { parseNetwork } from '../../src/network/spec.ts';
import type { TrainingRecord, TrainReport } from '../../src/training/report.ts';

const recipe: Recipe = {
  name: 'try',
  epochs: 3,
  batch: 32,
  optimizer: DEFAULT_OPTIMIZERS.adamw,
  learningRate: 0.001,
  schedule: { kind: 'one-cycle', warmup: 0.25 },
  initialisation: 'he',
  dropout: 0.1,
  labelSmoothing: 0,
};

const network = parseNetwork('6-4-3');

const model: TrainedModel = {
  network,
  recipe,
  seed: 4_000_000_000,
  accuracy: 0.9812,
  dataset: { name: 'small “digits”', width: 3, height: 2, classes: 3 },
  parameters: initialParameters(network, 'he', 5),
};

const record: TrainingRecord = {
  network: '6-4-3',
  recipe,
  seed: 5,
  batch: 32,
  dataset: { name: 'digits', train: 90, test: 30 },
  builds: ['wasm simd'],
  epochs: [{ epoch: 1, trainLoss: 1 / 3, trainAccuracy: 0.7, testLoss: 0.1 + 0.2, testAccuracy: 0.8 }],
  stopped: false,
  keptEpoch: 1,
  test: { accuracy: 0.8, loss: 0.3, confusion: [[30]] },
  parameters: { count: 43, sha256: 'ab'.repeat(32) },
};

/** The same training, as it went on one occasion. */
function reportOf(seconds: number, threads: number): TrainReport {
  const environment = {
    runtime: 'node 20',
    userAgent: 'node',
    backend: 'wasm',
    adapter: 'WASM simd',
    threads,
    simd: 'simd',
  } as const;
  const epochs = record.epochs.map((epoch) => ({ ...epoch, seconds, imagesPerSecond: 90 / seconds }));
  return { ...record, schema: 'mnist-kernels/train@1', environment, epochs, seconds, stepLosses: [1, 2, 3] };
}

/** The model's file after a change to its tensors or metadata. */
function changed(change: (tensors: Tensors, metadata: Record<string, string>) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(encodeModel(model), 'f');
  change(tensors, metadata);
  return writeSafetensors(tensors, metadata);
}

describe('encodeModel', () => {
  it('names tensors by layer and says what made them', () => {
    const { tensors, metadata } = readSafetensors(encodeModel(model), 'f');
    expect(Object.entries(tensors).map(([name, { shape }]) => [name, shape])).toEqual([
      ['dense0/kernel', [6, 4]],
      ['dense0/bias', [4]],
      ['dense1/kernel', [4, 3]],
      ['dense1/bias', [3]],
    ]);
    expect(metadata).toEqual({
      format: 'mnist-kernels',
      network: '6-4-3',
      recipe: JSON.stringify(recipe),
      seed: '4000000000',
      accuracy: '0.9812',
      dataset: JSON.stringify(model.dataset),
    });
  });

  it('rounds to float16, and refuses what is too large for it', () => {
    const { parameters } = decodeModel(encodeModel(model, 'float16'), 'f');
    for (const [name, data] of Object.entries(model.parameters)) {
      // Half a unit in the last of 11 digits, or half of the smallest subnormal.
      data.forEach((value, i) => {
        const bound = Math.max(Math.abs(value) * 2 ** -11, 2 ** -25);
        expect(Math.abs(parameters[name][i] - value)).toBeLessThanOrEqual(bound);
      });
    }
    const large = { ...model, parameters: { ...model.parameters, bias1: Float32Array.of(0, -65520, 0) } };
    expect(() => encodeModel(large, 'float16')).toThrow(
      new InputError('tensor dense1/bias: -65520 is too large for float16, which ends at 65504'),
    );
  });

  it('is read back whole', () => {
    expect(decodeModel(encodeModel(model), 'f')).toEqual(model);
  });

  it('keeps of a report what the same training gives again', () => {
    const bytes = encodeModel({ ...model, report: reportOf(1, 2) });
    expect(encodeModel({ ...model, report: reportOf(7, 1) })).toEqual(bytes);
    const read = decodeModel(bytes, 'f');
    expect(read).toEqual({ ...model, report: record });
    expect(encodeModel(read)).toEqual(bytes);
  });

  it('says where a network comes from that another program trained', () => {
    const { dataset, parameters } = model;
    const imported: ImportedModel = {
      ...{ network, dataset, parameters, accuracy: undefined },
      ...{ source: 'ONNX by “x”', activation: 'tanh' },
    };
    const bytes = encodeModel(imported);
    expect(readSafetensors(bytes, 'f').metadata).toEqual({
      format: 'mnist-kernels',
      network: '6-4-3',
      source: 'ONNX by “x”',
      activation: 'tanh',
      dataset: JSON.stringify(model.dataset),
    });
    expect(decodeModel(bytes, 'f')).toEqual(imported);
    expect(encodeModel(decodeModel(bytes, 'f'))).toEqual(bytes);
  });

  it('has the bytes that it has always had', async () => {
    expect(await sha256Of(encodeModel({ ...model, report: reportOf(1, 2) }) as Uint8Array<ArrayBuffer>)).toBe(
      'd4651e7abfc63ff388122cdc3952350509cad027ebb53623d3ba10baf92d01bf',
    );
    for (const name of ['quick', 'standard']) {
      const shipped = readFileSync(join(packageRoot(), `models/${name}.safetensors`));
      expect(shipped.equals(encodeModel(decodeModel(shipped, name), 'float16'))).toBe(true);
    }
  });

  it('keeps the names of classes, in its data set and its report', () => {
    const classNames = ['a', 'b', 'ç “c”'];
    const dataset = { ...model.dataset, classNames };
    const report = { ...record, dataset: { ...record.dataset, classNames } };
    expect(decodeModel(encodeModel({ ...model, dataset, report }), 'f')).toEqual({
      ...model,
      dataset,
      report,
    });
  });

  it('may lack an accuracy', () => {
    const unmeasured = { ...model, accuracy: undefined };
    expect(decodeModel(encodeModel(unmeasured), 'f')).toEqual(unmeasured);
  });
});

describe('decodeModel', () => {
  it('reads a file of an earlier version, with times and the machine, and names its build', () => {
    const { builds: _, ...before } = reportOf(1, 2);
    const { tensors, metadata } = readSafetensors(encodeModel(model), 'f');
    const bytes = writeSafetensors(tensors, { ...metadata, report: JSON.stringify(before) });
    expect(decodeModel(bytes, 'f')).toEqual({ ...model, report: record });
  });

  const refusals: [string, Uint8Array, string][] = [
    ['a file of something else', writeSafetensors({}, {}), 'metadata "format" is missing or wrong'],
    ['another format', changed((_, m) => (m.format = 'pt')), 'metadata "format" is missing or wrong'],
    [
      'a name for only one class',
      changed((_, m) => (m.dataset = JSON.stringify({ ...model.dataset, classNames: ['a'] }))),
      'class names: 1 given, expected 3, one for each class',
    ],
    ['no recipe', changed((_, m) => delete m.recipe), 'metadata "recipe" is missing or wrong'],
    ['a network in words', changed((_, m) => (m.network = 'deep')), 'network "deep": expected layer widths'],
    ['a recipe that is not JSON', changed((_, m) => (m.recipe = '{')), 'metadata "recipe": expected JSON'],
    [
      'a recipe with a strange batch',
      changed((_, m) => (m.recipe = JSON.stringify({ ...recipe, batch: 0 }))),
      'batch',
    ],
    [
      'another program and no activation',
      changed((_, m) => (m.source = 'ONNX')),
      'metadata "activation" is missing or wrong',
    ],
    ['a seed in words', changed((_, m) => (m.seed = 'lucky')), 'seed NaN: expected a whole number'],
    ['an empty seed', changed((_, m) => (m.seed = '')), 'seed NaN: expected a whole number'],
    [
      'an accuracy above 1',
      changed((_, m) => (m.accuracy = '98.1')),
      'metadata "accuracy" is missing or wrong',
    ],
    [
      'a data set without a size',
      changed((_, m) => (m.dataset = '{"name":"x"}')),
      'metadata "dataset": expected',
    ],
    [
      'a data set of other images',
      changed((_, m) => (m.dataset = JSON.stringify({ ...model.dataset, width: 4 }))),
      'data of 4×2 pixels and 3 classes does not fit the network 6-4-3',
    ],
    [
      'a data set of other classes',
      changed((_, m) => (m.dataset = JSON.stringify({ ...model.dataset, classes: 2 }))),
      'data of 3×2 pixels and 2 classes does not fit the network 6-4-3',
    ],
    ['a missing tensor', changed((t) => delete t['dense1/bias']), 'no tensor dense1/bias, expected by 6-4-3'],
    [
      'a tensor too many',
      changed((t) => (t['dense2/bias'] = { shape: [1], data: Float32Array.of(0) })),
      'tensor dense2/bias has no place in the network 6-4-3',
    ],
    [
      'a transposed tensor',
      changed((t) => (t['dense0/kernel'] = { shape: [4, 6], data: new Float32Array(24) })),
      'tensor dense0/kernel: shape [4, 6], expected [6, 4] for 6-4-3',
    ],
    [
      'a number that is not finite',
      changed((t) => (t['dense1/kernel'].data[7] = Number.NaN)),
      'tensor dense1/kernel: NaN at index 7, expected finite numbers',
    ],
    ['a truncated file', encodeModel(model).slice(0, -1), 'bytes of tensors, expected'],
  ];

  it.each(refusals)('refuses %s', (_, bytes, message) => {
    expect(() => decodeModel(bytes, 'my.safetensors')).toThrow(InputError);
    expect(() => decodeModel(bytes, 'my.safetensors')).toThrow(message);
    expect(() => decodeModel(bytes, 'my.safetensors')).toThrow(/^my\.safetensors: .+$/);
  });
});
