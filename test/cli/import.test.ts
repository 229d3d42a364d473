// `import` of what other programs write, and what `evaluate`, `predict` and `export` make of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { transpose } from '../../src/formats/dense_stack.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { type Tensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { packageRoot } from '../../src/hosts/package_root.ts';
import { layersOf } from '../../src/network/spec.ts';
import { refusal, runWell } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const model = (name: string) => decodeModel(readFileSync(at(name)), name);
const SHIPPED = join(packageRoot(), 'models/quick.safetensors');
const shipped = decodeModel(readFileSync(SHIPPED), 'quick');
const WASM = ['--backend', 'wasm', '--threads', '1'];

/** The shipped network as PyTorch would save it. */
function stateOfShipped(): Tensors {
  const { network, parameters } = shipped;
  const state: Tensors = {};
  for (const { index, inputs, units } of layersOf(network)) {
    const data = transpose(parameters[`kernel${index}`], inputs, units);
    state[`net.${2 * index}.weight`] = { shape: [units, inputs], data };
    state[`net.${2 * index}.bias`] = { shape: [units], data: parameters[`bias${index}`] };
  }
  return state;
}

beforeAll(() => {
  writeFileSync(at('net.safetensors'), writeSafetensors(stateOfShipped(), { format: 'pt' }));
});

describe('import', () => {
  it('reads a safetensors file of PyTorch, and says what it took it for', async () => {
    const { stdout, stderr } = await runWell('import', at('net.safetensors'), '--out', at('imported'));
    expect(stdout).toBe(
      '784-128-10, relu, 101,770 parameters, for 28×28 pixels and 10 classes: safetensors with the names and layout of PyTorch, relu assumed\n',
    );
    expect(stderr).toBe('');
    expect(model('imported').parameters).toEqual(shipped.parameters);
    const tanh = await runWell('import', at('net.safetensors'), '--activation', 'tanh', '--out', at('tanh'));
    expect(tanh.stdout).toMatch(/^784-128-10, tanh, .*: safetensors with the names and layout of PyTorch\n$/);
    expect(model('tanh')).toMatchObject({ activation: 'tanh', parameters: shipped.parameters });
  });

  it.each(['onnx', 'tfjs'] as const)('takes back what was exported as %s, to the bit', async (format) => {
    const out = at(`exported.${format}`);
    await runWell('export', '--model', SHIPPED, '--format', format, '--out', out);
    const files = format === 'tfjs' ? [join(out, 'weights.bin'), join(out, 'model.json')] : [out];
    const { stderr } = await runWell('import', ...files, '--out', at(`from ${format}`));
    expect(stderr).toBe('');
    expect(model(`from ${format}`)).toMatchObject({ activation: 'relu', parameters: shipped.parameters });
  });

  it('writes float16 where it is asked to, which loses nothing of what was float16', async () => {
    const out = ['--precision', 'float16', '--out'];
    await runWell('export', '--model', SHIPPED, '--format', 'onnx', ...out, at('half.onnx'));
    expect(readFileSync(at('half.onnx')).length).toBeLessThan(210_000);
    await runWell('import', at('half.onnx'), ...out, at('half'));
    expect(readFileSync(at('half')).length).toBeLessThan(210_000);
    expect(model('half').parameters).toEqual(shipped.parameters);
  });

  it('makes models that are evaluated, reported and exported like any other, and so are the files themselves', async () => {
    await runWell('import', at('net.safetensors'), '--out', at('imported'));
    const accuracies: string[] = [];
    for (const file of [at('imported'), at('net.safetensors')]) {
      const html = ['--html', at('report.html'), '--json', at('report.json')];
      await runWell('evaluate', ...WASM, '--model', file, ...html);
      accuracies.push(JSON.parse(readFileSync(at('report.json'), 'utf8')).test.accuracy);
      expect(readFileSync(at('report.html'), 'utf8')).toContain(
        '<dt>source</dt><dd>safetensors with the names and layout of PyTorch, relu assumed</dd>',
      );
    }
    expect(accuracies).toEqual([shipped.accuracy, shipped.accuracy]);
    for (const format of ['safetensors', 'onnx', 'tfjs'])
      await runWell('export', '--model', at('imported'), '--format', format, '--out', at(`again.${format}`));
    expect(readFileSync(at('again.safetensors'))).toEqual(readFileSync(at('imported')));
  });

  it('makes models that tell digits', async () => {
    const { test } = await loadMnistNode();
    const data = Buffer.from(
      [...test.images.subarray(0, 784)].flatMap((level) => [level, level, level, 255]),
    );
    writeFileSync(at('seven.png'), PNG.sync.write({ width: 28, height: 28, data }));
    const { stdout } = await runWell('predict', '--model', at('net.safetensors'), at('seven.png'));
    expect(stdout).toMatch(/seven\.png +7 /);
  });
});

describe('import refuses, with one line and nothing written,', () => {
  const OUT = ['--out', at('none')];
  it.each<[string, () => string[], RegExp]>([
    ['nothing', () => ['import', ...OUT], /missing required argument 'file'/],
    ['an import to nowhere', () => ['import', at('net.safetensors')], /--out <file>.* not specified/],
    ['a missing file', () => ['import', at('nowhere'), ...OUT], /cannot read .*nowhere/],
    [
      'an archive of torch.save',
      () => ['import', write('net.pt', 'PK\u0003\u0004'), ...OUT],
      /net\.pt: a ZIP archive, as torch\.save/,
    ],
    [
      'a text',
      () => ['import', write('notes', 'none'), ...OUT],
      /notes: no model that is known here, expected a safetensors file, an ONNX model, or /,
    ],
    [
      'two models at once',
      () => ['import', at('net.safetensors'), at('net.safetensors'), ...OUT],
      /^2 files and neither a model\.json nor an ONNX model among them, /,
    ],
    [
      'an unknown activation',
      () => ['import', at('net.safetensors'), '--activation', 'gelu', ...OUT],
      /'gelu'.*relu, leaky_relu/,
    ],
    [
      'another activation than the file tells',
      () => ['import', SHIPPED, '--activation', 'tanh', ...OUT],
      /quick\.safetensors: the activation relu, where tanh was asked for$/,
    ],
    [
      'a tfjs export of half precision',
      () => ['export', '--model', SHIPPED, '--format', 'tfjs', '--precision', 'float16', ...OUT],
      /^--precision float16 is for safetensors and onnx: tfjs is written in float32$/,
    ],
  ])('%s', async (_, options, message) => {
    expect(await refusal(...options())).toMatch(message);
    expect(() => readFileSync(at('none'))).toThrow(/ENOENT/);
  });

  const write = (name: string, content: string) => {
    writeFileSync(at(name), content);
    return at(name);
  };
});
