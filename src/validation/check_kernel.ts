// One kernel on one engine against the oracle: every element within its derived bound, everything else
// untouched.

import type { Engine } from '../engine/engine.ts';
import { type KernelName, kernelSpec } from '../network/kernels.ts';
import type { Plan, TypedArray } from '../network/plan.ts';
import { BOUNDS, type Growth, worst } from '../oracle/bounds.ts';
import type { Values } from '../oracle/kernels.ts';
import { Oracle } from '../oracle/oracle.ts';
import { type KernelCase, planOf } from './cases.ts';

/** A row of `validate`. */
export interface KernelResult {
  readonly kernel: KernelName;
  readonly backend: string;
  readonly shape: string;
  readonly maxAbsError: number;
  /** Over elements with an exact value other than zero. */
  readonly maxRelError: number;
  /** The bound of the element that came closest to its own. */
  readonly tolerance: number;
  /** The largest error as a share of its element's bound: at most 1. */
  readonly share: number;
  readonly pass: boolean;
}

/** One operand after the kernel ran: every element that counts, what it should be, and how far it may be off. */
export interface Judged {
  readonly operand: string;
  /** The plan's, row-major; the last rows may not be in use. */
  readonly shape: readonly number[];
  readonly actual: TypedArray;
  readonly exact: Values;
  /** Undefined where nothing may be off. */
  readonly bounds: Float64Array | undefined;
  /** Elements that count, from the first: what lies in rows that are not in use is nobody's business. */
  readonly length: number;
}

/** @param growth how errors add up: `worst`, or `mixed` where products are of float16 */
export async function judge(
  engine: Engine,
  kernelCase: KernelCase,
  growth: Growth = worst,
): Promise<Judged[]> {
  const { kernel, step, contents } = kernelCase;
  const { operands: table } = kernelSpec(kernel);
  const { plan, exact: exactOf, bounds } = expected(kernelCase, growth);
  const executor = await engine.prepare(plan);
  try {
    for (const [name, data] of Object.entries(contents)) await executor.write(name, data);
    await executor.run('train', [step]);
    const judged: Judged[] = [];
    for (const [operand, { access, shape: dimensions }] of Object.entries(table)) {
      const actual = await executor.read(operand);
      const { shape } = plan.buffers[operand];
      const inRows = access === 'write' && dimensions[0] === 'rows';
      const length = inRows ? (actual.length / shape[0]) * step.rows : actual.length;
      judged.push({
        operand,
        shape,
        actual,
        exact: exactOf[operand],
        bounds: bounds[operand],
        length,
      });
    }
    return judged;
  } finally {
    executor.dispose();
  }
}

/** The error of an element as a share of its bound: Infinity where it is beyond, or where it is no number. */
export function shareOf({ actual, exact, bounds }: Judged, index: number): number {
  const error = Math.abs(actual[index] - exact[index]);
  const bound = bounds?.[index] ?? 0;
  // NaN compares false with everything: it must not pass for a small error.
  return error === 0 ? 0 : error <= bound ? error / bound : Infinity;
}

/** @param backend what the row is to say of the engine: "wasm relaxed", "webgpu" */
export async function checkKernel(
  engine: Engine,
  backend: string,
  kernelCase: KernelCase,
  growth: Growth = worst,
): Promise<KernelResult> {
  return resultOf(backend, kernelCase, await judge(engine, kernelCase, growth));
}

export function resultOf(
  backend: string,
  { kernel, shape }: KernelCase,
  judged: readonly Judged[],
): KernelResult {
  let maxAbsError = 0;
  let maxRelError = 0;
  let share = 0;
  let tolerance = 0;
  for (const each of judged) {
    const { actual, exact, bounds, length } = each;
    for (let i = 0; i < length; i++) {
      const error = Math.abs(actual[i] - exact[i]);
      const bound = bounds?.[i] ?? 0;
      const used = shareOf(each, i);
      if (error > 0 || Number.isNaN(error)) maxAbsError = Math.max(maxAbsError, error);
      if (exact[i] !== 0) maxRelError = Math.max(maxRelError, error / Math.abs(exact[i]));
      if (used >= share) {
        share = used;
        tolerance = Math.max(bound, tolerance * Number(used === share && share === 0));
      }
    }
  }
  return { kernel, backend, shape, maxAbsError, maxRelError, tolerance, share, pass: share <= 1 };
}

interface Expected {
  readonly plan: Plan;
  /** Every operand after the kernel ran. */
  readonly exact: { readonly [operand: string]: Values };
  /** How far its elements may be off; none may where there is no bound. */
  readonly bounds: { readonly [operand: string]: Float64Array };
}

/** What the oracle makes of a case is the same for all engines. */
const known = new WeakMap<KernelCase, Map<Growth, Expected>>();

function expected(kernelCase: KernelCase, growth: Growth): Expected {
  const byGrowth = known.get(kernelCase) ?? new Map<Growth, Expected>();
  known.set(kernelCase, byGrowth);
  const made = byGrowth.get(growth) ?? computed(kernelCase, growth);
  byGrowth.set(growth, made);
  return made;
}

function computed(kernelCase: KernelCase, growth: Growth): Expected {
  const { kernel, constants, step, contents } = kernelCase;
  const plan = planOf(kernelCase);
  const oracle = new Oracle(plan);
  for (const [name, data] of Object.entries(contents)) oracle.write(name, data);
  const exact = Object.fromEntries(Object.keys(contents).map((name) => [name, oracle.read(name)]));
  // The oracle computes in place: bounds are of the operands before.
  const bounds = BOUNDS[kernel](exact, constants, step, growth);
  oracle.run('train', [step]);
  return { plan, exact, bounds };
}
