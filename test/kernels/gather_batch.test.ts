import { describeKernel } from './suite.ts';

describeKernel('gather_batch', {
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
    { what: 'a batch that begins one sample late', from: '(step.first + r)', to: '(step.first + r + 1)' },
    { what: 'a missing scale', from: '<f32>load<u8>(from) * scale', to: '<f32>load<u8>(from)' },
    { what: 'a wrong sign', from: 'f32x4.splat(scale)', to: 'f32x4.splat(-scale)' },
    { what: 'a last pixel left out', from: 'from < last', to: 'from + 1 < last' },
  ],
});
