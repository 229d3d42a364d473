import { describeKernel } from './suite.ts';

describeKernel('softmax_cross_entropy', {
  wgsl: [
    { what: 'a wrong sign', from: 'probability - low', to: 'probability + low' },
    { what: 'a gradient that is not divided by the rows', from: '1.0 / f32(step.rows)', to: '1.0' },
    {
      what: 'a last class left out of the sum',
      from: 'c < constants.classes; c++) {\n    let z',
      to: 'c + 1 < constants.classes; c++) {\n    let z',
    },
    { what: 'a label that is off by one', from: 'c == label', to: 'c == label + 1' },
    { what: 'a loss without smoothing', from: ' - low * shifted', to: '' },
    {
      what: 'a tie won by the highest class',
      from: 'logits[row + c] > logits',
      to: 'logits[row + c] >= logits',
    },
    {
      what: 'metrics in the wrong slot',
      from: 'metrics[2 * step.slot] = loss',
      to: 'metrics[2 * step.slot + 2] = loss',
    },
  ],
  assembly: [
    { what: 'a wrong sign', from: '* inverse - low', to: '* inverse + low' },
    { what: 'a gradient that is not divided by the rows', from: '1 / <f32>rows', to: '1' },
    {
      what: 'a last class left out of the sum',
      from: 'c < classes; c++) {\n      const z',
      to: 'c + 1 < classes; c++) {\n      const z',
    },
    { what: 'a label that is off by one', from: 'c == target', to: 'c == target + 1' },
    { what: 'a loss without smoothing', from: ' - low * shifted', to: '' },
    { what: 'a tie won by the highest class', from: 'logit > largest', to: 'logit >= largest' },
    {
      what: 'an exponential cut short',
      from: 'p = p * r + <f32>(1.0 / 24.0);',
      to: 'p = p * r;',
      file: 'exponential',
    },
    {
      what: 'a logarithm cut short',
      from: 'p = p * s + <f32>(1.0 / 5.0);',
      to: 'p = p * s;',
      file: 'exponential',
    },
  ],
});
