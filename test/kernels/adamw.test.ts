import { describeKernel } from './suite.ts';

describeKernel('adamw', {
  wgsl: [
    { what: 'a wrong sign', from: 'p - step.learningRate', to: 'p + step.learningRate' },
    { what: 'a missing bias correction', from: 'step.correction1 * m', to: 'm' },
    { what: 'the wrong bias correction', from: 'step.correction2 * v', to: 'step.correction1 * v' },
    {
      what: 'ε under the root',
      from: 'sqrt(step.correction2 * v) + constants.epsilon',
      to: 'sqrt(step.correction2 * v + constants.epsilon)',
    },
    { what: 'a missing weight decay', from: ' + constants.weightDecay * p', to: '' },
    { what: 'a last element left out', from: 'i < constants.count', to: 'i + 1 < constants.count' },
  ],
  assembly: [
    { what: 'a wrong sign', from: 'f32x4.sub(p, ', to: 'f32x4.add(p, ' },
    { what: 'a missing bias correction', from: 'f32x4.mul(f32x4.splat(c1), m)', to: 'm' },
    { what: 'the wrong bias correction', from: 'f32x4.splat(c2)', to: 'f32x4.splat(c1)' },
    { what: 'a missing weight decay', from: ' + weightDecay * p)', to: ')' },
    { what: 'a last element left out', from: 'at < end; at += 4', to: 'at + 4 < end; at += 4' },
  ],
});
