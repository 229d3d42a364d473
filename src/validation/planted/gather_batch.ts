import type { PlantedErrors } from './planted.ts';

export const gather_batch: PlantedErrors = {
  wgsl: [
    {
      what: 'a batch that begins one sample late',
      from: 'let sample = order[step.first + r]',
      to: 'let sample = order[step.first + r + 1]',
    },
    { what: 'a missing scale', from: ' * constants.scale', to: '' },
    { what: 'the wrong byte of a word', from: '8 * (at % 4)', to: '8 * (3 - at % 4)' },
    { what: 'a last pixel left out', from: 'i >= constants.inputs', to: 'i + 1 >= constants.inputs' },
    { what: 'a pixel too many', from: 'i >= constants.inputs', to: 'i > constants.inputs' },
  ],
  assembly: [
    {
      what: 'a batch that begins one sample late',
      from: 'return images + <usize>load<u32>(order + (<usize>(step.first + r) << 2))',
      to: 'return images + <usize>load<u32>(order + (<usize>(step.first + r + 1) << 2))',
    },
    { what: 'a missing scale', from: '<f32>pixel * scale', to: '<f32>pixel' },
    { what: 'a wrong sign', from: 'f32x4.splat(scale)', to: 'f32x4.splat(-scale)' },
    { what: 'a last pixel left out', from: 'for (; i < inputs; i++) {', to: 'for (; i + 1 < inputs; i++) {' },
    {
      what: 'columns exchanged',
      from: '(low01, low23, 1, 3), 24)',
      to: '(low01, low23, 0, 2), 24)',
      file: 'tile',
    },
  ],
};
