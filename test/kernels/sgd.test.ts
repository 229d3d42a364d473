import { describeKernel } from './suite.ts';

describeKernel('sgd', {
  wgsl: [
    { what: 'a wrong sign', from: 'p - step.learningRate', to: 'p + step.learningRate' },
    { what: 'a missing momentum', from: 'constants.momentum * velocity[i] + ', to: '' },
    { what: 'a missing weight decay', from: ' + constants.weightDecay * p', to: '' },
    { what: 'a last element left out', from: 'i < constants.count', to: 'i + 1 < constants.count' },
  ],
  assembly: [
    { what: 'a wrong sign', from: 'f32x4.sub(p, ', to: 'f32x4.add(p, ' },
    { what: 'a missing momentum', from: 'momentum * load<f32>(velocity + at) + ', to: '' },
    { what: 'a missing weight decay', from: '(v + weightDecay * p)', to: 'v' },
    { what: 'a last element left out', from: 'at < end; at += 4', to: 'at + 4 < end; at += 4' },
  ],
});
