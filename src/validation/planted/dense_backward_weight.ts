import type { PlantedErrors } from './planted.ts';

export const dense_backward_weight: PlantedErrors = {
  wgsl: [
    { what: 'a wrong sign', from: '(*sums)[1] += a0.y * b', to: '(*sums)[1] -= a0.y * b' },
    { what: 'a missing bias gradient', from: 'sum += gradients[at + r * quads];', to: '' },
    {
      what: 'a last row left out of the bias',
      from: 'r < step.rows; r += PARTS',
      to: 'r + 1 < step.rows; r += PARTS',
    },
    { what: 'a part left out of the bias', from: 'part < PARTS', to: 'part + 1 < PARTS' },
    { what: 'a part left out', from: 'slice < SLICES', to: 'slice + 1 < SLICES' },
    { what: 'a row that is off by one', from: 'left[row + 7][local.y]', to: 'left[row + 6][local.y]' },
    { what: 'a last unit left out', from: 'unit < quads', to: 'unit + 1 < quads' },
    { what: 'tiles of another column', from: 'tile % columns * WIDTH', to: '0u' },
  ],
  eights: [
    { what: 'a wrong sign', from: '(*sums)[5] += a1.y * b', to: '(*sums)[5] -= a1.y * b' },
    { what: 'a missing bias gradient', from: 'sum += gradients[at + r * quads];', to: '' },
    {
      what: 'inputs twice',
      from: '4 * (input + local.y + ROWS) + i',
      to: '4 * (input + local.y) + i',
    },
    { what: 'units twice', from: 'right[7][local.x + COLUMNS]', to: 'right[7][local.x]' },
    { what: 'tiles of another column', from: 'tile % columns * WIDTH', to: '0u' },
  ],
  registers: [
    { what: 'a wrong sign', from: 'sum1 += ', to: 'sum1 -= ' },
    {
      what: 'a missing bias gradient',
      from: 'sum += gradients[layer.dyAt + r * stride(layer.units) + unit];',
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
};
