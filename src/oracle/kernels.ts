// The kernels in float64, written for reading: plain loops over the definition in src/network/kernels.ts.
// Constants are doubles here; what an engine loses by rounding them to float32 is part of its error.

import { activate, derivative } from '../network/activation.ts';
import { nodesOf } from '../network/distortion_field.ts';
import { FLUSH_THRESHOLD, type KernelName } from '../network/kernels.ts';
import { quantisedPixel } from '../network/quantisation.ts';
import { hash, keepsUnit, toUnit } from '../network/random.ts';
import type { Step } from '../network/step.ts';

export type Values = Float64Array | Uint32Array | Int32Array | Uint8Array | Int8Array;
export type Operands = { readonly [operand: string]: Values };
export type Constants = { readonly [constant: string]: number };
export type OracleKernel = (operands: Operands, constants: Constants, step: Step) => void;

export const ORACLE_KERNELS: { readonly [K in KernelName]: OracleKernel } = {
  distort(operands, constants, step) {
    const { labels, order, distorted, distortedLabels } = operands;
    const inputs = constants.width * constants.height;
    for (let r = 0; r < step.rows; r++) {
      const values = distortedRow(operands, constants, step, r);
      for (let i = 0; i < inputs; i++) distorted[r * inputs + i] = Math.floor(values[i] + 0.5);
      distortedLabels[r] = labels[order[step.first + r]];
    }
  },

  gather_batch({ images, labels, order, x, targets }, { inputs, scale }, step) {
    for (let r = 0; r < step.rows; r++) {
      const sample = order[step.first + r];
      targets[r] = labels[sample];
      for (let i = 0; i < inputs; i++) x[r * inputs + i] = images[sample * inputs + i] * scale;
    }
  },

  dense_forward(
    { x, kernel, bias, y },
    { inputs, units, activation, dropped, keptScale, seed, stream },
    step,
  ) {
    const key = hash(seed, stream, step.number);
    for (let r = 0; r < step.rows; r++) {
      const sums = new Float64Array(units);
      for (let i = 0; i < inputs; i++) {
        const value = x[r * inputs + i];
        if (value === 0) continue;
        for (let u = 0; u < units; u++) sums[u] += value * kernel[i * units + u];
      }
      for (let u = 0; u < units; u++) {
        const sum = sums[u] + bias[u];
        const active = activate(activation, sum);
        if (dropped === 0) y[r * units + u] = active;
        else y[r * units + u] = keepsUnit(key, r, u, dropped) ? active * keptScale : 0;
      }
    }
  },

  softmax_cross_entropy({ logits, targets, dlogits, metrics }, { classes, classWeight, labelWeight }, step) {
    let loss = 0;
    let correct = 0;
    for (let r = 0; r < step.rows; r++) {
      const row = Float64Array.from(logits.subarray(r * classes, (r + 1) * classes));
      if (argmax(row) === targets[r]) correct++;
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
      for (let c = 0; c < classes; c++) {
        const target = classWeight + (c === targets[r] ? labelWeight : 0);
        loss -= target * (row[c] - logSum);
        dlogits[r * classes + c] = (Math.exp(row[c] - logSum) - target) / step.rows;
      }
    }
    metrics[2 * step.slot] = loss;
    metrics[2 * step.slot + 1] = correct;
  },

  dense_backward_weight({ x, dy, dkernel, dbias }, { inputs, units }, step) {
    dkernel.fill(0);
    dbias.fill(0);
    for (let r = 0; r < step.rows; r++) {
      for (let u = 0; u < units; u++) dbias[u] += dy[r * units + u];
      for (let i = 0; i < inputs; i++) {
        const value = x[r * inputs + i];
        if (value === 0) continue;
        for (let u = 0; u < units; u++) dkernel[i * units + u] += value * dy[r * units + u];
      }
    }
  },

  dense_backward_input({ dy, kernel, x, dx }, { inputs, units, activation, scale }, step) {
    for (let r = 0; r < step.rows; r++) {
      for (let i = 0; i < inputs; i++) {
        const factor = derivative(activation, x[r * inputs + i], scale);
        let sum = 0;
        if (factor !== 0) {
          for (let u = 0; u < units; u++) sum += dy[r * units + u] * kernel[i * units + u];
        }
        dx[r * inputs + i] = sum * factor;
      }
    }
  },

  sgd({ parameter, gradient, velocity }, { count, momentum, weightDecay }, step) {
    for (let i = 0; i < count; i++) {
      const p = parameter[i];
      velocity[i] = flush(momentum * velocity[i] + gradient[i]);
      parameter[i] = flush(p - step.learningRate * (velocity[i] + weightDecay * p));
    }
  },

  adamw({ parameter, gradient, moment1, moment2 }, constants, step) {
    const { count, oneMinusBeta1, oneMinusBeta2, epsilon, lookahead, weightDecay } = constants;
    for (let i = 0; i < count; i++) {
      const p = parameter[i];
      const g = gradient[i];
      moment1[i] = flush(moment1[i] + oneMinusBeta1 * (g - moment1[i]));
      moment2[i] = flush(moment2[i] + oneMinusBeta2 * (g * g - moment2[i]));
      const followed = moment1[i] + lookahead * (g - moment1[i]);
      const change = (step.correction1 * followed) / (Math.sqrt(step.correction2 * moment2[i]) + epsilon);
      parameter[i] = flush(p - step.learningRate * (change + weightDecay * p));
    }
  },

  confusion({ logits, targets, confusion }, { classes }, step) {
    for (let r = 0; r < step.rows; r++) {
      confusion[targets[r] * classes + argmax(logits.subarray(r * classes, (r + 1) * classes))]++;
    }
  },

  gather_batch_int8({ images, labels, order, x, targets }, { inputs }, step) {
    for (let r = 0; r < step.rows; r++) {
      const sample = order[step.first + r];
      targets[r] = labels[sample];
      for (let i = 0; i < inputs; i++) x[r * inputs + i] = quantisedPixel(images[sample * inputs + i]);
    }
  },

  dense_forward_int8(operands, constants, step) {
    denseInt8(operands, constants, step, (value) => Math.max(0, Math.min(127, roundHalfToEven(value))));
  },

  dense_output_int8(operands, constants, step) {
    denseInt8(operands, constants, step, (value) => value);
  },
};

/** Sums of integers, each times its unit's scale in one rounding to float32. */
function denseInt8(
  { x, kernel, bias, scale, y }: Operands,
  { inputs, units }: Constants,
  step: Step,
  output: (value: number) => number,
): void {
  for (let r = 0; r < step.rows; r++) {
    for (let u = 0; u < units; u++) {
      let sum = bias[u];
      for (let i = 0; i < inputs; i++) sum += x[r * inputs + i] * kernel[u * inputs + i];
      y[r * units + u] = output(Math.fround(Math.fround(sum) * scale[u]));
    }
  }
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Row `r` of the distorted batch before its values are rounded. @returns float64 [height·width] */
export function distortedRow(
  { images, order, smoothRows, smoothColumns }: Operands,
  { width, height, seed, stream, rotation, scale, shear, shift, elastic }: Constants,
  step: Step,
  r: number,
): Float64Array {
  const key = hash(seed, stream, step.number);
  const random = (counter: number) => step.distortion * (2 * toUnit(hash(key, r, counter)) - 1);
  const [rows, columns] = [nodesOf(height), nodesOf(width)];
  const field = (component: number) => {
    const drawn = Array.from(
      { length: rows * columns },
      (_, node) => elastic * random(8 + component * rows * columns + node),
    );
    const at = (y: number, x: number) => {
      let sum = 0;
      for (let v = 0; v < rows; v++)
        for (let h = 0; h < columns; h++)
          sum += smoothRows[y * rows + v] * smoothColumns[x * columns + h] * drawn[v * columns + h];
      return sum;
    };
    return Array.from({ length: rows }, (_, y) => Array.from({ length: columns }, (_, x) => at(y, x)));
  };
  const fields = [field(0), field(1)];
  const mix = (a: number, b: number, share: number) => a + share * (b - a);
  const bend = (nodes: number[][], i: number, j: number) => {
    const [x, y] = [i >> 2, j >> 2];
    const [upper, lower] = [nodes[y], nodes[y + 1]];
    const shareX = (i % 4) / 4;
    return mix(mix(upper[x], upper[x + 1], shareX), mix(lower[x], lower[x + 1], shareX), (j % 4) / 4);
  };
  const angle = 2 * Math.atan(rotation * random(0));
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [scaleX, scaleY] = [1 + scale * random(1), 1 + scale * random(2)];
  const k = shear * random(3);
  const centre = [(width - 1) / 2, (height - 1) / 2];
  const image = images.subarray(order[step.first + r] * width * height);
  const pixel = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? 0 : image[y * width + x];
  return Float64Array.from({ length: width * height }, (_, n) => {
    const [i, j] = [n % width, Math.floor(n / width)];
    // Scaled, sheared, and then turned about the centre.
    const [dx, dy] = [(i - centre[0]) * scaleX + k * (j - centre[1]) * scaleY, (j - centre[1]) * scaleY];
    const x = cos * dx - sin * dy + centre[0] + shift * random(4) + bend(fields[0], i, j);
    const y = sin * dx + cos * dy + centre[1] + shift * random(5) + bend(fields[1], i, j);
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const above = mix(pixel(left, top), pixel(left + 1, top), x - left);
    const below = mix(pixel(left, top + 1), pixel(left + 1, top + 1), x - left);
    return mix(above, below, y - top);
  });
}

/** What an optimizer leaves behind. */
export function flush(x: number): number {
  return Math.abs(x) < FLUSH_THRESHOLD ? 0 : x;
}

/** The lowest index of the largest value. */
function argmax(row: Values): number {
  let best = 0;
  for (let c = 1; c < row.length; c++) if (row[c] > row[best]) best = c;
  return best;
}
