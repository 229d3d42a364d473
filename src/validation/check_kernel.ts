// One kernel on one engine against the oracle: every element within its derived bound, everything else
// untouched.

import type { Engine } from '../engine/engine.ts';
import { type KernelName, kernelSpec } from '../network/kernels.ts';
import type { Plan } from '../network/plan.ts';
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

/**
 * @param backend what the row is to say of the engine: "wasm relaxed", "webgpu"
 * @param growth how errors add up: `worst`, or `mixed` where products are of float16
 */
export async function checkKernel(
  engine: Engine,
  backend: string,
  kernelCase: KernelCase,
  growth: Growth = worst,
): Promise<KernelResult> {
  const { kernel, shape, step, contents } = kernelCase;
  const { operands: table } = kernelSpec(kernel);
  const { plan, exact: exactOf, bounds } = expected(kernelCase, growth);

  const executor = await engine.prepare(plan);
  let maxAbsError = 0;
  let maxRelError = 0;
  let share = 0;
  let tolerance = 0;
  try {
    for (const [name, data] of Object.entries(contents)) await executor.write(name, data);
    await executor.run('train', [step]);
    for (const name of Object.keys(table)) {
      const actual = await executor.read(name);
      const exact = exactOf[name];
      // What lies in rows that are not in use is nobody's business: engines compute in whole tiles.
      const { access, shape: dimensions } = table[name as keyof typeof table];
      const inRows = access === 'write' && dimensions[0] === 'rows';
      const length = inRows ? (actual.length / plan.buffers[name].shape[0]) * step.rows : actual.length;
      for (let i = 0; i < length; i++) {
        const error = Math.abs(actual[i] - exact[i]);
        const bound = bounds[name]?.[i] ?? 0;
        // NaN compares false with everything: it must not pass for a small error.
        const used = error === 0 ? 0 : error <= bound ? error / bound : Infinity;
        if (error > 0 || Number.isNaN(error)) maxAbsError = Math.max(maxAbsError, error);
        if (exact[i] !== 0) maxRelError = Math.max(maxRelError, error / Math.abs(exact[i]));
        if (used >= share) {
          share = used;
          tolerance = Math.max(bound, tolerance * Number(used === share && share === 0));
        }
      }
    }
  } finally {
    executor.dispose();
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
