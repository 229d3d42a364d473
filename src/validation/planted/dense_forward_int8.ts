import type { PlantedErrors } from './planted.ts';

export const dense_forward_int8: PlantedErrors = {
  wgsl: [
    { what: 'a wrong sign', from: 's5 += products', to: 's5 -= products' },
    {
      what: 'a missing bias',
      from: 'sums[n] + bitcast<i32>(parameters[constants.biasAt + unit])',
      to: 'sums[n]',
    },
    { what: 'a last word left out', from: 'i < depth', to: 'i + 1 < depth' },
    { what: 'a row that is off by one', from: 'let x6 = x5 + depth', to: 'let x6 = x5' },
    { what: 'a unit that is off by one', from: 'parameters[k3 + i]', to: 'parameters[k2 + i]' },
    { what: 'no rounding', from: 'round(value)', to: 'value' },
    { what: 'ties away from zero', from: 'round(value)', to: 'floor(value + 0.5)' },
    { what: 'a missing ReLU', from: 'clamp(round(value), 0.0, 127.0)', to: 'min(abs(round(value)), 127.0)' },
    { what: 'outputs of 8 bits', from: '127.0', to: '255.0' },
    { what: 'the wrong byte of a word', from: '<< (8 * n)', to: '<< (8 * (3 - n))' },
    {
      what: 'weights without a sign',
      from: '(vec4i(bitcast<i32>(word)) << vec4u(24, 16, 8, 0)) >> vec4u(24)',
      to: 'vec4i((vec4u(word) >> vec4u(0, 8, 16, 24)) & vec4u(255))',
    },
  ],
  assembly: [
    { what: 'a wrong sign', from: 's11 = i32x4.add(s11', to: 's11 = i32x4.sub(s11', file: 'int8' },
    {
      what: 'a row that is off by one',
      from: 'extend_low_i8x16_s(v128.load32_splat(block, 8))',
      to: 'extend_low_i8x16_s(v128.load32_splat(block, 4))',
      file: 'int8',
    },
    {
      what: 'a unit that is off by one',
      from: 'v128.load8x8_s(panel, 24)',
      to: 'v128.load8x8_s(panel, 16)',
      file: 'int8',
    },
    { what: 'the second three rows as the first', from: 'block + BLOCK_STEP / 2', to: 'block', file: 'int8' },
    {
      what: 'pairs added wrongly',
      from: '(low, high, 1, 3, 5, 7)',
      to: '(low, high, 3, 1, 5, 7)',
      file: 'int8',
    },
    { what: 'a last word left out', from: 'panelBytes, depth, tile)', to: 'panelBytes, depth - 1, tile)' },
    {
      what: 'a last word of a single image left out',
      from: 'panelBytes, depth, tile + n * TILE_BYTES)',
      to: 'panelBytes, depth - 1, tile + n * TILE_BYTES)',
    },
    { what: 'a missing bias', from: 'i32x4.add(v128.load(sums), v128.load(bias))', to: 'v128.load(sums)' },
    {
      what: 'no rounding',
      from: 'f32x4.nearest(scaled(sums, bias, scale))',
      to: 'scaled(sums, bias, scale)',
    },
    {
      what: 'ties away from zero',
      from: 'f32x4.nearest(scaled(sums, bias, scale))',
      to: 'f32x4.floor(f32x4.add(scaled(sums, bias, scale), f32x4.splat(0.5)))',
    },
    {
      what: 'a missing ReLU',
      from: 'i8x16.max_s(zero, i8x16.narrow_i16x8_s(q01, q23))',
      to: 'i8x16.narrow_i16x8_s(q01, q23)',
    },
    {
      what: 'the last two rows exchanged',
      from: 'narrow_i32x4_s(rounded(at + 128, b, s), rounded(at + 160, b, s))',
      to: 'narrow_i32x4_s(rounded(at + 160, b, s), rounded(at + 128, b, s))',
    },
    { what: 'a last panel left out', from: 'panel < panelEnd', to: 'panel + 1 < panelEnd' },
  ],
};
