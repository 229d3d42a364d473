import { describeKernel } from './suite.ts';

describeKernel('dense_forward', {
  wgsl: [
    { what: 'a wrong sign', from: 'sum2 += ', to: 'sum2 -= ' },
    { what: 'a missing bias', from: 'sum0 + b', to: 'sum0' },
    { what: 'a last input left out', from: 'i < constants.inputs', to: 'i + 1 < constants.inputs' },
    { what: 'a missing ReLU', from: 'max(sum, vec4f())', to: 'sum' },
    { what: 'dropout without its scale', from: 'value / (1.0 - constants.dropout)', to: 'value' },
    { what: 'the mask of another step', from: 'step.number', to: '(step.number + 1)' },
    { what: 'a row too many', from: 'if (row >= step.rows)', to: 'if (row > step.rows)' },
  ],
  assembly: [
    { what: 'a wrong sign', from: 's2 += load', to: 's2 -= load', file: 'product' },
    {
      what: 'a block of rows that is off by one',
      from: 'min(m + 2, end - 1)',
      to: 'min(m + 1, end - 1)',
      file: 'product',
    },
    { what: 'a missing bias', from: 'f32x4.add(v128.load(y), v128.load(bias))', to: 'v128.load(y)' },
    { what: 'a last input left out', from: 'units, inputs);', to: 'units, inputs - 1);' },
    { what: 'a missing ReLU', from: 'relu ? 0 : -Infinity', to: '-Infinity' },
    { what: 'dropout without its scale', from: 'load<f32>(y) * scale', to: 'load<f32>(y)' },
    { what: 'the mask of another step', from: 'step.number', to: 'step.number + 1' },
  ],
});
