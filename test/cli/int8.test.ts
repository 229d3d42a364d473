// A network that ships becomes one of bytes, and is evaluated, exported and asked like any other.
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { decodeModel, encodeModel } from '../../src/formats/model.ts';
import { refusal, runWell } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-int8-'));
const at = (name: string) => join(folder, name);
const SHIPPED = 'models/quick.safetensors';
const INT8 = ['--precision', 'int8', '--out'];

const accuracyOf = async (...options: string[]) => {
  await runWell('evaluate', '--json', at('report.json'), ...options);
  return JSON.parse(readFileSync(at('report.json'), 'utf8')).test.accuracy as number;
};

beforeAll(() => runWell('export', '--model', SHIPPED, '--format', 'safetensors', ...INT8, at('int8')));

describe('an int8 model', () => {
  it('has the accuracy that its file tells on every engine, within 0.03 % of the network as it was', async () => {
    const { accuracy } = decodeModel(readFileSync(at('int8')), 'int8');
    const shipped = decodeModel(readFileSync(SHIPPED), 'quick').accuracy!;
    expect(Math.abs(accuracy! - shipped)).toBeLessThan(0.0003 + 1e-9);
    expect(await accuracyOf('--model', at('int8'), '--backend', 'wasm')).toBe(accuracy);
    expect(await accuracyOf('--model', at('int8'), '--backend', 'webgpu')).toBe(accuracy);
  });

  it('tells digits', async () => {
    const { test } = await loadMnistNode();
    const data = Buffer.from(
      [...test.images.subarray(0, 784)].flatMap((level) => [level, level, level, 255]),
    );
    writeFileSync(at('seven.png'), PNG.sync.write({ width: 28, height: 28, data }));
    const { stdout } = await runWell('predict', '--model', at('int8'), at('seven.png'));
    expect(stdout).toMatch(/seven\.png +7 /);
  });

  it('is written again as it is, and in float32 as the network that it stands for', async () => {
    await runWell('export', '--model', at('int8'), '--format', 'safetensors', ...INT8, at('again'));
    expect(readFileSync(at('again'))).toEqual(readFileSync(at('int8')));
    await runWell('export', '--model', at('int8'), '--format', 'safetensors', '--out', at('float32'));
    const { parameters, quantised } = decodeModel(readFileSync(at('float32')), 'float32');
    expect(quantised).toBeUndefined();
    expect(parameters).toEqual(decodeModel(readFileSync(at('int8')), 'int8').parameters);
  });

  it.each(['onnx', 'tflite'])('is a quarter of the size as %s, too', async (format) => {
    await runWell('export', '--model', at('int8'), '--format', format, ...INT8, at(format));
    expect(statSync(at(format)).size).toBeLessThan(108_000);
  });
});

describe('export --precision int8 refuses, with one line,', () => {
  it('a format that has no int8', async () => {
    expect(await refusal('export', '--model', SHIPPED, '--format', 'tfjs', ...INT8, at('none'))).toBe(
      '--precision int8 is for safetensors, onnx and tflite: tfjs is written in float32',
    );
  });

  it('hidden units that are not relu', async () => {
    const { network, dataset, parameters } = decodeModel(readFileSync(SHIPPED), 'quick');
    const model = {
      network,
      dataset,
      parameters,
      accuracy: undefined,
      source: 'a test',
      activation: 'tanh',
    } as const;
    writeFileSync(at('tanh'), encodeModel(model));
    expect(await refusal('export', '--model', at('tanh'), '--format', 'onnx', ...INT8, at('none'))).toBe(
      'network 784-128-10 with tanh: int8 is for networks whose hidden units are relu',
    );
  });
});
