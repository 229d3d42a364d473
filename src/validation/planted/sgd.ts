import type { PlantedErrors } from './planted.ts';

export const sgd: PlantedErrors = {
  wgsl: [
    { what: 'a wrong sign', from: 'p - step.learningRate', to: 'p + step.learningRate' },
    { what: 'a missing momentum', from: 'constants.momentum * state1[constants.velocityAt + i] + ', to: '' },
    { what: 'a missing weight decay', from: ' + constants.weightDecay * p', to: '' },
    { what: 'a velocity left subnormal', from: 'flush(constants.momentum', to: '(constants.momentum' },
    { what: 'a parameter left subnormal', from: 'flush(p - ', to: '(p - ' },
    { what: 'a last element left out', from: 'i < constants.count', to: 'i + 1 < constants.count' },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 'f32x4.sub(p, f32x4.mul(rate, decayed))',
      to: 'f32x4.add(p, f32x4.mul(rate, decayed))',
      file: 'update',
    },
    {
      what: 'a missing momentum',
      from: 'f32x4.mul(momentum, v128.load(velocity))',
      to: 'v128.load(velocity)',
      file: 'update',
    },
    {
      what: 'a velocity left subnormal',
      from: 'flush(f32x4.add(f32x4.mul(momentum',
      to: '(f32x4.add(f32x4.mul(momentum',
      file: 'update',
    },
    {
      what: 'a parameter left subnormal',
      from: 'flush(f32x4.sub(p',
      to: '(f32x4.sub(p',
      file: 'update',
    },
    { what: 'a missing weight decay', from: 'useDecay(weightDecay)', to: 'useDecay(0)' },
    { what: 'a last vector left out', from: '(count + 3) / 4', to: 'count / 4 - 1' },
  ],
};
