// Data sets that are not MNIST's ten digits: letters as EMNIST stores them, networks that adapt themselves, and
// classes called by their names in all that a training leaves behind.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadMnistNode } from '../../src/data/mnist_node.ts';
import { decodeModel } from '../../src/formats/model.ts';
import { letterFiles, writeLetters } from '../data/letters.ts';
import { CLASSES, writeIdxFolder } from './idx_folder.ts';
import { type Ended, refusal, runWell } from './run_cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'mnist-kernels-letters-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
const json = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const WASM = ['--backend', 'wasm', '--threads', '1', '--epochs', '1'];
const ALPHABET = [...'abcdefghijklmnopqrstuvwxyz'];

describe('a training on letters', () => {
  let trained: Ended;
  let evaluated: Ended;
  beforeAll(async () => {
    await writeLetters(at('letters'));
    const files = ['--out', at('model'), '--json', at('train.json'), '--html', at('train.html')];
    trained = await runWell('train', ...WASM, '--data', at('letters'), ...files);
    const given = ['--model', at('model'), '--data', at('letters')];
    const more = ['--json', at('evaluate.json'), '--html', at('evaluate.html')];
    evaluated = await runWell('evaluate', '--backend', 'wasm', ...given, ...more);
  });

  it('adapts the network, and says so and how the images are read', () => {
    const lines = trained.stderr.split('\n');
    expect(lines).toContain(
      "letters: images named like EMNIST's are read column by column (--no-transpose: row by row)",
    );
    expect(lines).toContain('network 784-128-10 is 784-128-26 for letters: 28×28 pixels, 26 classes');
    expect(json('train.json').network).toBe('784-128-26');
  });

  it('says which files it wrote', () => {
    expect(trained.stderr.trimEnd().split('\n').slice(-3)).toEqual([
      `model: ${at('model')}`,
      `report: ${at('train.json')}`,
      `web page: ${at('train.html')}`,
    ]);
  });

  it('leaves the names of its classes in the report and the model', () => {
    expect(json('train.json').dataset).toEqual({
      name: 'letters',
      train: 600,
      test: 200,
      classNames: ALPHABET,
    });
    const { dataset, report } = decodeModel(readFileSync(at('model')), 'model');
    expect(dataset.classNames).toEqual(ALPHABET);
    expect(report?.dataset.classNames).toEqual(ALPHABET);
    expect(json('evaluate.json').dataset.classNames).toEqual(ALPHABET);
  });

  it('shows them', () => {
    expect(trained.stdout).toMatch(
      /mistakes?; the most confident: test image \d+, a [a-z] read as [a-z] with/,
    );
    expect(evaluated.stdout).toMatch(/^true +a +b +c .* x +y +z +precision/m);
    for (const page of ['train.html', 'evaluate.html'])
      expect(readFileSync(at(page), 'utf8')).toMatch(/<b>[a-z] → [a-z]<\/b>/);
  });

  it('predicts letters', async () => {
    const { test } = await loadMnistNode();
    const data = Buffer.from(
      [...test.images.subarray(0, 784)].flatMap((level) => [level, level, level, 255]),
    );
    writeFileSync(at('one.png'), PNG.sync.write({ width: 28, height: 28, data }));
    const { stdout } = await runWell(
      'predict',
      '--model',
      at('model'),
      '--json',
      at('p.json'),
      at('one.png'),
    );
    const [{ predicted, className }] = json('p.json').predictions;
    expect(className).toBe(ALPHABET[predicted]);
    expect(stdout).toMatch(new RegExp(`^image +class .*\\n\\S+one\\.png +${className} `));
  });
});

describe('--transpose', () => {
  const train = async (data: string, ...options: string[]) => {
    const { stdout, stderr } = await runWell('train', ...WASM, '--data', at(data), ...options);
    return { sha256: stdout.trimEnd().split('\n').at(-1), stderr };
  };

  it('is the default for files of EMNIST, and can be said of others', async () => {
    await writeLetters(at('emnist'));
    const upright = await train('emnist');
    const stored = await train('emnist', '--no-transpose');
    expect(stored.sha256).not.toBe(upright.sha256);
    expect(stored.stderr).not.toContain('column');
    // The same bytes under MNIST's names.
    const renamed = (name: string) => name.replace('emnist-letters-', '').replace('test-', 't10k-');
    await writeLetters(at('mnist-named'));
    for (const [name, bytes] of Object.entries(await letterFiles())) {
      rmSync(join(at('mnist-named'), name));
      writeFileSync(join(at('mnist-named'), renamed(name)), bytes);
    }
    expect((await train('mnist-named')).sha256).toBe(stored.sha256);
    expect((await train('mnist-named', '--transpose')).sha256).toBe(upright.sha256);
  });

  it('must be the same for a training to go on', async () => {
    await writeLetters(at('going-on'));
    const options = [
      'train',
      ...WASM,
      '--data',
      at('going-on'),
      '--checkpoint',
      at('kept'),
      '--layers',
      '784-26',
    ];
    const { stderr } = await runWell(...options, '--checkpoint-seconds', '0');
    expect(stderr).toContain(`checkpoint: ${at('kept')}/checkpoint.safetensors\n`);
    expect(await refusal(...options, '--no-transpose', '--resume')).toMatch(
      /is of another training: its data set is going-on, this one's going-on, rows and columns exchanged/,
    );
  });
});

describe('--class-names', () => {
  it('names the classes of MNIST', async () => {
    const names = 'zero,one,two,three,four,five,six,seven,eight,nine';
    const options = ['--train-limit', '300', '--class-names', names, '--json', at('named.json')];
    const { stdout } = await runWell('train', ...WASM, ...options);
    expect(json('named.json').dataset.classNames).toEqual(names.split(','));
    expect(stdout).toMatch(/, an? (zero|one|two|three|four|five|six|seven|eight|nine) read as [a-z]+ with/);
  });

  it('are as many as the classes of the data', async () => {
    const data = writeIdxFolder(at('three'));
    const options = ['--layers', '20-3', '--data', data, '--class-names', 'left,right'];
    expect(await refusal('train', ...WASM, ...options)).toBe(
      'class names: 2 given, expected 3, one for each label from 0 to 2',
    );
  });
});

describe('auto', () => {
  it.each([
    ['auto-8-auto', '20-8-3'],
    ['auto-8-3', '20-8-3'],
    ['20-auto', '20-3'],
  ])('in %s is what the data has', async (layers, network) => {
    const data = writeIdxFolder(at('shapes'));
    const options = ['--batch', '16', '--data', data, '--layers', layers, '--json', at('auto.json')];
    const { stderr } = await runWell('train', ...WASM, ...options);
    expect(json('auto.json').network).toBe(network);
    expect(stderr.split('\n')[0]).toBe(
      `network ${layers} is ${network} for shapes: 5×4 pixels, ${CLASSES} classes`,
    );
  });
});

describe('a folder of data', () => {
  it('of several data sets is refused, with what to do', async () => {
    await writeLetters(writeIdxFolder(at('several')));
    expect(await refusal('train', ...WASM, '--data', at('several'))).toBe(
      `${at('several')}: files of several data sets (MNIST's names, emnist-letters), expected one: ` +
        'keep each in a folder of its own',
    );
  });

  it('with a label that is missing is refused, with what to do', async () => {
    const data = writeIdxFolder(at('gap'));
    const file = join(data, 'train-labels-idx1-ubyte');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(4, 8, 9));
    expect(await refusal('train', ...WASM, '--layers', '20-5', '--data', data)).toMatch(
      /^train-labels-idx1-ubyte: no label 3, nor in t10k-labels-idx1-ubyte: expected every label from 0 to 4; /,
    );
  });
});
