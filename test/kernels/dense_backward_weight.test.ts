import { describeKernel } from './suite.ts';

describeKernel('dense_backward_weight', {
  wgsl: [
    { what: 'a wrong sign', from: 's1 += a.y * b', to: 's1 -= a.y * b' },
    {
      what: 'a missing bias gradient',
      from: 'sum += gradients[layer.dyAt + r * layer.units + unit];',
      to: '',
    },
    { what: 'a last row left out of the bias', from: 'r < step.rows; r++', to: 'r + 1 < step.rows; r++' },
    { what: 'an input that is off by one', from: 'activations[at + 3]', to: 'activations[at + 2]' },
    { what: 'a last unit left out', from: 'unit < layer.units', to: 'unit + 1 < layer.units' },
    { what: 'tiles of another column', from: 'tile % columns * TILE', to: '0u' },
  ],
  wide: [
    { what: 'a wrong sign', from: 'sum1 += ', to: 'sum1 -= ' },
    {
      what: 'a missing bias gradient',
      from: 'sum += gradients[layer.dyAt + r * layer.units + unit];',
      to: '',
    },
    { what: 'a last row left out', from: 'r < step.rows; r++', to: 'r + 1 < step.rows; r++' },
    { what: 'an input that is off by one', from: 'activations[x + 7]', to: 'activations[x + 6]' },
    { what: 'a last unit left out', from: 'unit < layer.units', to: 'unit + 1 < layer.units' },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 's21 = madd(a2, b1, s21);\n      const',
      to: 's21 = madd(f32x4.neg(a2), b1, s21);\n      const',
      file: 'tile',
    },
    { what: 'a missing bias gradient', from: 's1 = f32x4.add(s1, v128.load(from, 16));', to: '' },
    { what: 'a last row left out', from: 'dyBytes, step.rows, tile)', to: 'dyBytes, step.rows - 1, tile)' },
    { what: 'a last row left out of the bias', from: 'r < step.rows; r++', to: 'r < step.rows - 1; r++' },
    { what: 'an input too many', from: 'min(BLOCK, inputs - input)', to: 'BLOCK' },
    { what: 'rows of another block', from: 'x += stride', to: 'x += 0', file: 'tile' },
  ],
});
