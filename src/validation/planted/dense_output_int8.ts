import type { PlantedErrors } from './planted.ts';

export const dense_output_int8: PlantedErrors = {
  wgsl: [
    { what: 'a wrong sign', from: 'sum += product', to: 'sum -= product' },
    { what: 'a missing bias', from: 'bitcast<i32>(parameters[constants.biasAt + unit])', to: '0' },
    { what: 'a last word left out', from: 'i < depth', to: 'i + 1 < depth' },
    { what: 'the scale of another unit', from: 'constants.scaleAt + unit', to: 'constants.scaleAt' },
    { what: 'a product of float32 numbers too many', from: 'f32(sum) *', to: '1.0000001 * f32(sum) *' },
    { what: 'a last unit left out', from: 'unit >= constants.units', to: 'unit + 1 >= constants.units' },
  ],
  assembly: [
    {
      what: 'logits rounded',
      from: 'v128.store(at, scaled(at, bias, scale))',
      to: 'v128.store(at, f32x4.nearest(scaled(at, bias, scale)))',
      file: 'dense_forward_int8',
    },
    {
      what: 'the scale of other units',
      from: 'bias + 16, scale + 16',
      to: 'bias + 16, scale',
      file: 'dense_forward_int8',
    },
    {
      what: 'panels that lie as bytes',
      from: 'logits ? PANEL : PANEL / 4',
      to: 'PANEL / 4',
      file: 'dense_forward_int8',
    },
    {
      what: 'rows that lie as bytes',
      from: 'logits ? units : words(units)',
      to: 'words(units)',
      file: 'dense_forward_int8',
    },
  ],
};
