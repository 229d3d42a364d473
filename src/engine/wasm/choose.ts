// Chooses what the WASM engine runs: the fastest build that runs here, and the number of threads.
import { InputError } from '../../errors.ts';
import type { PassedOver } from '../engine.ts';
import type { ThreadHost } from '../host.ts';
import { runsHere, simdOf, usesThreads, WASM_BUILDS, type WasmBuild } from './builds.ts';

export interface WasmOptions {
  /**
   * Left out, one for each processor (at most DEFAULT_THREADS). More than processors would only get in each other's
   * way: so many there are at most.
   */
  readonly threads?: number;
  /** One of the builds by name; left out, the fastest that runs here. */
  readonly build?: WasmBuild;
  /**
   * Skip pixels and activations that are zero, where that pays; true if left out. The results are the same.
   */
  readonly zeroSkipping?: boolean;
  /**
   * All threads that are asked for take part in each run, be it faster or not: so that checks see what they compute.
   * The results are the same.
   */
  readonly alwaysTogether?: boolean;
  /** Fuse the optimizer into the weight gradient; true if left out. The results are the same. */
  readonly fusions?: boolean;
}

/** More threads than this do not pay for networks of this kind unless asked for. */
const DEFAULT_THREADS = 16;

/**
 * @param passedOver gets the builds that would be faster but cannot run here
 * @throws InputError if threads or a build are asked for that this host cannot run, or if it has no SIMD
 */
export function chooseBuild(
  host: ThreadHost,
  options: WasmOptions,
  passedOver: PassedOver[],
): { readonly build: WasmBuild; readonly threads: number } {
  const { build } = options;
  if (build !== undefined && !WASM_BUILDS.includes(build)) {
    throw new InputError(`WASM build "${build}": expected one of ${WASM_BUILDS.join(', ')}`);
  }
  let threads = options.threads ?? Math.min(host.processors, DEFAULT_THREADS);
  if (threads > host.processors && !options.alwaysTogether) {
    threads = host.processors;
    passedOver.push({
      what: `wasm with ${options.threads} threads`,
      why: `there are ${host.processors} processors`,
    });
  }
  if (build !== undefined && !usesThreads(build)) {
    if (options.threads !== undefined && options.threads > 1) {
      throw new InputError(`WASM build "${build}" has one thread, ${options.threads} were asked for`);
    }
    threads = 1;
  }
  if (host.threadsUnavailable !== undefined && (threads > 1 || (build && usesThreads(build)))) {
    if (options.threads !== undefined || build !== undefined) {
      throw new InputError(`WASM threads cannot run here: ${host.threadsUnavailable}`);
    }
    passedOver.push({ what: 'wasm with threads', why: host.threadsUnavailable });
    threads = 1;
  }
  const candidates = build
    ? [build]
    : WASM_BUILDS.filter((candidate) => usesThreads(candidate) === threads > 1);
  const chosen = candidates.find((candidate) => {
    if (runsHere(candidate)) return true;
    passedOver.push({ what: `wasm ${candidate}`, why: `no ${simdOf(candidate)} instructions here` });
    return false;
  });
  if (chosen === undefined)
    throw new InputError(
      `WASM ${candidates.join(' and ')} cannot run here: no ${simdOf(candidates.at(-1)!)} instructions`,
    );
  return { build: chosen, threads };
}
