import { describeKernel } from './suite.ts';

describeKernel('dense_forward', {
  wgsl: [
    { what: 'a wrong sign', from: 'sum2 += ', to: 'sum2 -= ' },
    { what: 'a missing bias', from: 'sum0 + b', to: 'sum0' },
    { what: 'a last input left out', from: 'i < constants.inputs', to: 'i + 1 < constants.inputs' },
    { what: 'a missing ReLU', from: 'max(sum, vec4f())', to: 'sum' },
    { what: 'dropout without its scale', from: 'value / (1.0 - constants.dropout)', to: 'value' },
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
    { what: 'dropout without its scale', from: 'load<f32>(tile) * scale', to: 'load<f32>(tile)' },
    { what: 'the mask of another step', from: 'step.number', to: 'step.number + 1' },
    { what: 'a last panel left out', from: 'panel < panelEnd', to: 'panel + 1 < panelEnd' },
  ],
});
