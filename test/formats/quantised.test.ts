// int8 models as safetensors files.
import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel, type ImportedModel } from '../../src/formats/model.ts';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.ts';
import { dequantise, quantise } from '../../src/network/quantisation.ts';
import { sampleOf } from './sample.ts';

const { network, parameters } = sampleOf('20-8-5-4');
const quantised = quantise(network, parameters, [3, 4]);
const model: ImportedModel = {
  network,
  accuracy: 0.5,
  dataset: { name: 'small', width: 5, height: 4, classes: 4 },
  parameters: dequantise(network, quantised),
  quantised,
  source: 'a test',
  activation: 'relu',
};

it('a model that is quantised is the same after a file', () => {
  expect(decodeModel(encodeModel(model), 'f')).toEqual(model);
});

it('in float32 it is a model of the numbers that the integers stand for', () => {
  const { quantised: _, ...floats } = model;
  expect(decodeModel(encodeModel(model, 'float32'), 'f')).toEqual(floats);
});

it('a model that is not quantised has no int8 file', () => {
  const { quantised: _, ...floats } = model;
  expect(() => encodeModel(floats, 'int8')).toThrow('not quantised');
});

it('the file has the kernels as they are elsewhere, [inputs, units], in bytes', () => {
  const { integers, tensors } = readSafetensors(encodeModel(model), 'f');
  const { shape, data } = integers['dense1/kernel'];
  expect(shape).toEqual([8, 5]);
  expect(data).toBeInstanceOf(Int8Array);
  const { kernel } = quantised[1];
  for (let unit = 0; unit < 5; unit++)
    for (let i = 0; i < 8; i++) expect(data[i * 5 + unit]).toBe(kernel[unit * 8 + i]);
  expect(tensors['dense1/input_scale'].data[0]).toBe(quantised[1].inputScale);
});

describe('a file is refused that', () => {
  const file = readSafetensors(encodeModel(model), 'f');
  type Tensors = Parameters<typeof writeSafetensors>[0];
  const changed = (change: (tensors: Record<string, Tensors[string]>) => void) => {
    const tensors = structuredClone({ ...file.tensors, ...file.integers });
    change(tensors);
    return () => decodeModel(writeSafetensors(tensors, file.metadata), 'f');
  };

  it.each<[string, string, (tensors: Record<string, Tensors[string]>) => void]>([
    [
      'lacks a tensor',
      'no tensor dense1/bias, expected I32 [5] of an int8 network',
      (t) => delete t['dense1/bias'],
    ],
    [
      'has one of another type',
      'tensor dense1/bias: I8 [5], expected I32 [5]',
      (t) => {
        t['dense1/bias'] = { shape: [5], data: new Int8Array(5) };
      },
    ],
    [
      'has one of another shape',
      'tensor dense1/kernel_scale: F32 [4], expected F32 [5]',
      (t) => {
        t['dense1/kernel_scale'] = { shape: [4], data: new Float32Array(4) };
      },
    ],
    [
      'has a tensor too many',
      'tensor dense9/bias has no place in an int8 network',
      (t) => {
        t['dense9/bias'] = { shape: [1], data: new Int32Array(1) };
      },
    ],
    [
      'has a scale that is no number',
      'layer 1: a scale of NaN',
      (t) => t['dense1/kernel_scale'].data.fill(Number.NaN),
    ],
    ['has other pixels', 'layer 0: pixels with a scale of 1', (t) => t['dense0/input_scale'].data.fill(1)],
    ['has a weight too small', 'layer 2: a weight of -128', (t) => t['dense2/kernel'].data.fill(-128, 3, 4)],
    ['has sums too large', 'layer 0: sums of unit 1 up to', (t) => t['dense0/bias'].data.fill(2 ** 24, 1, 2)],
  ])('%s', (_, message, change) => {
    expect(changed(change)).toThrow(`f: ${message}`);
  });

  it('has integers and does not say that it is quantised', () => {
    const { precision: _, ...metadata } = file.metadata;
    const bytes = writeSafetensors({ ...file.tensors, ...file.integers }, metadata);
    expect(() => decodeModel(bytes, 'f')).toThrow(
      'f: tensor dense0/kernel: type I8, expected F32, F16, BF16',
    );
  });
});
