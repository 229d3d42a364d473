import type { PlantedErrors } from './planted.ts';

export const gather_batch_int8: PlantedErrors = {
  wgsl: [
    {
      what: 'a batch that begins one sample late',
      from: 'let sample = order[step.first + r]',
      to: 'let sample = order[step.first + r + 1]',
    },
    { what: 'pixels of 8 bits', from: '(pixel >> 1)', to: 'pixel' },
    { what: 'the wrong byte of a word', from: '<< (8 * n)', to: '<< (8 * (3 - n))' },
    { what: 'a last pixel left out', from: 'i < constants.inputs', to: 'i + 1 < constants.inputs' },
    { what: 'targets of another byte', from: '8 * (sample % 4)', to: '8 * (3 - sample % 4)' },
  ],
  assembly: [
    {
      what: 'a batch that begins one sample late',
      from: '(step.first + r) << 2)) * inputs',
      to: '(step.first + r + 1) << 2)) * inputs',
    },
    { what: 'pixels of 8 bits', from: 'i8x16.shr_u(v128.load(pixels), 1)', to: 'v128.load(pixels)' },
    { what: 'shifts with a sign', from: 'shr_u', to: 'shr_s' },
    { what: 'the first half of a tile twice', from: 'quantised(image + i + 16)', to: 'quantised(image + i)' },
    { what: 'a last tile left out', from: 'i < inputs', to: 'i + TILE_PIXELS < inputs' },
    {
      what: 'targets of the sample before',
      from: 'store<u32>(targets + (<usize>r << 2)',
      to: 'store<u32>(targets + (<usize>(r - block * BLOCK) << 2)',
    },
  ],
};
