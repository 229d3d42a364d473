// Linear layers of PyTorch in safetensors files: their order, their layout, and what is none.
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { floatToHalf } from '../../src/formats/half.ts';
import { readModel } from '../../src/formats/read_model.ts';
import { type Tensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { ACTIVATION_CODES, type Activation, activate } from '../../src/network/activation.ts';
import { hash, toUnit } from '../../src/network/random.ts';
import { expectSameLogits, IMAGES, logitsOf, pixelsOfMnist } from './logits.ts';

/** Numbers as nn.Linear draws them, uniform in ±1/√inputs. */
function random(count: number, inputs: number, seed: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => (2 * toUnit(hash(seed, 0, i)) - 1) / Math.sqrt(inputs),
  );
}

/** The state of Linear layers with these names, from the pixels on. */
function stateOf(stems: readonly string[], widths: readonly number[], bias = true): Tensors {
  const tensors: Tensors = {};
  stems.forEach((stem, i) => {
    const [inputs, units] = [widths[i], widths[i + 1]];
    tensors[`${stem}.weight`] = { shape: [units, inputs], data: random(units * inputs, inputs, 2 * i) };
    if (bias) tensors[`${stem}.bias`] = { shape: [units], data: random(units, inputs, 2 * i + 1) };
  });
  return tensors;
}

const fileOf = (tensors: Tensors, metadata: Record<string, string> = { format: 'pt' }) => [
  { name: 'net.safetensors', bytes: writeSafetensors(tensors, metadata) },
];

/** x·Wᵀ + b in float64, as the documentation of nn.Linear has it. */
function forward(
  tensors: Tensors,
  stems: readonly string[],
  pixels: Float32Array,
  activation: Activation,
): number[] {
  let rows = Array.from({ length: IMAGES }, (_, n) =>
    Float64Array.from(pixels.subarray(784 * n, 784 * (n + 1))),
  );
  for (const [index, stem] of stems.entries()) {
    const { shape, data } = tensors[`${stem}.weight`];
    const bias = tensors[`${stem}.bias`]?.data;
    const code = ACTIVATION_CODES[index < stems.length - 1 ? activation : 'linear'];
    rows = rows.map((row) =>
      Float64Array.from({ length: shape[0] }, (_, unit) => {
        const weights = data.subarray(unit * shape[1], (unit + 1) * shape[1]);
        return activate(
          code,
          row.reduce((sum, x, i) => sum + x * weights[i], bias?.[unit] ?? 0),
        );
      }),
    );
  }
  return rows.flatMap((row) => [...row]);
}

describe('a safetensors file of PyTorch', () => {
  it.each<[string, string[], Activation | undefined, boolean]>([
    ['nn.Sequential', ['0', '2', '4'], undefined, true],
    ['a module without biases', ['net.fc1', 'net.fc2', 'net.fc3'], 'tanh', false],
  ])('gives the logits that x·Wᵀ + b gives: %s', async (_, stems, activation, bias) => {
    const tensors = stateOf(stems, [784, 48, 32, 10], bias);
    const model = readModel(fileOf(tensors), { activation });
    expect(model).toMatchObject({
      network: { widths: [784, 48, 32, 10] },
      activation: activation ?? 'relu',
      accuracy: undefined,
      dataset: { name: 'unknown data', width: 28, height: 28, classes: 10 },
    });
    const expected = forward(tensors, stems, await pixelsOfMnist(), activation ?? 'relu');
    expectSameLogits(await logitsOf(model), expected);
  });

  it('may be of float16 and of bfloat16', () => {
    const values = Float32Array.of(1, -0.5, 3, 0.25);
    const header = (dtype: string) => ({ weight: { dtype, shape: [2, 2], data_offsets: [0, 8] } });
    const file = (dtype: string, bits: (value: number) => number) => {
      const json = JSON.stringify(header(dtype)).padEnd(80);
      const bytes = new Uint8Array(96);
      bytes.set([json.length], 0);
      bytes.set(new TextEncoder().encode(json), 8);
      bytes.set(new Uint8Array(Uint16Array.from(values, bits).buffer), 88);
      return [{ name: 'f', bytes }];
    };
    const bfloat = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0] >>> 16;
    for (const model of [readModel(file('F16', floatToHalf)), readModel(file('BF16', bfloat))]) {
      expect(model.parameters).toEqual({
        kernel0: Float32Array.of(1, 3, -0.5, 0.25),
        bias0: new Float32Array(2),
      });
    }
  });

  it.each([128, 384, 640])(
    'may have a header of %i bytes, which begins like a pickle of Python',
    (length) => {
      const state = { weight: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } };
      const bare = writeSafetensors(state, { note: '' });
      const header = JSON.stringify(JSON.parse(new TextDecoder().decode(bare.subarray(8, -16))));
      const files = fileOf(state, { note: 'x'.repeat(length - header.length) });
      expect([...files[0].bytes.subarray(0, 2)]).toEqual([0x80, length >> 8]);
      expect(readModel(files).parameters.kernel0).toEqual(Float32Array.of(1, 3, 2, 4));
    },
  );

  it.each<[string, string[], number[]]>([
    ['numbers above nine', Array.from({ length: 12 }, (_, i) => `layers.${i}`), new Array(13).fill(4)],
    ['numbers within names', ['block1.lin', 'block2.lin', 'block10.lin'], [4, 4, 4, 4]],
    ['a head that is named', ['fc1', 'fc2', 'fc3', 'classifier'], [6, 4, 4, 4, 3]],
    ['names alone, by their widths', ['input', 'middle', 'a'], [6, 5, 4, 3]],
  ])('has its layers in order: %s', (_, stems, widths) => {
    const tensors = stateOf(stems, widths);
    const shuffled = Object.fromEntries(Object.entries(tensors).reverse());
    const { parameters } = readModel(fileOf(shuffled));
    for (const [index, stem] of stems.entries())
      expect(parameters[`bias${index}`]).toEqual(tensors[`${stem}.bias`].data);
  });

  const expected = 'expected the *.weight [units, inputs] and *.bias [units] of Linear layers';
  const vector = (units: number) => ({ shape: [units], data: new Float32Array(units) });
  it.each<[string, Tensors, string]>([
    [
      'a convolution',
      { 'conv.weight': { shape: [1, 1, 2, 2], data: new Float32Array(4) } },
      `tensor conv.weight: shape [1, 1, 2, 2] is not that of a matrix, ${expected}`,
    ],
    [
      'a normalisation',
      { ...stateOf(['fc'], [4, 3]), 'bn.running_mean': vector(3) },
      `tensor bn.running_mean: no part of a dense network, ${expected}`,
    ],
    ['a bias alone', { 'a.bias': vector(3) }, `tensor a.bias: there is no a.weight, ${expected}`],
    ['nothing', {}, `no tensor *.weight, ${expected}`],
    [
      'a bias of other units',
      { ...stateOf(['fc'], [4, 3]), 'fc.bias': vector(4) },
      `tensor fc.bias: shape [4] does not go with 3 units, ${expected}`,
    ],
    [
      'widths that do not chain',
      { ...stateOf(['fc1'], [6, 4]), ...stateOf(['fc2'], [5, 3]) },
      'layer fc2: 5 inputs, expected 4, the units of fc1',
    ],
    [
      'names and widths without an order',
      stateOf(['input', 'left', 'right', 'output'], [6, 4, 4, 4, 3]),
      'layers input, left, output, right: neither names nor widths tell their order, expected numbered layers',
    ],
    [
      'no order at all',
      { ...stateOf(['a'], [6, 4]), ...stateOf(['b'], [5, 3]) },
      'layers a, b: in no order does each have the units of the one before as inputs',
    ],
    [
      '33 layers',
      stateOf(
        Array.from({ length: 33 }, (_, i) => `${i}`),
        new Array(34).fill(2),
      ),
      '33 layers, the limit is 32',
    ],
    [
      'a number that is not finite',
      { 'fc.weight': { shape: [2, 1], data: Float32Array.of(1, Number.NaN) } },
      'tensor fc.weight: NaN at index 1, expected finite numbers',
    ],
    ['one class', stateOf(['fc'], [4, 1]), 'network "4-1": expected at least 2 classes'],
  ])('is refused with %s', (_, tensors, message) => {
    expect(() => readModel(fileOf(tensors))).toThrow(new InputError(`net.safetensors: ${message}`));
  });

  it('is given up soon where 31 layers fit each other in countless ways and end nowhere', () => {
    const stems = Array.from({ length: 26 }, (_, i) => String.fromCharCode(97 + i));
    const tensors = { ...stateOf(stems, new Array(27).fill(2)), ...stateOf(['odd'], [5, 3]) };
    expect(() => readModel(fileOf(tensors))).toThrow('27 layers whose names do not tell their order');
  });
});
