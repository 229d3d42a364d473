import type { PlantedErrors } from './planted.ts';

export const softmax_cross_entropy: PlantedErrors = {
  wgsl: [
    {
      what: 'a wrong sign',
      from: 'probability - constants.classWeight',
      to: 'probability + constants.classWeight',
    },
    { what: 'a gradient that is not divided by the rows', from: '1.0 / f32(step.rows)', to: '1.0' },
    {
      what: 'a last class left out of the sum',
      from: 'c < constants.classes; c++) {\n    let z',
      to: 'c + 1 < constants.classes; c++) {\n    let z',
    },
    { what: 'a label that is off by one', from: 'c == label', to: 'c == label + 1' },
    { what: 'a loss without smoothing', from: ' - constants.classWeight * shifted', to: '' },
    {
      what: 'a tie won by the highest class',
      from: 'activations[row + c] > activations',
      to: 'activations[row + c] >= activations',
    },
    {
      what: 'metrics in the wrong slot',
      from: 'metrics[2 * step.slot] = loss',
      to: 'metrics[2 * step.slot + 2] = loss',
    },
  ],
  assembly: [
    { what: 'a wrong sign', from: 'f32x4.sub(probability, low)', to: 'f32x4.add(probability, low)' },
    { what: 'a gradient that is not divided by the rows', from: '1 / <f32>rows', to: '1' },
    {
      what: 'a label that is off by one',
      from: 'v128.and(high, i32x4.eq(target, i32x4.splat(c)))',
      to: 'v128.and(high, i32x4.eq(target, i32x4.splat(c + 1)))',
    },
    { what: 'a loss without smoothing', from: 'f32x4.mul(low, shifted)', to: 'low' },
    {
      what: 'a tie won by the highest class',
      from: 'f32x4.gt(logit, largest)',
      to: 'f32x4.ge(logit, largest)',
    },
    { what: 'a row too many in the loss', from: 'min(BLOCK, step.rows - first)', to: 'BLOCK' },
    {
      what: 'an exponential cut short',
      from: 'f32x4.splat(1.0 / 24.0)',
      to: 'f32x4.splat(0)',
      file: 'exponential',
    },
    {
      what: 'a logarithm cut short',
      from: 'f32x4.splat(1.0 / 5.0)',
      to: 'f32x4.splat(0)',
      file: 'exponential',
    },
  ],
};
