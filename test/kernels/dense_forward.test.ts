import { describeKernel } from './suite.ts';

describeKernel('dense_forward', {
  wgsl: [
    { what: 'a wrong sign', from: 's += four.z * b2', to: 's -= four.z * b2' },
    { what: 'a missing bias', from: 'sum + parameters[constants.biasAt / 4 + unit]', to: 'sum' },
    {
      what: 'a last input left out',
      from: 'input >= constants.inputs',
      to: 'input + 1 >= constants.inputs',
    },
    { what: 'a row that is off by one', from: 'left[local.y + 2 * ROWS]', to: 'left[local.y + ROWS]' },
    { what: 'a part left out', from: 'slice < SLICES', to: 'slice + 1 < SLICES' },
    { what: 'a missing ReLU', from: 'max(value, vec4f())', to: 'value' },
    { what: 'dropout without its scale', from: 'value * constants.keptScale', to: 'value' },
    { what: 'the mask of another step', from: 'step.number', to: '(step.number + 1)' },
    { what: 'the mask of another unit', from: 'keeps(key, row, unit + 3)', to: 'keeps(key, row, unit + 2)' },
  ],
  eights: [
    { what: 'a wrong sign', from: 's += four.w * b3', to: 's -= four.w * b3' },
    { what: 'units twice', from: 'right[4 * k + 1][local.x + COLUMNS]', to: 'right[4 * k + 1][local.x]' },
    { what: 'a row that is off by one', from: 'left[local.y + 7 * ROWS]', to: 'left[local.y + 6 * ROWS]' },
    { what: 'a last slice left out', from: 'k < DEPTH', to: 'k + 1 < DEPTH' },
    { what: 'a missing bias', from: 'sum + parameters[constants.biasAt / 4 + unit]', to: 'sum' },
  ],
  split: [
    { what: 'a slice left out', from: 'slice < SLICES', to: 'slice + 1 < SLICES' },
    { what: 'a row that is off by one', from: 'a + 3 * ROWS', to: 'a + 2 * ROWS' },
    { what: 'an input that is off by one', from: 'b + 3 * stride', to: 'b + 2 * stride' },
    { what: 'a last input left out', from: 'input < quads', to: 'input + 1 < quads' },
  ],
  registers: [
    { what: 'a wrong sign', from: 'sum2 += ', to: 'sum2 -= ' },
    { what: 'a missing bias', from: 'sum + parameters[constants.biasAt + unit]', to: 'sum' },
    { what: 'a last input left out', from: 'i < constants.inputs', to: 'i + 1 < constants.inputs' },
    { what: 'a unit that is off by one', from: 'parameters[k + 5 * LANES]', to: 'parameters[k + 4 * LANES]' },
    { what: 'a row that is off by one', from: 'let x6 = x5 + inputs', to: 'let x6 = x5' },
    { what: 'a missing ReLU', from: 'max(value, 0.0)', to: 'value' },
    { what: 'the mask of another step', from: 'step.number', to: '(step.number + 1)' },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 's40 = madd(a4, b0, s40)',
      to: 's40 = madd(a4, f32x4.neg(b0), s40)',
      file: 'tile',
    },
    {
      what: 'a row that is off by one',
      from: 'a3 = v128.load32_splat(block, 12)',
      to: 'a3 = v128.load32_splat(block, 8)',
      file: 'tile',
    },
    { what: 'a last input left out', from: 'panelBytes, inputs, tile)', to: 'panelBytes, inputs - 1, tile)' },
    { what: 'a missing bias', from: 'f32x4.add(v128.load(at, 16), b1)', to: 'v128.load(at, 16)' },
    { what: 'a missing ReLU', from: 'relu ? 0 : -Infinity', to: '-Infinity' },
    { what: 'dropout without its scale', from: 'load<f32>(tile) * keptScale', to: 'load<f32>(tile)' },
    { what: 'the mask of another step', from: 'step.number', to: 'step.number + 1' },
    { what: 'a last panel left out', from: 'panel < panelEnd', to: 'panel + 1 < panelEnd' },
  ],
});
