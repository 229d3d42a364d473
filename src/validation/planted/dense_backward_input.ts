import type { PlantedErrors } from './planted.ts';

export const dense_backward_input: PlantedErrors = {
  wgsl: [
    { what: 'a wrong sign', from: 's += four.y * b1', to: 's -= four.y * b1' },
    { what: 'a last unit left out', from: 'if (unit >= quads)', to: 'if (unit + 1 >= quads)' },
    { what: 'a unit that is off by one', from: 'quad(block[2])', to: 'quad(block[1])' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    { what: 'a missing derivative', from: 'vec4f(1), x > vec4f())', to: 'vec4f(1), x > vec4f(-1e9))' },
    {
      what: 'a ReLU with a derivative of 1 at zero',
      from: 'vec4f(1), x > vec4f())',
      to: 'vec4f(1), x >= vec4f())',
    },
    { what: 'a dropped unit that passes', from: '(x != vec4f())', to: 'vec4<bool>(true)' },
    { what: 'tanh without its square', from: '1 - a * a', to: '1 - a' },
    { what: 'sigmoid with a derivative of 1', from: 'a * (1 - a)', to: 'vec4f(1)' },
    { what: 'an output that is not divided by its scale', from: 'x / constants.scale', to: 'x' },
  ],
  eights: [
    { what: 'a wrong sign', from: 's += four.y * b1', to: 's -= four.y * b1' },
    { what: 'an input that is off by one', from: 'parameters[at + 2 * quads]', to: 'parameters[at + quads]' },
    { what: 'a row that is off by one', from: 'left[local.y + 5 * ROWS]', to: 'left[local.y + 4 * ROWS]' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    {
      what: 'a ReLU with a derivative of 1 at zero',
      from: 'vec4f(1), x > vec4f())',
      to: 'vec4f(1), x >= vec4f())',
    },
  ],
  registers: [
    { what: 'a wrong sign', from: 'sum3 += ', to: 'sum3 -= ' },
    { what: 'a last unit left out', from: 'u < constants.units; u++', to: 'u + 1 < constants.units; u++' },
    { what: 'an input that is off by one', from: 'let k5 = k4 + LANES * units', to: 'let k5 = k4' },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    {
      what: 'a ReLU with a derivative of 1 at zero',
      from: 'select(0.0, 1.0, x > 0.0)',
      to: 'select(0.0, 1.0, x >= 0.0)',
    },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 'f32x4.mul(v128.load(tile + at), d)',
      to: 'f32x4.mul(v128.load(tile + at), f32x4.neg(d))',
    },
    { what: 'a last unit left out', from: 'transposed, units, tile)', to: 'transposed, units - 1, tile)' },
    { what: 'a missing scale', from: 'd = f32x4.mul(d, factor);', to: '', file: 'activation' },
    {
      what: 'a ReLU with a derivative of 1 at zero',
      from: 'v128.and(one, positive)',
      to: 'v128.and(one, f32x4.ge(x, zero))',
      file: 'activation',
    },
    {
      what: 'a dropped unit that passes',
      from: 'scale == 1 ? d : v128.and(d, f32x4.ne(x, zero))',
      to: 'd',
      file: 'activation',
    },
    {
      what: 'tanh without its square',
      from: 'f32x4.sub(one, f32x4.mul(a, a))',
      to: 'f32x4.sub(one, a)',
      file: 'activation',
    },
    {
      what: 'sigmoid with a derivative of 1',
      from: 'd = f32x4.mul(a, f32x4.sub(one, a))',
      to: 'd = one',
      file: 'activation',
    },
    {
      what: 'columns exchanged',
      from: 'to + 2 * stride, v128.shuffle<i64>(high01, high23, 0, 2)',
      to: 'to + 2 * stride, v128.shuffle<i64>(high01, high23, 1, 3)',
    },
    { what: 'a last input left out', from: 'n < present ?', to: 'n + 1 < present ?' },
  ],
};
