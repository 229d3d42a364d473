import { describeKernel } from './suite.ts';

describeKernel('dense_backward_input', {
  wgsl: [
    { what: 'a wrong sign', from: 'sum3 += ', to: 'sum3 -= ' },
    { what: 'a last unit left out', from: 'u < constants.units', to: 'u + 1 < constants.units' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    { what: 'a missing derivative', from: 'x[at] > 0', to: 'true' },
    { what: 'a derivative that is 1 at zero', from: 'x[at] > 0', to: 'x[at] >= 0' },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 'f32x4.mul(v128.load(tile + at), factor)',
      to: 'f32x4.mul(v128.load(tile + at), f32x4.neg(factor))',
    },
    { what: 'a last unit left out', from: 'transposed, units, tile)', to: 'transposed, units - 1, tile)' },
    { what: 'a missing scale', from: 'f32x4.splat(scale)', to: 'f32x4.splat(1)' },
    {
      what: 'a derivative that is 1 at zero',
      from: 'f32x4.gt(v128.load(x + at), zero)',
      to: 'f32x4.ge(v128.load(x + at), zero)',
    },
    { what: 'columns exchanged', from: '(high01, high23, 0, 2), 64)', to: '(high01, high23, 1, 3), 64)' },
    { what: 'a last input left out', from: 'n < present ?', to: 'n + 1 < present ?' },
  ],
});
