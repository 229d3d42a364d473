// Bad input on the command line: one line on standard error, exit code 2, no stack trace, nothing written.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors.ts';
import { writeIdxFolder } from './idx_folder.ts';
import { refusal, runCli, runWell } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-refusals-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const WASM = ['--backend', 'wasm', '--threads', '1'];
const NOTHING = new Float32Array(0);

describe('the command line refuses', () => {
  it.each<[string, string[], string | RegExp]>([
    ['an unknown command', ['trian'], /unknown command 'trian'.*train/],
    [
      'an unknown option',
      ['train', '--learnign-rate', '1'],
      /unknown option '--learnign-rate'.*--learning-rate/,
    ],
    ['an argument too many', ['train', 'mnist'], /too many arguments/],
    ['a text for a number', ['train', '--epochs', 'many'], /--epochs <number>.*'many'.*number/],
    ['an unknown backend', ['train', '--backend', 'cuda'], /'cuda'.*auto, webgpu, wasm, tfjs/],
    ['an unknown runtime', ['train', '--runtime', 'netscape'], /'netscape'.*node, chromium/],
    ['an unknown recipe', ['train', '--recipe', 'slow'], /'slow'.*quick/],
    ['an unknown optimizer', ['train', '--optimizer', 'lion'], /'lion'.*sgd, adamw/],
    ['layers that are no numbers', ['train', '--layers', 'wide'], /network "wide": expected .*784-128-10/],
    [
      'a hidden layer that is left to the data',
      ['train', '--layers', '784-auto-10'],
      /^network "784-auto-10": auto is the first width, .* or the last one, .*expected a number for each hidden/,
    ],
    ['nothing but auto', ['train', '--layers', 'auto'], /^network "auto": expected .*784-128-10/],
    [
      'too few class names',
      ['train', '--class-names', 'zero,one'],
      /^class names: 2 given, expected 10, one for each label from 0 to 9$/,
    ],
    ['a class name twice', ['train', '--class-names', 'a,b,a'], /--class-names <names>.* Expected different/],
    [
      'a class without a name',
      ['evaluate', '--class-names', 'a,,b'],
      /--class-names <names>.* none of them empty/,
    ],
    [
      'an unknown peer',
      ['bench', '--peers', 'jax'],
      /'jax' is invalid\. Expected all, a library such as jax-js, or one of: tfjs-wasm/,
    ],
    [
      'a shader without its file',
      ['validate', '--shader', 'dense_forward'],
      /--shader <name=file>.*Expected NAME=FILE, such as dense_forward=my\.wgsl/,
    ],
    [
      'a shader that is not there',
      ['validate', '--shader', 'dense_forward=nowhere.wgsl'],
      /^cannot read nowhere\.wgsl: /,
    ],
    [
      'a shader of another name',
      ['validate', '--quick', '--shader', 'matmul=README.md'],
      /^matmul: only trainings run it|^shader "matmul": expected one of adamw/,
    ],
    [
      'own shaders on WASM',
      ['validate', '--backend', 'wasm', '--shader', 'sgd=shaders/sgd.wgsl'],
      /^own shaders need the backend webgpu, not wasm$/,
    ],
    [
      'a suite of own shaders that is none',
      ['bench', '--suite', 'step', '--shader', 'sgd=shaders/sgd.wgsl'],
      /^own shaders are timed by the suite kernels alone$/,
    ],
    [
      'a fused shader by itself',
      ['bench', '--shader', 'output_layer=shaders/output_layer.wgsl'],
      /^shader "output_layer" cannot be timed by itself: expected one of distort, /,
    ],
    ['an empty layer', ['train', '--layers', '784-0-10'], /a layer of 0 units; expected .* from 1 to 65536/],
    ['10⁹ units', ['train', '--layers', '784-1000000000-10'], /1000000000 units; expected .* to 65536/],
    [
      'too many parameters',
      ['train', '--layers', '784-60000-60000-10'],
      /parameters, the limit is 268435456/,
    ],
    [
      'layers that do not fit MNIST',
      ['train', '--layers', '100-10'],
      /28×28 pixels and 10 classes, expected 784-…-10/,
    ],
    ['a batch of 0', ['train', '--batch', '0'], /^recipe, batch: .*0$/],
    [
      'a batch larger than the data',
      ['train', '--train-limit', '9', '--batch', '10'],
      /batch of 10: expected at most the 9/,
    ],
    ['no epochs', ['train', '--epochs', '0'], /^recipe, epochs: .*0$/],
    ['a negative rate', ['train', '--learning-rate', '-1'], /^recipe, learningRate: .*-1$/],
    [
      'a distortion of nothing known',
      ['train', '--distortion', 'zoom=2'],
      /^distortion "zoom=2": expected none, or NAME=NUMBER of rotation, /,
    ],
    [
      'a distortion out of bounds',
      ['train', '--distortion', 'rotation=200'],
      /^recipe, distortion\.rotation: .*200$/,
    ],
    [
      'a distortion on tfjs',
      ['train', '--backend', 'tfjs', '--distortion', 'rotation=5', '--train-limit', '200'],
      /^tfjs trains on the images as they are/,
    ],
    [
      'checkpoints of tfjs',
      ['train', '--backend', 'tfjs', '--checkpoint', at('tfjs')],
      /^--checkpoint: tfjs does not tell its optimizer's state; choose webgpu, wasm or auto$/,
    ],
    ['all units dropped', ['train', '--dropout', '1'], /^recipe, dropout: .*1$/],
    ['half a seed', ['train', '--seed', '0.5'], /^seed 0.5: expected a whole number/],
    ['no threads', ['train', '--threads', '0'], /^threads 0: expected a whole number from 1 to 64$/],
    [
      'no samples',
      ['train', '--train-limit', '0'],
      /^train limit 0: expected a whole number from 1 to 60000$/,
    ],
    [
      'nothing left to train on',
      ['train', '--hold-out', '60000'],
      /^hold out 60000: expected a whole number from 1 to 59999$/,
    ],
    ['a missing folder of data', ['train', '--data', at('nowhere')], /cannot read the folder .*nowhere/],
    [
      'an output in a missing folder',
      ['train', '--out', at('nowhere/model')],
      /cannot write .*: there is no folder .*nowhere/,
    ],
    ['a folder as the output', ['train', '--json', folder], /cannot write .*: it is a folder/],
    ['a missing model', ['evaluate', '--model', at('nowhere')], /cannot read .*nowhere/],
    ['an evaluation of nothing', ['evaluate'], /--model <file>.* not specified/],
    [
      'an export to no format',
      ['export', '--model', at('model'), '--out', at('exported')],
      /--format <name>.* not specified/,
    ],
    [
      'an export of a missing model',
      ['export', '--model', at('nowhere'), '--format', 'onnx', '--out', at('exported')],
      /cannot read .*nowhere/,
    ],
    [
      'half a seed to accuracy',
      ['bench', '--seeds', '0.5'],
      /^seeds 0.5: expected a whole number from 1 to 100$/,
    ],
    [
      'more threads than there can be',
      ['bench', '--threads', '100000'],
      /^threads 100000: expected a whole number from 1 to 64$/,
    ],
    ['no time', ['bench', '--seconds', '-1'], /^seconds -1: expected a number from 0.01 to 3600$/],
    ['time without end', ['bench', '--seconds', '1e308'], /^seconds 1e\+308: expected a number/],
    ['a benchmark of an empty batch', ['bench', '--batch', '128,0'], /^batch 0: expected a whole number/],
    [
      'a network that is left out behind a comma, before the first is measured',
      ['bench', '--layers', '784-128-10,'],
      /^network "": expected layer widths/,
    ],
    [
      'a benchmark of a network that MNIST does not fit',
      ['bench', '--layers', '784-128-10,20-3'],
      /^network "20-3": MNIST has 28×28 pixels/,
    ],
    [
      'one file for two results',
      ['train', '--out', at('both'), '--json', at('both')],
      /^cannot write .*both: another result of this command goes there$/,
    ],
    [
      'one file under two names',
      ['train', '--out', at('both'), '--json', `${folder}/./both`],
      /^cannot write .*both: another result of this command goes there$/,
    ],
    ['a folder as the model', ['evaluate', '--model', folder], /^cannot read .*: it is a folder$/],
    ['a prediction of nothing', ['predict', '--model', at('model')], /missing required argument 'image'/],
  ])('%s', async (_, options, message) => {
    expect(await refusal(...options)).toMatch(message);
  });

  it.skipIf(process.platform === 'win32')('a device, and a pipe that nobody writes to, at once', async () => {
    expect(await refusal('evaluate', '--model', '/dev/zero')).toBe(
      'cannot read /dev/zero: expected a regular file, no device or pipe',
    );
    execFileSync('mkfifo', [at('pipe')]);
    const message = /^cannot read .*pipe: expected a regular file, no device or pipe$/;
    expect(await refusal('evaluate', '--model', at('pipe'))).toMatch(message);
    expect(await refusal('bench', '--merge', at('pipe'))).toMatch(message);
    const data = writeIdxFolder(at('piped data'));
    rmSync(join(data, 't10k-labels-idx1-ubyte'));
    execFileSync('mkfifo', [join(data, 't10k-labels-idx1-ubyte')]);
    expect(await refusal('train', ...WASM, '--layers', '20-3', '--data', data)).toMatch(/regular file/);
  });

  it('text that steers a terminal, and lines of megabytes', async () => {
    const steering = '\u001b[2J\u0007\u202e';
    const named = writeSafetensors({ [`${steering}${'x'.repeat(2e6)}`]: { shape: [0], data: NOTHING } }, {});
    writeFileSync(at('hostile'), named);
    const line = await refusal('evaluate', '--model', at('hostile'));
    expect(line.length).toBeLessThan(2000);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);

    const spread = { median: 1, p5: 1, p95: 1 };
    const subject = { backend: steering, threads: 1, milliseconds: spread, gflops: 1, rooflineFraction: 1 };
    const bench = {
      schema: 'mnist-kernels/bench@1',
      environment: { runtime: steering, userAgent: steering, processors: 1 },
      roofline: { gflops: 1, threads: 1, how: steering },
      cases: [
        { suite: 'step', name: steering, network: '784-10', batch: 1, subject, peers: [{ name: steering }] },
      ],
      notes: [steering],
    };
    writeFileSync(at('hostile.json'), JSON.stringify(bench));
    const { stdout } = await runWell('bench', '--merge', at('hostile.json'), at('hostile.json'));
    expect(stdout).toContain('\\u{1b}[2J');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it('a training on data that does not fit, before it writes anything', async () => {
    const data = writeIdxFolder(at('shapes'));
    const options = ['--layers', '784-128-10', '--out', at('none')];
    expect(await refusal('train', ...WASM, '--data', data, ...options)).toContain(
      'shapes has 5×4 pixels and 3 classes, expected 20-…-3',
    );
    expect(existsSync(at('none'))).toBe(false);
  });

  it('helps on standard error when asked for nothing, and on standard output when asked to', async () => {
    const nothing = await runCli([]);
    expect({ code: nothing.code, stdout: nothing.stdout }).toEqual({ code: 2, stdout: '' });
    expect(nothing.stderr).toContain('Usage: mnist-kernels');
    const { stdout } = await runWell('--help');
    for (const command of ['train', 'evaluate', 'predict', 'validate', 'bench', 'export', 'import'])
      expect(stdout).toContain(command);
  });
});

/** So many layers multiply any excess of the rate. */
const DEEP = ['784', ...new Array<string>(16).fill('64'), '10'].join('-');

describe('a run that fails', () => {
  it('ends with exit code 1 and one line when the training diverges', async () => {
    const { code, stdout, stderr } = await runCli([
      ...['train', ...WASM, '--layers', DEEP, '--train-limit', '2000', '--out', at('diverged')],
      ...['--learning-rate', '100', '--optimizer', 'sgd', '--batch', '64'],
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^the learning rate 100 is too high: the training diverged, its loss is no longer finite at step \d+$/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(at('diverged'))).toBe(false);
  });
});
