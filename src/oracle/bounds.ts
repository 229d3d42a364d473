// How far a correct float32 kernel may be from the exact result, element by element, for the inputs at hand.
//
// u = 2⁻²⁴ is the largest relative error of one rounding. A sum of n products in any order, fused or not, is
// within γ(n)·Σ|a·b| of the exact one, γ(n) = n·u/(1 − n·u) (`worst`; Higham, "Accuracy and Stability of
// Numerical Algorithms", section 3.1). Division, exp, log and sqrt are taken as inaccurate as WGSL allows
// (section "Floating Point Accuracy"): 2.5 ULP, (3 + 2|x|) ULP, 3 ULP or 2⁻²¹, and 4.5 ULP (1/inverseSqrt);
// one ULP is at most 2u. Constants that are no whole numbers count as one rounding wherever they are used.

import { ACTIVATION_CODES, derivative } from '../network/activation.ts';
import { nodesOf } from '../network/distortion_field.ts';
import { FLUSH_THRESHOLD, type KernelName } from '../network/kernels.ts';
import type { Step } from '../network/step.ts';
import { type Constants, distortedRow, flush, type Operands } from './kernels.ts';

export const UNIT_ROUNDOFF = 2 ** -24;
const u = UNIT_ROUNDOFF;
const DIVISION = 5 * u;
const SQUARE_ROOT = 9 * u;
const EXPONENTIAL = (x: number) => (6 + 4 * Math.abs(x)) * u;
const LOGARITHM = (result: number) => Math.max(2 ** -21, 6 * u * Math.abs(result));

/**
 * What an activation adds to the error of its argument, absolutely. e^−|z| is within (6 + 4|z|)·u of itself,
 * and
 * |z|·e^−|z| below ½: within 8u absolutely. 1/(1 + e) turns that into as much, and adds two roundings and a
 * division: 15u. (1 − e)/(1 + e) has it twice: 25u.
 */
const OWN_ERROR: { readonly [code: number]: number } = {
  [ACTIVATION_CODES.sigmoid]: 15 * u,
  [ACTIVATION_CODES.tanh]: 25 * u,
};

/** 1 − a² and a·(1 − a), of a that was divided by the scale: that twice, and three roundings. */
const DERIVATIVE = 2 * DIVISION + 3 * u;

/** A subnormal number may count as zero. */
const FLUSH = 2 ** -126;

/** A probability below e⁻⁶⁹ may count as zero. */
const NO_PROBABILITY = Math.exp(-69);

/**
 * The bound of a value that an optimizer flushes: none if it is zero for certain; close to the threshold it
 * may be zero, or left, in spite of what the oracle did.
 * @param value before it is flushed
 */
function flushed(value: number, bound: number): number {
  if (Math.abs(value) + bound < FLUSH_THRESHOLD) return 0;
  return Math.abs(value) - bound < FLUSH_THRESHOLD ? Math.abs(value) + bound : bound;
}

/** The worst that n roundings can do, relative to the sum of magnitudes. */
export function worst(n: number): number {
  return (n * u) / (1 - n * u);
}

/**
 * What n roundings of random sign do: √n·u (Higham and Mary, "A New Approach to Probabilistic Rounding Error
 * Analysis", SIAM J. Sci. Comput. 41(5), 2019, theorem 3.1 with λ = 1).
 */
export function likely(n: number): number {
  return Math.sqrt(n) * u;
}

/**
 * A rounding to float16 loses at most this share (11 bits); below 2⁻¹⁴ it loses more, which large terms
 * outweigh.
 */
const HALF_ROUNDOFF = 2 ** -11;

/** As {@link worst}, of products whose two factors were rounded to float16 first. */
export function mixed(n: number): number {
  return worst(n) + 2 * HALF_ROUNDOFF + HALF_ROUNDOFF ** 2;
}

/** How far √(a ± error) may be from √a: at most √error, and error/√a. */
function rootError(a: number, error: number): number {
  return Math.min(Math.sqrt(error), a > 0 ? error / Math.sqrt(a) : Infinity);
}

/** How errors add up over n roundings: {@link worst} or {@link likely}. */
export type Growth = (n: number) => number;

/** Bounds of the operands that a kernel writes; an operand that is left out must be exact. */
export type Bounds = { readonly [operand: string]: Float64Array };

const sumOf = (values: ArrayLike<number>, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.abs(values[from + i])).reduce((a, b) => a + b, 0);

/** Called with the operands as they are before the kernel runs. */
export const BOUNDS: {
  readonly [K in KernelName]: (operands: Operands, constants: Constants, step: Step, gamma: Growth) => Bounds;
} = {
  distort(operands, constants, step) {
    const { smoothRows, smoothColumns, distorted } = operands;
    const { width, height, scale, shear, shift, elastic } = constants;
    const bound = new Float64Array(distorted.length);
    // Where a pixel comes from has some forty-five roundings: of constants, the random numbers, the matrix,
    // the field and the sum.
    const longest = (weights: ArrayLike<number>, nodes: number) =>
      Math.max(...Array.from({ length: nodes }, (_, n) => sumOf(weights, n * nodes, nodes)));
    const field = elastic * longest(smoothRows, nodesOf(height)) * longest(smoothColumns, nodesOf(width));
    const matrix = (1 + scale) * (1 + shear);
    const place = worst(45) * (matrix * (width + height) + shift + field);
    // Two neighbours differ by 255 at most, and four samples are mixed.
    const sample = 255 * (2 * place + worst(10));
    for (let r = 0; r < step.rows; r++) {
      const values = distortedRow(operands, constants, step, r);
      for (const [i, value] of values.entries()) {
        // Rounded to the other side, where it lies in the middle.
        const middle = Math.abs(value - Math.floor(value) - 0.5);
        bound[r * values.length + i] = middle <= sample ? 1 : 0;
      }
    }
    return { distorted: bound };
  },

  gather_batch({ images, order, x }, { inputs, scale }, step) {
    const bound = new Float64Array(x.length);
    for (let r = 0; r < step.rows; r++) {
      for (let i = 0; i < inputs; i++) {
        // The scale's rounding, and the product's.
        bound[r * inputs + i] = worst(2) * scale * images[order[step.first + r] * inputs + i];
      }
    }
    return { x: bound };
  },

  dense_forward({ x, kernel, bias, y }, { inputs, units, activation, dropped, keptScale }, step, gamma) {
    const bound = new Float64Array(y.length);
    const scale = dropped > 0 ? keptScale : 1;
    // `inputs` products, the bias, the slope below zero and its multiplication, and with dropout the scale
    // and its own. No activation is steeper than 1.
    const slope = activation === ACTIVATION_CODES.leaky_relu ? 2 : 0;
    const relative = gamma(inputs + 1 + slope + (dropped > 0 ? 2 : 0)) * scale;
    const own = scale * (OWN_ERROR[activation] ?? 0);
    for (let r = 0; r < step.rows; r++) {
      const sums = bound.subarray(r * units, (r + 1) * units);
      for (let i = 0; i < inputs; i++) {
        const value = Math.abs(x[r * inputs + i]);
        if (value === 0) continue;
        for (let n = 0; n < units; n++) sums[n] += value * Math.abs(kernel[i * units + n]);
      }
      for (let n = 0; n < units; n++)
        sums[n] = relative * (sums[n] + Math.abs(bias[n])) + own + inputs * FLUSH * scale;
    }
    return { y: bound };
  },

  softmax_cross_entropy({ logits, targets, dlogits, metrics }, constants, step, gamma) {
    const { classes, classWeight, labelWeight } = constants;
    const dlogitsBound = new Float64Array(dlogits.length);
    const metricsBound = new Float64Array(metrics.length);
    let lossBound = 0;
    let lossSum = 0;
    for (let r = 0; r < step.rows; r++) {
      const row = Float64Array.from(logits.subarray(r * classes, (r + 1) * classes));
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const z = Float64Array.from(row, (logit) => logit - largest);
      // z itself is rounded, which eᶻ turns into a relative error of u·|z|.
      const relative = z.map((value) => EXPONENTIAL(value) + u * Math.abs(value));
      const e = z.map(Math.exp);
      const sum = e.reduce((a, b) => a + b, 0);
      const sumRelative =
        gamma(classes) + e.reduce((error, value, c) => error + (value / sum) * relative[c], 0);
      let loss = Math.log(sum);
      let magnitude = 0;
      for (let c = 0; c < classes; c++) {
        const target = classWeight + (c === targets[r] ? labelWeight : 0);
        const probability = e[c] / sum;
        loss -= target * z[c];
        magnitude += target * Math.abs(z[c]);
        // The target's two parts, two subtractions, the scale's multiplication and its own rounding: six, and
        // a division.
        dlogitsBound[r * classes + c] =
          (probability * (relative[c] + sumRelative + DIVISION + u) +
            (probability + target) * (6 * u + DIVISION) +
            NO_PROBABILITY) /
          step.rows;
      }
      // z, its sum over the classes, the weight and its multiplication, two subtractions.
      lossBound += sumRelative + LOGARITHM(Math.log(sum)) + gamma(classes + 5) * magnitude;
      lossSum += loss;
    }
    metricsBound[2 * step.slot] = lossBound + gamma(step.rows + 3) * lossSum;
    return { dlogits: dlogitsBound, metrics: metricsBound };
  },

  dense_backward_weight({ x, dy, dkernel, dbias }, { inputs, units }, step, gamma) {
    const kernelBound = new Float64Array(dkernel.length);
    const biasBound = new Float64Array(dbias.length);
    for (let r = 0; r < step.rows; r++) {
      for (let n = 0; n < units; n++) biasBound[n] += Math.abs(dy[r * units + n]);
      for (let i = 0; i < inputs; i++) {
        const value = Math.abs(x[r * inputs + i]);
        if (value === 0) continue;
        for (let n = 0; n < units; n++) kernelBound[i * units + n] += value * Math.abs(dy[r * units + n]);
      }
    }
    const relative = gamma(step.rows);
    const scaled = (sum: number) => relative * sum + step.rows * FLUSH;
    return { dkernel: kernelBound.map(scaled), dbias: biasBound.map(scaled) };
  },

  dense_backward_input({ dy, kernel, x, dx }, { inputs, units, activation, scale }, step, gamma) {
    const bound = new Float64Array(dx.length);
    // The scale and its multiplication, and the same of the slope below zero.
    const relative = gamma(units + (activation === ACTIVATION_CODES.leaky_relu ? 4 : 2));
    const own = activation >= ACTIVATION_CODES.tanh ? DERIVATIVE * scale : 0;
    for (let r = 0; r < step.rows; r++) {
      for (let i = 0; i < inputs; i++) {
        const factor = Math.abs(derivative(activation, x[r * inputs + i], scale));
        if (factor === 0) continue;
        let sum = 0;
        for (let n = 0; n < units; n++) sum += Math.abs(dy[r * units + n] * kernel[i * units + n]);
        bound[r * inputs + i] = (relative * factor + own) * sum + units * FLUSH * Math.max(1, factor);
      }
    }
    return { dx: bound };
  },

  sgd({ parameter, gradient, velocity }, { momentum, weightDecay }, step) {
    const velocityBound = new Float64Array(velocity.length);
    const parameterBound = new Float64Array(parameter.length);
    for (let i = 0; i < parameter.length; i++) {
      const p = parameter[i];
      const v = momentum * velocity[i] + gradient[i];
      // Momentum, its multiplication, and the sum.
      const vTerms = Math.abs(momentum * velocity[i]) + Math.abs(gradient[i]);
      velocityBound[i] = flushed(v, 3 * u * vTerms + FLUSH);
      const change = flush(v) + weightDecay * p;
      const terms = vTerms + weightDecay * Math.abs(p);
      const bound =
        step.learningRate * (velocityBound[i] + 5 * u * terms) +
        u * (Math.abs(p) + step.learningRate * terms);
      parameterBound[i] = flushed(p - step.learningRate * change, bound + FLUSH);
    }
    return { velocity: velocityBound, parameter: parameterBound };
  },

  adamw({ parameter, gradient, moment1, moment2 }, constants, step) {
    const { oneMinusBeta1, oneMinusBeta2, epsilon, lookahead, weightDecay } = constants;
    const { correction1, correction2, learningRate } = step;
    const moment1Bound = new Float64Array(moment1.length);
    const moment2Bound = new Float64Array(moment2.length);
    const parameterBound = new Float64Array(parameter.length);
    for (let i = 0; i < parameter.length; i++) {
      const p = parameter[i];
      const g = gradient[i];
      // The roundings of each moment: the difference, the constant, its multiplication, and the sum; of the
      // second, the square as well.
      const dm = oneMinusBeta1 * (g - moment1[i]);
      const dv = oneMinusBeta2 * (g * g - moment2[i]);
      const m = moment1[i] + dm;
      const v = moment2[i] + dv;
      moment1Bound[i] = flushed(m, 4 * u * Math.abs(dm) + 2 * u * Math.abs(m) + FLUSH);
      const square = u * oneMinusBeta2 * g * g;
      moment2Bound[i] = flushed(v, square + 4 * u * Math.abs(dv) + 2 * u * v + FLUSH);

      const radicand = correction2 * flush(v);
      const radicandBound = correction2 * moment2Bound[i] + 2 * u * radicand;
      const squareRoot = Math.sqrt(radicand);
      const root = squareRoot + epsilon;
      const rootBound = rootError(radicand, radicandBound) + SQUARE_ROOT * squareRoot + 2 * u * root;
      const rootRelative = rootBound / (root - rootBound);
      // The constant, the difference, its multiplication, and the sum.
      const ahead = lookahead * (g - flush(m));
      const followed = flush(m) + ahead;
      const followedBound =
        moment1Bound[i] + 3 * u * Math.abs(ahead) + (lookahead > 0 ? u : 0) * Math.abs(followed);
      const change = Math.abs((correction1 * followed) / root);
      const changeBound =
        ((correction1 * followedBound) / root) * (1 + rootRelative) +
        change * (rootRelative + DIVISION + 3 * u);
      const decay = weightDecay * Math.abs(p);
      const bound =
        learningRate * (changeBound + 5 * u * (change + decay)) +
        u * (Math.abs(p) + learningRate * (change + decay));
      const signed = (correction1 * followed) / root + weightDecay * p;
      parameterBound[i] = flushed(p - learningRate * signed, bound + FLUSH);
    }
    return { moment1: moment1Bound, moment2: moment2Bound, parameter: parameterBound };
  },

  confusion: () => ({}),

  // Integers, and one product that every engine rounds alike.
  gather_batch_int8: () => ({}),
  dense_forward_int8: () => ({}),
  dense_output_int8: () => ({}),
};
