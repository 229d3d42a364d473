import { describeKernel } from './suite.ts';

describeKernel('dense_backward_input', {
  wgsl: [
    { what: 'a wrong sign', from: 's += four.y * b1', to: 's -= four.y * b1' },
    { what: 'a last unit left out', from: 'if (unit >= quads)', to: 'if (unit + 1 >= quads)' },
    { what: 'a unit that is off by one', from: 'quad(block[2])', to: 'quad(block[1])' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    { what: 'a missing derivative', from: '> vec4f();', to: '> vec4f(-1e9);' },
    { what: 'a derivative that is 1 at zero', from: '> vec4f();', to: '>= vec4f();' },
  ],
  eights: [
    { what: 'a wrong sign', from: 's += four.y * b1', to: 's -= four.y * b1' },
    { what: 'an input that is off by one', from: 'parameters[at + 2 * quads]', to: 'parameters[at + quads]' },
    { what: 'a row that is off by one', from: 'left[local.y + 5 * ROWS]', to: 'left[local.y + 4 * ROWS]' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    { what: 'a derivative that is 1 at zero', from: '> vec4f();', to: '>= vec4f();' },
  ],
  registers: [
    { what: 'a wrong sign', from: 'sum3 += ', to: 'sum3 -= ' },
    { what: 'a last unit left out', from: 'u < constants.units; u++', to: 'u + 1 < constants.units; u++' },
    { what: 'an input that is off by one', from: 'let k5 = k4 + LANES * units', to: 'let k5 = k4' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    {
      what: 'a derivative that is 1 at zero',
      from: 'activations[constants.xAt + at] > 0',
      to: 'activations[constants.xAt + at] >= 0',
    },
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
    {
      what: 'columns exchanged',
      from: 'to + 2 * stride, v128.shuffle<i64>(high01, high23, 0, 2)',
      to: 'to + 2 * stride, v128.shuffle<i64>(high01, high23, 1, 3)',
    },
    { what: 'a last input left out', from: 'n < present ?', to: 'n + 1 < present ?' },
  ],
});
