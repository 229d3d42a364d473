// The contract of an engine: it owns the device, and executes plans. It is no tensor library: nothing but the
// kernel calls of a plan ever runs on it.

import type { Phase, Plan, TypedArray } from '../network/plan.ts';
import type { Step } from '../network/step.ts';
import type { Profiler } from './profile.ts';

export const BACKENDS = ['webgpu', 'wasm', 'tfjs'] as const;
export type Backend = (typeof BACKENDS)[number];

/** What an engine runs on. */
export interface EngineInfo {
  readonly backend: Backend;
  /** The device in words: "NVIDIA H100", "SwiftShader", "WASM relaxed-simd". */
  readonly adapter: string;
  /** 1 where the device does its own scheduling. */
  readonly threads: number;
  /**
   * Vector instructions: "relaxed-simd", "relaxed-simd unfused" where a multiply-add rounds twice, "simd", or "none".
   */
  readonly simd: string;
  /** WebGPU on the processor (SwiftShader, lavapipe). */
  readonly software: boolean;
}

/**
 * What decides the bits of a training beside its recipe, seed and data: "wasm simd", "webgpu NVIDIA H100".
 * Threads do not.
 */
export function buildOf({
  backend,
  adapter,
  simd,
}: Pick<EngineInfo, 'backend' | 'adapter' | 'simd'>): string {
  return `${backend} ${backend === 'wasm' ? simd : adapter}`;
}

/** A backend that was not chosen, or a faster variant of the chosen one, and the reason in words. */
export interface PassedOver {
  readonly what: string;
  readonly why: string;
}

/** One product in each of an engine's variants. */
export interface TuningRow {
  /** "dense_forward 784→128, 128 rows" */
  readonly shape: string;
  readonly milliseconds: { readonly [variant: string]: number };
  /** The fastest. */
  readonly chosen: string;
}

export interface Engine {
  readonly info: EngineInfo;
  /** The rows of an evaluation step that it likes best: what lower() is to make of a plan for it. */
  readonly evaluationBatch: number;
  /** Variants that `prepare` timed. */
  readonly tuning?: readonly TuningRow[];
  /**
   * Allocates a plan's buffers, zeroed, and compiles its kernels.
   * @throws InputError if the plan exceeds a limit of the device, naming it
   */
  prepare(plan: Plan): Promise<Executor>;
  dispose(): void;
}

/**
 * One plan on one engine: its data, parameters and optimizer state. Calls are executed in the order they are
 * made.
 */
export interface Executor extends Partial<Profiler> {
  readonly plan: Plan;
  /**
   * Fills a buffer from its beginning; `data` is in the plan's logical layout and may be shorter.
   * @throws InputError if it is longer or of another type: the buffer is then as it was
   */
  write(buffer: string, data: TypedArray): Promise<void>;
  /** A copy of a buffer in the plan's logical layout. */
  read(buffer: string): Promise<TypedArray>;
  /**
   * The buffer itself, if it lies in this process's memory as the plan has it. It stays as it is after
   * `dispose`.
   */
  view?(buffer: string): TypedArray | undefined;
  /**
   * Executes the phase's calls once for each step, without a host round trip in between.
   * @param steps at most MAX_STEPS_PER_RUN; `slot` is the index in this list
   * @returns float32 [steps, 2]: the sum of the batch's losses, and its correct rows
   */
  run(phase: Phase, steps: readonly Step[]): Promise<Float32Array>;
  dispose(): void;
}
