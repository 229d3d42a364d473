import type { PlantedErrors } from './planted.ts';

export const adamw: PlantedErrors = {
  wgsl: [
    { what: 'a wrong sign', from: 'p - step.learningRate', to: 'p + step.learningRate' },
    { what: 'a missing bias correction', from: 'step.correction1 * followed', to: 'followed' },
    { what: 'no look ahead', from: 'm + constants.lookahead * (g - m)', to: 'm' },
    { what: 'the wrong bias correction', from: 'step.correction2 * v', to: 'step.correction1 * v' },
    {
      what: 'ε under the root',
      from: 'sqrt(step.correction2 * v) + constants.epsilon',
      to: 'sqrt(step.correction2 * v + constants.epsilon)',
    },
    { what: 'a missing weight decay', from: ' + constants.weightDecay * p', to: '' },
    { what: 'a difference from the old moment left out', from: '(g - m0)', to: 'g' },
    {
      // Off by 1.3·10⁻⁵ for 0.999. 1 − (1 − x) itself would not do: a shader compiler may make x of it.
      what: '1 − β₂ of a rounded β₂',
      from: 'constants.oneMinusBeta2 *',
      to: '0.999987 * constants.oneMinusBeta2 *',
    },
    { what: 'the rate of the other moment', from: 'oneMinusBeta2 * (g', to: 'oneMinusBeta1 * (g' },
    ...['m0 + ', 'v0 + ', 'p - '].map((what) => ({
      what: `${what.slice(0, 2)} left subnormal`,
      from: `flush(${what}`,
      to: `(${what}`,
    })),
    { what: 'a last element left out', from: 'i < constants.count', to: 'i + 1 < constants.count' },
  ],
  assembly: [
    {
      what: 'a wrong sign',
      from: 'oneMinusBeta1 = f32x4.splat(first)',
      to: 'oneMinusBeta1 = f32x4.splat(-first)',
      file: 'update',
    },
    {
      what: '1 − β₂ of a rounded β₂',
      from: 'oneMinusBeta2 = f32x4.splat(second)',
      to: 'oneMinusBeta2 = f32x4.splat(1 - (1 - second))',
      file: 'update',
    },
    {
      what: 'the rate of the other moment',
      from: 'oneMinusBeta2 = f32x4.splat(second)',
      to: 'oneMinusBeta2 = f32x4.splat(first)',
      file: 'update',
    },
    ...['f32x4.add(m0', 'f32x4.add(v0', 'f32x4.sub(p'].map((what) => ({
      what: `${what.slice(10)} left subnormal`,
      from: `flush(${what}`,
      to: `(${what}`,
      file: 'update',
    })),
    {
      what: 'a missing bias correction',
      from: 'f32x4.div(f32x4.mul(c1, followed), root)',
      to: 'f32x4.div(followed, root)',
      file: 'update',
    },
    {
      what: 'the wrong bias correction',
      from: 'c2 = f32x4.splat(correction2)',
      to: 'c2 = f32x4.splat(correction1)',
      file: 'update',
    },
    {
      what: 'no look ahead',
      from: 'ahead = f32x4.splat(lookahead)',
      to: 'ahead = f32x4.splat(0)',
      file: 'update',
    },
    { what: 'a missing weight decay', from: 'useDecay(weightDecay)', to: 'useDecay(0)' },
    { what: 'a last vector left out', from: '(count + 3) / 4', to: 'count / 4 - 1' },
  ],
};
