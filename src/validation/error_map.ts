// Where a kernel is wrong: each element's error as a share of its bound, and the worst one in full.
import type { Engine } from '../engine/engine.ts';
import { kernelSpec } from '../network/kernels.ts';
import { type Growth, worst } from '../oracle/bounds.ts';
import type { KernelCase } from './cases.ts';
import { type Judged, judge, type KernelResult, resultOf } from './check_kernel.ts';

/** The element of an operand that used most of its bound. */
export interface WorstElement {
  /** By the operand's dimensions: [row, unit]. */
  readonly indices: readonly number[];
  readonly got: number;
  readonly expected: number;
  /** 0 where nothing may be off. */
  readonly bound: number;
}

/** One operand that the kernel writes, or that it should have left alone. */
export interface ErrorMap {
  readonly operand: string;
  /** The names of its dimensions: ["rows", "units"]. */
  readonly dimensions: readonly string[];
  /** In use: an operand of one dimension is one row. */
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns]: error over bound; 0 is exact, above 1 is wrong. */
  readonly shares: Float32Array;
  /** Elements beyond their bound. */
  readonly wrong: number;
  readonly worst: WorstElement;
}

export interface MappedResult {
  readonly result: KernelResult;
  /** The operands that are written first, then any that was changed and should not have been. */
  readonly maps: readonly ErrorMap[];
}

/** As checkKernel(), with a map of every operand that the kernel writes or spoils. */
export async function mapErrors(
  engine: Engine,
  backend: string,
  kernelCase: KernelCase,
  growth: Growth = worst,
): Promise<MappedResult> {
  const judged = await judge(engine, kernelCase, growth);
  const { operands } = kernelSpec(kernelCase.kernel);
  const maps = judged.map((each) => mapOf(each, operands[each.operand].shape));
  const isWritten = ({ operand }: ErrorMap) => operands[operand].access !== 'read';
  return {
    result: resultOf(backend, kernelCase, judged),
    maps: [...maps.filter(isWritten), ...maps.filter((map) => !isWritten(map) && map.wrong > 0)],
  };
}

function mapOf(judged: Judged, dimensions: readonly string[]): ErrorMap {
  const { operand, shape, actual, exact, bounds, length } = judged;
  const columns = shape.at(-1)!;
  const shares = new Float32Array(length);
  const errorAt = (i: number) => Math.abs(actual[i] - exact[i]);
  let wrong = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const error = errorAt(i);
    // What is no number counts as infinitely wrong, as does any error where there must be none.
    const share = error === 0 ? 0 : error / (bounds?.[i] ?? 0);
    shares[i] = Number.isNaN(share) ? Infinity : share;
    if (shares[i] > 1) wrong++;
    const equal = shares[i] === shares[at] && !(errorAt(at) >= error);
    if (shares[i] > shares[at] || (equal && !Number.isNaN(errorAt(at)))) at = i;
  }
  const indices = shape.length > 1 ? [Math.floor(at / columns), at % columns] : [at];
  const worst = { indices, got: actual[at], expected: exact[at], bound: bounds?.[at] ?? 0 };
  return { operand, dimensions, rows: length / columns, columns, shares, wrong, worst };
}
