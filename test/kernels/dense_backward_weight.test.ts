import { describeKernel } from './suite.ts';

describeKernel('dense_backward_weight', {
  wgsl: [
    { what: 'a wrong sign', from: 'sum1 += ', to: 'sum1 -= ' },
    { what: 'a missing bias gradient', from: 'biasSum += d;', to: '' },
    { what: 'a last row left out', from: 'r < step.rows', to: 'r + 1 < step.rows' },
    { what: 'an input that is off by one', from: 'x[xAt.w]', to: 'x[xAt.z]' },
    { what: 'a last unit left out', from: 'unit[n] < constants.units', to: 'unit[n] + 1 < constants.units' },
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
