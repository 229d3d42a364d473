// The kernels in float64, written for reading: plain loops over the definition in src/network/kernels.ts.
import type { KernelName, Step } from '../../src/network/kernels.ts';
import { hash, keepsUnit } from '../../src/network/random.ts';

export type Values = Float64Array | Uint32Array | Uint8Array;
export type Operands = { readonly [operand: string]: Values };
export type Constants = { readonly [constant: string]: number };
export type OracleKernel = (operands: Operands, constants: Constants, step: Step) => void;

export const ORACLE_KERNELS: { readonly [K in KernelName]: OracleKernel } = {
  gather_batch({ images, labels, order, x, targets }, { inputs, scale }, step) {
    for (let r = 0; r < step.rows; r++) {
      const sample = order[step.first + r];
      targets[r] = labels[sample];
      for (let i = 0; i < inputs; i++) x[r * inputs + i] = images[sample * inputs + i] * scale;
    }
  },

  dense_forward({ x, kernel, bias, y }, { inputs, units, relu, dropout, seed, stream }, step) {
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
        const active = relu ? Math.max(sum, 0) : sum;
        const kept = dropout === 0 || keepsUnit(key, r, u, dropout);
        y[r * units + u] = kept ? active / (1 - dropout) : 0;
      }
    }
  },

  softmax_cross_entropy({ logits, targets, dlogits, metrics }, { classes, smoothing }, step) {
    let loss = 0;
    let correct = 0;
    for (let r = 0; r < step.rows; r++) {
      const row = Float64Array.from(logits.subarray(r * classes, (r + 1) * classes));
      if (argmax(row) === targets[r]) correct++;
      const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
      const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0)) + largest;
      for (let c = 0; c < classes; c++) {
        const target = smoothing / classes + (c === targets[r] ? 1 - smoothing : 0);
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

  dense_backward_input({ dy, kernel, x, dx }, { inputs, units, scale }, step) {
    for (let r = 0; r < step.rows; r++) {
      for (let i = 0; i < inputs; i++) {
        let sum = 0;
        if (x[r * inputs + i] > 0) {
          for (let u = 0; u < units; u++) sum += dy[r * units + u] * kernel[i * units + u];
        }
        dx[r * inputs + i] = sum * scale;
      }
    }
  },

  sgd({ parameter, gradient, velocity }, { count, momentum, weightDecay }, step) {
    for (let i = 0; i < count; i++) {
      velocity[i] = momentum * velocity[i] + gradient[i];
      parameter[i] -= step.learningRate * (velocity[i] + weightDecay * parameter[i]);
    }
  },

  adamw({ parameter, gradient, moment1, moment2 }, { count, beta1, beta2, epsilon, weightDecay }, step) {
    for (let i = 0; i < count; i++) {
      const g = gradient[i];
      moment1[i] = beta1 * moment1[i] + (1 - beta1) * g;
      moment2[i] = beta2 * moment2[i] + (1 - beta2) * g * g;
      const change = (step.correction1 * moment1[i]) / (Math.sqrt(step.correction2 * moment2[i]) + epsilon);
      parameter[i] -= step.learningRate * (change + weightDecay * parameter[i]);
    }
  },

  confusion({ logits, targets, confusion }, { classes }, step) {
    for (let r = 0; r < step.rows; r++) {
      confusion[targets[r] * classes + argmax(logits.subarray(r * classes, (r + 1) * classes))]++;
    }
  },
};

/** The lowest index of the largest value. */
function argmax(row: Values): number {
  let best = 0;
  for (let c = 1; c < row.length; c++) if (row[c] > row[best]) best = c;
  return best;
}
