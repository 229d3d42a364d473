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
      from: 'x1 = v128.load32_splat(a1 + offset)',
      to: 'x1 = f32x4.neg(v128.load32_splat(a1 + offset))',
      file: 'product',
    },
    { what: 'a missing bias gradient', from: 'sum += load<f32>(from)', to: 'sum += 0' },
    { what: 'a last row left out', from: 'units, step.rows);', to: 'units, step.rows - 1);' },
    { what: 'a last row left out of the bias', from: 'r < step.rows; r++', to: 'r < step.rows - 1; r++' },
    {
      what: 'a last column left out',
      from: 'min(n, columns - 8)',
      to: 'min(n, columns - 9)',
      file: 'product',
    },
  ],
});
