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
    { what: 'a wrong sign', from: 's13 = madd(d1, w3, s13)', to: 's13 = madd(d1, f32x4.neg(w3), s13)' },
    { what: 'a last unit left out', from: 'from < row; from += 4', to: 'from + 4 < row; from += 4' },
    { what: 'a missing scale', from: 'sum * scale', to: 'sum' },
    { what: 'a derivative that is 1 at zero', from: 'load<f32>(x + at) > 0', to: 'load<f32>(x + at) >= 0' },
    { what: 'a row that is off by one', from: 'const r1 = min(r + 1, end - 1)', to: 'const r1 = r' },
  ],
});
