// The float64 executor: it runs the same plan as an engine, and can show what float32 rounding does to a
// training.
import { kernelSpec } from '../network/kernels.ts';
import {
  ARRAYS,
  checkWrite,
  type KernelCall,
  type Phase,
  type Plan,
  sizeOf,
  type TypedArray,
} from '../network/plan.ts';
import { hash, toUnit } from '../network/random.ts';
import type { Step } from '../network/step.ts';
import { BOUNDS, likely } from './bounds.ts';
import { ORACLE_KERNELS, type Values } from './kernels.ts';

export interface OracleOptions {
  /**
   * Moves every element that a kernel writes by a random part of its likely float32 error, seeded by this
   * number: Monte Carlo arithmetic (Parker, "Monte Carlo Arithmetic", UCLA CSD-970002, 1997). A training so
   * perturbed strays as far as one of a correct float32 engine may.
   */
  readonly perturb?: number;
}

export class Oracle {
  readonly plan: Plan;
  private readonly buffers: Record<string, Values> = {};
  private readonly perturb: number | undefined;
  private draws = 0;

  constructor(plan: Plan, options: OracleOptions = {}) {
    this.plan = plan;
    this.perturb = options.perturb;
    for (const [name, spec] of Object.entries(plan.buffers)) {
      const Constructor = { ...ARRAYS, float32: Float64Array }[spec.type];
      this.buffers[name] = new Constructor(sizeOf(spec));
    }
  }

  /** float64 will do where the plan says float32. */
  write(buffer: string, data: Values | TypedArray): void {
    checkWrite(this.plan, buffer, data instanceof Float64Array ? Float32Array.from(data) : data);
    this.buffers[buffer].set(data);
  }

  /** The buffer itself, not a copy. */
  read(buffer: string): Values {
    return this.buffers[buffer];
  }

  /** @returns float64 [steps, 2] as Executor.run does */
  run(phase: Phase, steps: readonly Step[]): Float64Array {
    for (const step of steps) for (const call of this.plan.calls[phase]) this.call(call, step);
    return Float64Array.from(this.buffers.metrics ?? []).subarray(0, 2 * steps.length);
  }

  private call({ kernel, operands: bound, constants }: KernelCall, step: Step): void {
    const { operands: table } = kernelSpec(kernel);
    const operands = Object.fromEntries(
      Object.keys(table).map((operand) => [operand, this.buffers[bound[operand]]]),
    );
    const bounds = this.perturb === undefined ? {} : BOUNDS[kernel](operands, constants, step, likely);
    ORACLE_KERNELS[kernel](operands, constants, step);
    for (const [operand, bound] of Object.entries(bounds)) this.disturb(operands[operand], bound);
  }

  private disturb(values: Values, bound: Float64Array): void {
    const key = hash(this.perturb!, 0, this.draws++);
    for (let i = 0; i < bound.length; i++) {
      if (bound[i] > 0 && values[i] !== 0) values[i] += bound[i] * (2 * toUnit(hash(key, 0, i)) - 1);
    }
  }
}
