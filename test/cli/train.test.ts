// `train`, then `evaluate`, `export` and `predict` with what it saved: the files, the JSON, Ctrl-C.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { encodeLayersModel } from '../../src/formats/layers_model.ts';
import { decodeModel, type Model } from '../../src/formats/model.ts';
import { encodeOnnx } from '../../src/formats/onnx.ts';
import { encodeTflite } from '../../src/formats/tflite.ts';
import { layersOf } from '../../src/network/spec.ts';
import { CLASSES, writeIdxFolder } from './idx_folder.ts';
import { type Ended, runCli, runWell } from './run_cli.ts';
import { expectTrainReport } from './train_report.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const json = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const model = (name: string) => decodeModel(readFileSync(at(name)), name);
const fileHash = (name: string) =>
  createHash('sha256')
    .update(readFileSync(at(name)))
    .digest('hex');
const WASM = ['--backend', 'wasm', '--threads', '1'];

describe('a short training on MNIST', () => {
  let trained: Ended;
  beforeAll(async () => {
    const files = ['--out', at('model.safetensors'), '--json', at('train.json'), '--html', at('train.html')];
    trained = await runWell(
      'train',
      ...WASM,
      '--train-limit',
      '2000',
      '--epochs',
      '1',
      '--seed',
      '7',
      ...files,
    );
  });

  it('tells of the engine on standard error, and its result on standard output', () => {
    expect(trained.stderr).toMatch(/^784-128-10, recipe \w+, seed 7\nengine: wasm \(WASM .*, 1 thread\)$/m);
    expect(trained.stderr).toMatch(/^epoch 1: loss \d\.\d+, test loss \d\.\d+, test accuracy \d+\.\d+ %/m);
    const { accuracy } = json('train.json').test;
    expect(trained.stdout).toMatch(`test accuracy ${(100 * accuracy).toFixed(2)} % (95 % interval`);
  });

  it('writes the JSON that tools read', () => {
    const report = json('train.json');
    expectTrainReport(report, 1, 10);
    expect(report).toMatchObject({ network: '784-128-10', seed: 7, stopped: false, keptEpoch: 1 });
    expect(report.environment).toMatchObject({
      backend: 'wasm',
      threads: 1,
      runtime: `node ${process.versions.node}`,
    });
    expect(report.dataset).toEqual({ name: 'MNIST', train: 2000, test: 10_000 });
    expect(report.batch).toBe(report.recipe.batch);
    expect(report.test.accuracy).toBeGreaterThan(0.75);
    expect(report.test.confusion.flat().reduce((a: number, b: number) => a + b)).toBe(10_000);
    expect(report.stepLosses).toHaveLength(Math.ceil(2000 / report.batch));
  });

  it('saves the network whose parameters the JSON names', () => {
    const { network, seed, accuracy, recipe, parameters } = model('model.safetensors');
    const report = json('train.json');
    expect(network.widths).toEqual([784, 128, 10]);
    expect({ seed, accuracy, recipe }).toEqual({
      seed: 7,
      accuracy: report.test.accuracy,
      recipe: report.recipe,
    });
    const sha256 = createHash('sha256');
    for (const name of ['kernel0', 'bias0', 'kernel1', 'bias1']) sha256.update(parameters[name]);
    expect(sha256.digest('hex')).toBe(report.parameters.sha256);
    expect(report.parameters.count).toBe(101_770);
  });

  it('writes a report that needs no other file', () => {
    const html = readFileSync(at('train.html'), 'utf8');
    expect(html).toMatch(/^<!doctype html>/i);
    expect(html).toContain('784-128-10');
    expect(html).not.toMatch(/<link|<script[^>]* src|(src|href)="(?!data:|#)/);
  });

  it('says at its end what to tell its parameters by', () => {
    const { sha256 } = json('train.json').parameters;
    expect(trained.stdout.trimEnd().split('\n').at(-1)).toBe(`parameters sha256 ${sha256}`);
  });

  it('trains the same network again, with two threads, into the same file', async () => {
    const limits = ['--train-limit', '2000', '--epochs', '1', '--seed', '7'];
    const files = ['--json', at('again.json'), '--out', at('again.safetensors')];
    await runWell('train', '--backend', 'wasm', '--threads', '2', ...limits, ...files);
    expect(fileHash('again.safetensors')).toBe(fileHash('model.safetensors'));
    expect(json('again.json').builds).toEqual([`wasm ${json('again.json').environment.simd}`]);
    expect(json('again.json').environment.threads).toBe(2);
    expect(json('again.json').parameters).toEqual(json('train.json').parameters);
    expect(json('again.json').stepLosses).toEqual(json('train.json').stepLosses);
  });

  it('evaluates to what the training measured', async () => {
    const files = ['--json', at('evaluate.json'), '--html', at('evaluate.html')];
    const { stdout } = await runWell('evaluate', ...WASM, '--model', at('model.safetensors'), ...files);
    const { schema, network, test, environment } = json('evaluate.json');
    const trainedTest = json('train.json').test;
    expect({ schema, network, backend: environment.backend }).toEqual({
      schema: 'mnist-kernels/evaluate@1',
      network: '784-128-10',
      backend: 'wasm',
    });
    expect(test.accuracy).toBe(trainedTest.accuracy);
    expect(test.confusion).toEqual(trainedTest.confusion);
    expect(test.loss).toBeCloseTo(trainedTest.loss, 5);
    expect(test.perClass).toHaveLength(10);
    expect(stdout).toContain(`accuracy ${(100 * test.accuracy).toFixed(2)} %`);
    expect(stdout).toMatch(/precision +recall +F1/);
    expect(readFileSync(at('evaluate.html'), 'utf8')).toContain('784-128-10');
  });

  it('exports the model for others, and in half the bytes', async () => {
    const given = ['export', '--model', at('model.safetensors')];
    await runWell(
      ...given,
      '--format',
      'safetensors',
      '--precision',
      'float16',
      '--out',
      at('half.safetensors'),
    );
    await runWell(...given, '--format', 'onnx', '--out', at('model.onnx'));
    await runWell(...given, '--format', 'tflite', '--out', at('model.tflite'));
    await runWell(...given, '--format', 'tfjs', '--out', at('deep/tfjs'));
    const { network, parameters, dataset } = model('model.safetensors');
    const half = model('half.safetensors');
    expect({ ...half, parameters }).toEqual(model('model.safetensors'));
    half.parameters.kernel0.forEach((value, i) => {
      expect(Math.abs(value - parameters.kernel0[i])).toBeLessThanOrEqual(
        Math.max(Math.abs(value) * 2 ** -11, 2 ** -25),
      );
    });
    expect(readFileSync(at('model.onnx'))).toEqual(Buffer.from(encodeOnnx(network, parameters, { dataset })));
    expect(readFileSync(at('model.tflite'))).toEqual(Buffer.from(encodeTflite(network, parameters)));
    const layersModel = encodeLayersModel(network, parameters);
    expect(readFileSync(at('deep/tfjs/model.json'), 'utf8')).toBe(layersModel['model.json']);
    expect(readFileSync(at('deep/tfjs/weights.bin'))).toEqual(Buffer.from(layersModel['weights.bin']));
  });

  it('predicts digits from PNG files', async () => {
    const { test } = await loadMnistNode();
    const count = 30;
    const images = Array.from({ length: count }, (_, i) => test.images.subarray(784 * i, 784 * (i + 1)));
    const files = images.map((image, i) => writePng(`digit${i}.png`, image));
    const { stdout } = await runWell(
      'predict',
      '--model',
      at('model.safetensors'),
      '--json',
      at('predict.json'),
      ...files,
    );
    const { schema, predictions } = json('predict.json') as {
      schema: string;
      predictions: { file: string; predicted: number; probabilities: number[] }[];
    };
    expect(schema).toBe('mnist-kernels/predict@1');
    expect(predictions.map(({ file }) => file)).toEqual(files);
    const network = model('model.safetensors');
    for (const [i, { predicted, probabilities }] of predictions.entries()) {
      const expected = probabilitiesOf(network, images[i]);
      expect(predicted).toBe(expected.indexOf(Math.max(...expected)));
      for (const [digit, p] of probabilities.entries()) expect(p).toBeCloseTo(expected[digit], 4);
    }
    const right = predictions.filter(({ predicted }, i) => predicted === test.labels[i]).length;
    expect(right).toBeGreaterThan(0.7 * count);
    for (const file of files) expect(stdout).toContain(file);
  });
});

/** White ink on black, as a viewer shows MNIST. */
function writePng(name: string, image: Uint8Array): string {
  const data = Buffer.from([...image].flatMap((level) => [level, level, level, 255]));
  writeFileSync(at(name), PNG.sync.write({ width: 28, height: 28, data }));
  return at(name);
}

/** The network's answer in float64, by its definition. */
function probabilitiesOf({ network, parameters }: Model, image: Uint8Array): number[] {
  const layers = layersOf(network);
  const logits = layers.reduce(
    (x, { index, units }) =>
      Array.from({ length: units }, (_, u) => {
        const sum = x.reduce(
          (total, value, i) => total + value * parameters[`kernel${index}`][i * units + u],
          parameters[`bias${index}`][u],
        );
        return index < layers.length - 1 ? Math.max(0, sum) : sum;
      }),
    Array.from(image, (level) => level / 255),
  );
  const weights = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  return weights.map((weight) => weight / weights.reduce((a, b) => a + b));
}

// Windows has no signals: one that a test sends ends a process at once.
describe.skipIf(process.platform === 'win32')('Ctrl-C', () => {
  it('stops a training cleanly, saves it, and says which epoch was kept', async () => {
    const files = [
      '--out',
      at('stopped.safetensors'),
      '--json',
      at('stopped.json'),
      '--html',
      at('stopped.html'),
    ];
    let interrupted = false;
    const { code, stderr, stdout } = await runCli(
      ['train', ...WASM, '--train-limit', '2000', '--epochs', '10000', '--layers', '784-32-10', ...files],
      (soFar, child) => {
        if (interrupted || !/^epoch 2:/m.test(soFar)) return;
        interrupted = true;
        child.kill('SIGINT');
      },
    );
    expect({ code, interrupted }).toEqual({ code: 0, interrupted: true });
    const { epochs, keptEpoch, stopped, test } = json('stopped.json');
    expect(stopped).toBe(true);
    expect(epochs.length).toBeGreaterThanOrEqual(2);
    expect(epochs.length).toBeLessThan(10_000);
    const losses = epochs.map(({ trainLoss }: { trainLoss: number }) => trainLoss);
    expect(keptEpoch).toBe(losses.indexOf(Math.min(...losses)) + 1);
    expect(stderr).toContain(`stopped after ${epochs.length} of 10,000 epochs; kept epoch ${keptEpoch}\n`);
    expect(test.accuracy).toBe(epochs[keptEpoch - 1].testAccuracy);
    expect(stdout).toContain('test accuracy');
    expect(model('stopped.safetensors').accuracy).toBe(test.accuracy);
    expect(existsSync(at('stopped.html'))).toBe(true);
  });
});

describe('--data', () => {
  it.each([false, true])('trains on a folder of other images and classes (gzip: %s)', async (gzip) => {
    const data = writeIdxFolder(at(`shapes-${gzip}`), { gzip });
    const name = `shapes-${gzip}.safetensors`;
    const options = ['--layers', '20-8-3', '--epochs', '20', '--batch', '16', '--data', data];
    await runWell('train', ...WASM, ...options, '--out', at(name), '--json', at('shapes.json'));
    const report = json('shapes.json');
    expectTrainReport(report, 20, CLASSES);
    expect(report).toMatchObject({
      network: '20-8-3',
      dataset: { name: `shapes-${gzip}`, train: 300, test: 60 },
    });
    expect(report.test.accuracy).toBe(1);
    const { dataset } = model(name);
    expect(dataset).toEqual({ name: `shapes-${gzip}`, width: 5, height: 4, classes: CLASSES });
    const { stdout } = await runWell('evaluate', ...WASM, '--model', at(name), '--data', data);
    expect(stdout).toContain('accuracy 100.00 %');
  });

  it('tests on the last training images when they are held out', async () => {
    const data = writeIdxFolder(at('held'), { train: 300, test: 60 });
    const options = ['--layers', '20-8-3', '--batch', '16', '--data', data, '--hold-out', '90'];
    await runWell('train', ...WASM, ...options, '--train-limit', '150', '--json', at('held.json'));
    const { dataset, test } = json('held.json');
    expect(dataset).toEqual({ name: 'held', train: 150, test: 90 });
    const held = readFileSync(join(data, 'train-labels-idx1-ubyte')).subarray(8 + 300 - 90);
    const counts = test.confusion.map((row: number[]) => row.reduce((a, b) => a + b));
    expect(counts).toEqual([0, 1, 2].map((label) => held.filter((each) => each === label).length));
  });
});
