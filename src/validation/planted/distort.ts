import type { PlantedErrors } from './planted.ts';

export const distort: PlantedErrors = {
  wgsl: [
    { what: 'an image that is not turned', from: 'let sine = 2.0 * t * q;', to: 'let sine = 0.0;' },
    {
      what: 'a transposed matrix of the smoothing',
      from: 'smoothColumns[x * nodeColumns + v]',
      to: 'smoothColumns[v * nodeColumns + x]',
    },
    {
      what: 'both directions bent alike',
      from: 'bend(field + nodes, nodeColumns, i, j)',
      to: 'bend(field, nodeColumns, i, j)',
    },
    { what: 'a field without its slope', from: 'return mix(left, right, shareX);', to: 'return left;' },
    { what: 'values that are cut off, not rounded', from: 'share.y) + 0.5)', to: 'share.y))' },
    {
      what: 'a batch that begins one sample late',
      from: 'order[step.first + min(row, step.rows - 1)]',
      to: 'order[step.first + 1 + min(row, step.rows - 1)]',
    },
    { what: 'the labels of other rows', from: '& 0xff) << (8 * row)', to: '& 0xff) << (8 * (3 - row))' },
    {
      what: 'no end to the shift',
      from: 'let shift = constants.shift * step.distortion;',
      to: 'let shift = 0.0;',
    },
  ],
  assembly: [
    { what: 'an image that is not turned', from: 'const sine: f32 = 2 * t * q;', to: 'const sine: f32 = 0;' },
    {
      what: 'a transposed matrix of the smoothing',
      from: 'smoothRows + (<usize>(y * rows + v) << 2)',
      to: 'smoothRows + (<usize>(v * rows + y) << 2)',
    },
    {
      what: 'both directions bent alike',
      from: 'const from = nodeRow + <usize>component * fieldBytes;',
      to: 'const from = nodeRow;',
    },
    { what: 'a field without its slope', from: 'f32x4(0, 0.25, 0.5, 0.75)', to: 'f32x4(0, 0, 0, 0)' },
    { what: 'values that are cut off, not rounded', from: 'f32x4.splat(0.5)))', to: 'f32x4.splat(0)))' },
    {
      what: 'a batch that begins one sample late',
      from: 'order + (<usize>(step.first + r) << 2)',
      to: 'order + (<usize>(step.first + r + 1) << 2)',
    },
    {
      what: 'a row of ink left out',
      from: 'if (middleY + reachY < box.top ||',
      to: 'if (middleY + reachY < box.top + 4 ||',
    },
    {
      what: 'a column of ink left out',
      from: 'min<f32>(high + 2, <f32>width)',
      to: 'min<f32>(high - 6, <f32>width)',
    },
    { what: 'a margin too small', from: 'const MARGIN: u32 = 1;', to: 'const MARGIN: u32 = 0;' },
    {
      what: 'other random numbers at every fourth node',
      from: 'i32x4(0, 1, 2, 3)',
      to: 'i32x4(0, 1, 2, 4)',
      file: 'random',
    },
    { what: 'the first pixel again at a row’s end', from: '<u8>(four >> (8 * n))', to: '<u8>four' },
  ],
};
