import { describeKernel } from './suite.ts';

describeKernel('dense_forward', {
  wgsl: [
    { what: 'a wrong sign', from: 's2 += a.z * b', to: 's2 -= a.z * b' },
    { what: 'a missing bias', from: 'sum + parameters[constants.biasAt + unit]', to: 'sum' },
    { what: 'a last input left out', from: 'first < constants.inputs', to: 'first + 1 < constants.inputs' },
    { what: 'a slice left out', tiling: 'small', from: 'slice < SLICES', to: 'slice + 1 < SLICES' },
    {
      what: 'a row that is off by one',
      from: 'activations[at + 3 * stride]',
      to: 'activations[at + 2 * stride]',
    },
    { what: 'a missing ReLU', from: 'max(value, 0.0)', to: 'value' },
    { what: 'dropout without its scale', from: 'value * constants.keptScale', to: 'value' },
    { what: 'the mask of another step', from: 'step.number', to: '(step.number + 1)' },
    { what: 'a unit too many', from: 'unit >= constants.units', to: 'unit > constants.units' },
  ],
  wide: [
    { what: 'a wrong sign', from: 'sum2 += ', to: 'sum2 -= ' },
    { what: 'a missing bias', from: 'sum + parameters[constants.biasAt + unit]', to: 'sum' },
    { what: 'a last input left out', from: 'i < constants.inputs', to: 'i + 1 < constants.inputs' },
    { what: 'a unit that is off by one', from: 'parameters[k + 5 * LANES]', to: 'parameters[k + 4 * LANES]' },
    { what: 'a row that is off by one', from: 'let x6 = x5 + constants.inputs', to: 'let x6 = x5' },
    { what: 'a missing ReLU', from: 'max(value, 0.0)', to: 'value' },
    { what: 'the mask of another step', from: 'step.number', to: '(step.number + 1)' },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 's40 = madd(a4, b0, s40)',
      to: 's40 = madd(a4, f32x4.neg(b0), s40)',
      file: 'tile',
    },
    {
      what: 'a row that is off by one',
      from: 'a3 = v128.load32_splat(block, 12)',
      to: 'a3 = v128.load32_splat(block, 8)',
      file: 'tile',
    },
    { what: 'a last input left out', from: 'panelBytes, inputs, tile)', to: 'panelBytes, inputs - 1, tile)' },
    { what: 'a missing bias', from: 'f32x4.add(v128.load(at, 16), b1)', to: 'v128.load(at, 16)' },
    { what: 'a missing ReLU', from: 'relu ? 0 : -Infinity', to: '-Infinity' },
    { what: 'dropout without its scale', from: 'load<f32>(tile) * keptScale', to: 'load<f32>(tile)' },
    { what: 'the mask of another step', from: 'step.number', to: 'step.number + 1' },
    { what: 'a last panel left out', from: 'panel < panelEnd', to: 'panel + 1 < panelEnd' },
  ],
});
